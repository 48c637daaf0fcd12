#include "loadgen/net/tcp_stream.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "loadgen/base/check.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/socket_address.hpp"

namespace squall::net {

// The handle and what libuv may still call back for. Outlives the stream until the close callback.
struct TcpStream::Core {
  uv_tcp_t handle{};
  uv_connect_t connecting{};
  uv_shutdown_t shutting{};
  TcpStream* owner = nullptr;  // null once the stream has closed: late callbacks are dropped
  char* read_buffer = nullptr;
  unsigned writes = 0;  // queued, their callbacks not yet run
  bool connected = false;
  bool ended = false;
  bool write_failed = false;

  struct Write {
    uv_write_t request{};
    Core* core = nullptr;
    std::string copy;
  };

  explicit Core(TcpStream& stream) : owner(&stream), read_buffer(stream.loop_.read_buffer()) {
    handle.data = this;
    connecting.data = this;
  }

  [[nodiscard]] uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }
  [[nodiscard]] uv_handle_t* base() { return reinterpret_cast<uv_handle_t*>(&handle); }
  [[nodiscard]] int fd() const {
    uv_os_fd_t result = -1;
    const int error = uv_fileno(reinterpret_cast<const uv_handle_t*>(&handle), &result);
    return error == 0 ? result : -1;
  }
  // Unread bytes would turn the close into a reset. Bounded, so that a peer who sends for ever
  // cannot hold it up.
  void read_away() const {
    char scratch[16 * 1024];
    constexpr int kPieces = 64;
    for (int i = 0; i<kPieces&& ::recv(fd(), scratch, sizeof scratch, MSG_DONTWAIT)> 0; ++i) {
    }
  }

  // libuv reports an end without asking the kernel when a hang-up comes in one turn with the last
  // bytes: a reset looks the same to it. 0 for a true end, else the errno that reading gives.
  [[nodiscard]] int reset_behind_end() const {
    char byte = 0;
    return ::recv(fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno != EAGAIN ? errno : 0;
  }

  // After user code has been called nothing of a Core or its owner may be touched: either may be
  // gone.
  static void on_connect(uv_connect_t* request, int status) noexcept {
    auto* const core = static_cast<Core*>(request->data);
    if (core->owner == nullptr) {
      return;
    }
    core->owner->loop_.count_event();
    if (status < 0) {
      core->owner->events_->on_failure(TcpEvents::Side::kConnect, -status);
      return;
    }
    core->connected = true;
    core->owner->start_reading();
    core->owner->events_->on_connected();
  }

  static void on_alloc(uv_handle_t* handle, std::size_t /*suggested*/, uv_buf_t* buffer) noexcept {
    auto* const core = static_cast<Core*>(handle->data);
    buffer->base = core->read_buffer;
    const std::size_t limit = core->owner == nullptr ? 0 : core->owner->read_limit_;
    buffer->len = limit == 0 ? Loop::kReadBufferBytes : std::min(limit, Loop::kReadBufferBytes);
  }

  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept {
    auto* const core = static_cast<Core*>(stream->data);
    if (core->owner == nullptr || count == 0) {
      return;
    }
    core->owner->loop_.count_event();
    TcpEvents& events = *core->owner->events_;
    if (count > 0) {
      events.on_data({buffer->base, static_cast<std::size_t>(count)});
      return;
    }
    core->ended = true;
    const int error = count == UV_EOF ? core->reset_behind_end() : static_cast<int>(-count);
    if (error == 0) {
      events.on_end();
    } else {
      events.on_failure(TcpEvents::Side::kRead, error);
    }
  }

  static void on_written(uv_write_t* request, int status) noexcept {
    const std::unique_ptr<Write> done(static_cast<Write*>(request->data));
    Core* const core = done->core;
    --core->writes;
    if (core->owner == nullptr) {
      return;
    }
    core->owner->loop_.count_event();
    if (status < 0) {
      if (!core->write_failed) {
        core->write_failed = true;
        core->owner->events_->on_failure(TcpEvents::Side::kWrite, -status);
      }
    } else if (core->writes == 0) {
      core->owner->events_->on_sent();
    }
  }

  static void on_shutdown(uv_shutdown_t* /*request*/, int /*status*/) noexcept {}

  static void on_closed(uv_handle_t* handle) noexcept {
    auto* const core = static_cast<Core*>(handle->data);
    SQUALL_CHECK(core->writes == 0);
    delete core;
  }
};

TcpStream::TcpStream(Loop& loop, TcpEvents& events) : loop_(loop), events_(&events) {}

TcpStream::~TcpStream() {
  close_fin();
}

// With AF_UNSPEC the socket is made by what follows.
int TcpStream::open(unsigned family) {
  SQUALL_CHECK(core_ == nullptr);
  auto core = std::make_unique<Core>(*this);
  if (const int error = uv_tcp_init_ex(loop_.raw(), &core->handle, family); error != 0) {
    return -error;
  }
  core_ = core.release();
  return -uv_tcp_nodelay(&core_->handle, 1);
}

int TcpStream::connect(const SocketAddress& to) {
  int error = open(receive_buffer_ > 0 ? to.raw()->sa_family : AF_UNSPEC);
  if (error == 0 && receive_buffer_ > 0) {
    const int bytes = static_cast<int>(receive_buffer_);
    error = ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) == 0 ? 0 : errno;
  }
  if (error == 0) {
    error = -uv_tcp_connect(&core_->connecting, &core_->handle, to.raw(), Core::on_connect);
  }
  if (error != 0) {
    close_fin();
  }
  return error;
}

int TcpStream::accept_from(void* listener) {
  int error = open(AF_UNSPEC);
  if (error == 0) {
    error = -uv_accept(static_cast<uv_stream_t*>(listener), core_->stream());
  }
  if (error != 0) {
    close_fin();
    return error;
  }
  core_->connected = true;
  start_reading();
  return 0;
}

void TcpStream::start_reading() {
  if (core_ != nullptr && core_->connected && !core_->ended && !paused_) {
    // Fails only for a handle that is not readable, whose error comes by another way.
    uv_read_start(core_->stream(), Core::on_alloc, Core::on_read);
  }
}

TcpStream::Written TcpStream::write(std::string_view bytes, Lifetime lifetime) {
  SQUALL_CHECK(is_connected());
  if (bytes.empty()) {
    return {};
  }
  // libuv's buffers are not const, but it only reads them here.
  uv_buf_t buffer{const_cast<char*>(bytes.data()), bytes.size()};
  const int count = uv_try_write(core_->stream(), &buffer, 1);
  if (count < 0 && count != UV_EAGAIN) {
    return {0, -count};
  }
  const std::size_t taken = count > 0 ? static_cast<std::size_t>(count) : 0;
  if (taken == bytes.size()) {
    return {taken, 0};
  }
  std::string_view rest = bytes.substr(taken);
  auto write = std::make_unique<Core::Write>();
  write->request.data = write.get();
  write->core = core_;
  if (lifetime == Lifetime::kCopied) {
    write->copy.assign(rest);
    rest = write->copy;
  }
  buffer = uv_buf_t{const_cast<char*>(rest.data()), rest.size()};
  const int error = uv_write(&write->request, core_->stream(), &buffer, 1, Core::on_written);
  if (error != 0) {
    return {taken, -error};
  }
  ++core_->writes;
  static_cast<void>(write.release());  // its callback owns it now
  return {taken, 0};
}

void TcpStream::pause_reading() {
  paused_ = true;
  if (is_connected()) {
    uv_read_stop(core_->stream());
  }
}

void TcpStream::resume_reading() {
  paused_ = false;
  start_reading();
}

int TcpStream::shutdown_write() {
  if (!is_connected()) {
    return ENOTCONN;
  }
  return -uv_shutdown(&core_->shutting, core_->stream(), Core::on_shutdown);
}

void TcpStream::close_fin() {
  if (core_ == nullptr) {
    return;
  }
  if (core_->connected) {
    core_->read_away();
  }
  core_->owner = nullptr;
  uv_close(core_->base(), Core::on_closed);
  core_ = nullptr;
}

void TcpStream::close_reset() {
  if (core_ == nullptr) {
    return;
  }
  core_->owner = nullptr;
  // Refused while a shutdown is under way, and for a handle without a descriptor.
  if (uv_tcp_close_reset(&core_->handle, Core::on_closed) != 0) {
    uv_close(core_->base(), Core::on_closed);
  }
  core_ = nullptr;
}

bool TcpStream::is_connected() const {
  return core_ != nullptr && core_->connected;
}

std::size_t TcpStream::queued_bytes() const {
  return core_ == nullptr ? 0 : uv_stream_get_write_queue_size(core_->stream());
}

namespace {

std::size_t queue_length(int fd, unsigned long request) {
  int in_kernel = 0;
  if (fd < 0 || ::ioctl(fd, request, &in_kernel) != 0) {
    return 0;
  }
  return static_cast<std::size_t>(std::max(in_kernel, 0));
}

}  // namespace

std::size_t TcpStream::unsent_bytes() const {
  return queued_bytes() + queue_length(fd(), SIOCOUTQ);
}

std::size_t TcpStream::undeparted_bytes() const {
  return queued_bytes() + queue_length(fd(), SIOCOUTQNSD);
}

TcpStream::Probe TcpStream::readable_now() const {
  char byte = 0;
  const ssize_t count = ::recv(fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count > 0) {
    return Probe::kData;
  }
  if (count == 0) {
    return Probe::kEnd;
  }
  const bool would_block = errno == EAGAIN || errno == EINTR;
  return would_block ? Probe::kNothing : Probe::kError;
}

std::size_t TcpStream::take_now(char* buffer, std::size_t capacity) {
  const ssize_t count = ::recv(fd(), buffer, capacity, MSG_DONTWAIT);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t TcpStream::unread_bytes() const {
  return queue_length(fd(), FIONREAD);
}

int TcpStream::fd() const {
  return core_ == nullptr ? -1 : core_->fd();
}

}  // namespace squall::net
