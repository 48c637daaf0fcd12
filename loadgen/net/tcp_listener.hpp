// A listening TCP socket on a loop.
#pragma once

#include <cstdint>
#include <functional>

#include "loadgen/base/result.hpp"
#include "loadgen/net/socket_address.hpp"

namespace squall::net {

class Loop;
class TcpStream;

// Borrows the loop. Loop thread only. Destroying it closes the socket; streams that it accepted
// live on.
class TcpListener {
 public:
  // `on_connection` is called for each connection that waits to be accepted and must accept() it.
  // It may not destroy the listener and must not throw.
  TcpListener(Loop& loop, std::function<void()> on_connection);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  // Binds (port 0: any free one) and listens. The port, or kUnavailable with address and reason.
  // Once only.
  [[nodiscard]] Result<std::uint16_t> listen(const SocketAddress& at);
  // The same in two steps, each 0 or errno: between them the address is taken and connections are
  // refused. A socket bound to [::] takes IPv4, too. Each once only; not with listen(address).
  [[nodiscard]] int bind(const SocketAddress& at);
  [[nodiscard]] int listen();
  // What it is bound to. REQUIRES: bound.
  [[nodiscard]] SocketAddress address() const;
  // Makes `into` the waiting connection, connected and reading. 0 or errno. REQUIRES: `into` is
  // closed and of the same loop; called from on_connection.
  [[nodiscard]] int accept(TcpStream& into);

 private:
  struct Core;
  Core* core_;  // freed in its close callback
};

}  // namespace squall::net
