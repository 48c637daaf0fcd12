// Listen addresses that were resolved before they are needed on a loop.
#pragma once

#include <map>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/net/socket_address.hpp"

namespace squall::faults {

// A value: made on a thread that may wait for the resolver, read on one that may not.
class ListenAddresses {
 public:
  // Asks the resolver if `text` needs it.
  void resolve(const std::string& text);
  // What resolve_listen() says. A name that nobody has resolved here is kUnavailable.
  [[nodiscard]] Result<net::SocketAddress> find(const std::string& text) const;

 private:
  std::map<std::string, Result<net::SocketAddress>> names_;
};

}  // namespace squall::faults
