// Asks the resolver without blocking the loop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/net/socket_address.hpp"

namespace squall::net {

class Loop;

// One question at a time. Borrows the loop. Loop thread only. Destroying it drops the answer.
class Lookup {
 public:
  // As SocketAddress::resolve() says. May do anything to the Lookup, destroy it included.
  using Answer = std::function<void(Result<std::vector<SocketAddress>>)>;

  Lookup(Loop& loop, const std::string& host, std::uint16_t port, Answer on_answer);
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

 private:
  struct Core;
  Core* core_;  // freed when libuv's thread has let go of it
};

}  // namespace squall::net
