#include "loadgen/net/tcp_listener.hpp"

#include <fmt/format.h>
#include <uv.h>

#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/socket_address.hpp"
#include "loadgen/net/tcp_stream.hpp"

namespace squall::net {

struct TcpListener::Core {
  uv_tcp_t handle{};
  bool open = true;
  std::function<void()> on_connection;

  [[nodiscard]] uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }

  static void on_waiting(uv_stream_t* stream, int status) noexcept {
    auto* const core = static_cast<Core*>(stream->data);
    // Failures to accept (out of descriptors) are the loop's to retry.
    if (core->open && status == 0) {
      core->on_connection();
    }
  }

  static void on_closed(uv_handle_t* handle) noexcept { delete static_cast<Core*>(handle->data); }
};

TcpListener::TcpListener(Loop& loop, std::function<void()> on_connection) : core_(new Core) {
  SQUALL_CHECK(uv_tcp_init(loop.raw(), &core_->handle) == 0);
  core_->handle.data = core_;
  core_->on_connection = std::move(on_connection);
}

TcpListener::~TcpListener() {
  core_->open = false;
  uv_close(reinterpret_cast<uv_handle_t*>(&core_->handle), Core::on_closed);
}

int TcpListener::bind(const SocketAddress& at) {
  return -uv_tcp_bind(&core_->handle, at.raw(), 0);
}

int TcpListener::listen() {
  constexpr int kBacklog = 4096;  // the kernel lowers it to its own limit
  return -uv_listen(core_->stream(), kBacklog, Core::on_waiting);
}

SocketAddress TcpListener::address() const {
  sockaddr_in6 bound{};
  int size = sizeof bound;
  SQUALL_CHECK(uv_tcp_getsockname(&core_->handle, reinterpret_cast<sockaddr*>(&bound), &size) == 0);
  return SocketAddress(reinterpret_cast<const sockaddr&>(bound));
}

Result<std::uint16_t> TcpListener::listen(const SocketAddress& at) {
  int error = bind(at);
  if (error == 0) {
    error = listen();
  }
  if (error != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("cannot listen on {}: {}", at.to_string(), uv_strerror(-error)));
  }
  return address().port();
}

int TcpListener::accept(TcpStream& into) {
  return into.accept_from(core_->stream());
}

}  // namespace squall::net
