#include "tests/support/hostile_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/support/request_end.hpp"

namespace squall::test {
namespace {

using Step = HostileServer::Step;
using Kind = Step::Kind;

struct Connection {
  int fd = -1;
  unsigned ordinal = 0;
  HostileServer::Script script;
  std::size_t step = 0;
  std::string input;                   // received, not yet consumed by a step
  std::size_t sent = 0;                // of the current kSend
  std::optional<TimePoint> resume_at;  // a pause ends then
  bool peer_closed = false;
  std::unique_ptr<TlsEnd> tls;  // null without TLS
  bool shook_hands = false;

  ssize_t receive(char* buffer, std::size_t capacity) {
    return tls ? tls->read(buffer, capacity) : ::recv(fd, buffer, capacity, 0);
  }
  ssize_t send(const char* bytes, std::size_t size) {
    return tls ? tls->write(bytes, size) : ::send(fd, bytes, size, MSG_NOSIGNAL);
  }
};

}  // namespace

class HostileServer::Impl {
 public:
  Impl(ScriptFor script_for, std::unique_ptr<TlsServerContext> tls)
      : script_for_(std::move(script_for)), tls_(std::move(tls)) {
    listener_ = bind_loopback(port_);
    SQUALL_CHECK(::listen(listener_, SOMAXCONN) == 0);
    wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    SQUALL_CHECK(wake_ >= 0);
    thread_ = std::thread([this] { run(); });
  }

  ~Impl() {
    stopping_ = true;
    const std::uint64_t one = 1;
    SQUALL_CHECK(::write(wake_, &one, sizeof one) == sizeof one);
    thread_.join();
    for (const Connection& connection : connections_) {
      ::close(connection.fd);
    }
    ::close(listener_);
    ::close(wake_);
  }

  // Everything below is guarded by `mutex`; `changed` tells that a counter moved.
  struct Counters {
    unsigned connections = 0;
    unsigned open = 0;
    std::uint64_t bytes = 0;
    unsigned fins = 0;
    unsigned resets = 0;
    unsigned handshakes = 0;
    unsigned resumptions = 0;
    unsigned close_notifies = 0;
    unsigned tls_failures = 0;
    std::string server_name;
    std::vector<std::string> requests;
    std::vector<std::string> received;  // by accept ordinal
  };
  template <class Read>
  auto read(Read&& what) const {
    const std::lock_guard lock(mutex_);
    return what(counters_);
  }

  bool wait_until(const std::function<bool()>& condition, Duration limit) const {
    const TimePoint deadline = monotonic_now() + limit;
    while (true) {
      std::uint64_t seen = 0;
      {
        const std::lock_guard lock(mutex_);
        seen = version_;
      }
      if (condition()) {
        return true;
      }
      const Duration left = deadline - monotonic_now();
      if (left <= Duration::zero()) {
        return false;
      }
      std::unique_lock lock(mutex_);
      // The condition may look at more than this server: look again now and then.
      changed_.wait_for(lock, std::min<Duration>(left, std::chrono::milliseconds(20)),
                        [&] { return version_ != seen; });
    }
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }

 private:
  template <class Change>
  void count(Change&& change) {
    {
      const std::lock_guard lock(mutex_);
      change(counters_);
      ++version_;
    }
    changed_.notify_all();
  }

  void run();
  static short wanted_events(const Connection& connection);
  void serve(Connection& connection, short events, TimePoint now);
  [[nodiscard]] int poll_timeout() const;
  void accept_all();
  // Runs the script as far as it goes. False when the connection is closed.
  bool advance(Connection& connection);
  enum class Progress { kNext, kBlocked, kClosed };
  Progress perform(Connection& connection, const Step& step);
  Progress read_request(Connection& connection);
  Progress send(Connection& connection, const Step& step);
  void receive(Connection& connection);
  void note_handshake(Connection& connection);
  enum class How { kInOrder, kBare, kReset };
  void close(Connection& connection, How how);

  ScriptFor script_for_;
  std::unique_ptr<TlsServerContext> tls_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int wake_ = -1;
  std::atomic<bool> stopping_{false};
  std::vector<Connection> connections_;  // of the server's thread
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Counters counters_;
  std::uint64_t version_ = 0;
  std::thread thread_;
};

short HostileServer::Impl::wanted_events(const Connection& connection) {
  const bool sends = connection.step < connection.script.size() &&
                     (connection.script[connection.step].kind == Kind::kSend ||
                      connection.script[connection.step].kind == Kind::kSendRaw);
  // Nothing can be sent before hands are shaken, which reading does.
  const bool sending =
      sends && (!connection.tls || connection.shook_hands) && !connection.resume_at.has_value();
  return static_cast<short>((connection.peer_closed ? 0 : POLLIN) | (sending ? POLLOUT : 0));
}

void HostileServer::Impl::serve(Connection& connection, short events, TimePoint now) {
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && !connection.peer_closed) {
    receive(connection);
  }
  const bool due = connection.resume_at.has_value() && *connection.resume_at <= now;
  if (connection.fd >= 0 && (events != 0 || due)) {
    advance(connection);
  }
}

void HostileServer::Impl::run() {
  std::vector<pollfd> polled;
  while (!stopping_) {
    polled.assign({{wake_, POLLIN, 0}, {listener_, POLLIN, 0}});
    for (const Connection& connection : connections_) {
      const short events = wanted_events(connection);
      // Without events a hang-up would still be reported, again and again.
      polled.push_back({events == 0 ? -1 : connection.fd, events, 0});
    }
    ::poll(polled.data(), polled.size(), poll_timeout());
    const TimePoint now = monotonic_now();
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      serve(connections_[i], polled[i + 2].revents, now);
    }
    std::erase_if(connections_, [](const Connection& each) { return each.fd < 0; });
    if ((polled[1].revents & POLLIN) != 0) {
      accept_all();
    }
  }
}

int HostileServer::Impl::poll_timeout() const {
  std::optional<TimePoint> next;
  for (const Connection& connection : connections_) {
    if (connection.resume_at.has_value() && (!next.has_value() || *connection.resume_at < *next)) {
      next = connection.resume_at;
    }
  }
  if (!next.has_value()) {
    return -1;
  }
  const Duration left = *next - monotonic_now();
  return left <= Duration::zero()
             ? 0
             : static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

void HostileServer::Impl::accept_all() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      return;
    }
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    Connection connection;
    connection.fd = fd;
    count([&](Counters& counters) {
      connection.ordinal = counters.connections++;
      ++counters.open;
      counters.received.emplace_back();
    });
    if (tls_) {
      connection.tls = std::make_unique<TlsEnd>(*tls_, fd);
    }
    connection.script = script_for_(connection.ordinal);
    if (advance(connection)) {
      connections_.push_back(std::move(connection));
    }
  }
}

void HostileServer::Impl::receive(Connection& connection) {
  char buffer[64 * 1024];
  while (true) {
    const ssize_t count_read = connection.receive(buffer, sizeof buffer);
    const int error = errno;
    note_handshake(connection);
    if (count_read > 0) {
      const std::string_view bytes(buffer, static_cast<std::size_t>(count_read));
      connection.input.append(bytes);
      count([&](Counters& counters) {
        counters.bytes += bytes.size();
        counters.received[connection.ordinal].append(bytes);
      });
      continue;
    }
    if (count_read < 0 && (error == EAGAIN || error == EINTR)) {
      return;
    }
    connection.peer_closed = true;
    const bool notified = connection.tls && connection.tls->got_close_notify();
    count([&](Counters& counters) {
      ++(count_read == 0   ? counters.fins
         : error == EPROTO ? counters.tls_failures
                           : counters.resets);
      counters.close_notifies += notified ? 1U : 0U;
    });
    if (count_read < 0) {
      close(connection, How::kBare);
    }
    return;
  }
}

void HostileServer::Impl::note_handshake(Connection& connection) {
  if (!connection.tls || connection.shook_hands || !connection.tls->shook_hands()) {
    return;
  }
  connection.shook_hands = true;
  count([&](Counters& counters) {
    ++counters.handshakes;
    counters.resumptions += connection.tls->resumed() ? 1U : 0U;
    counters.server_name = connection.tls->server_name();
  });
}

bool HostileServer::Impl::advance(Connection& connection) {
  if (connection.resume_at.has_value()) {
    if (monotonic_now() < *connection.resume_at) {
      return true;
    }
    connection.resume_at.reset();
  }
  while (connection.step < connection.script.size()) {
    const Step& step = connection.script[connection.step];
    const Progress progress = perform(connection, step);
    if (progress != Progress::kNext) {
      return progress == Progress::kBlocked;
    }
    connection.step = step.kind == Kind::kAgain ? 0 : connection.step + 1;
    if (step.kind == Kind::kWait) {
      connection.resume_at = monotonic_now() + step.pause;
      return true;
    }
  }
  close(connection, How::kInOrder);
  return false;
}

HostileServer::Impl::Progress HostileServer::Impl::perform(Connection& connection,
                                                           const Step& step) {
  switch (step.kind) {
    case Kind::kReadRequest:
      return read_request(connection);
    case Kind::kReadBytes:
      if (connection.input.size() >= step.count) {
        connection.input.erase(0, step.count);
        return Progress::kNext;
      }
      break;
    case Kind::kSend:
    case Kind::kSendRaw:
      return send(connection, step);
    case Kind::kWait:
    case Kind::kAgain:
      return Progress::kNext;
    case Kind::kStall:
      connection.input.clear();
      break;
    case Kind::kCloseFin:
      close(connection, How::kInOrder);
      return Progress::kClosed;
    case Kind::kCloseRst:
      close(connection, How::kReset);
      return Progress::kClosed;
    case Kind::kCloseBare:
      close(connection, How::kBare);
      return Progress::kClosed;
  }
  if (connection.peer_closed) {
    close(connection, How::kInOrder);
    return Progress::kClosed;
  }
  return Progress::kBlocked;
}

HostileServer::Impl::Progress HostileServer::Impl::read_request(Connection& connection) {
  const std::size_t end = request_end(connection.input);
  if (end != std::string::npos) {
    count(
        [&](Counters& counters) { counters.requests.push_back(connection.input.substr(0, end)); });
    connection.input.erase(0, end);
    return Progress::kNext;
  }
  if (connection.peer_closed) {
    close(connection, How::kInOrder);
    return Progress::kClosed;
  }
  return Progress::kBlocked;
}

HostileServer::Impl::Progress HostileServer::Impl::send(Connection& connection, const Step& step) {
  while (connection.sent < step.bytes.size()) {
    const std::size_t left = step.bytes.size() - connection.sent;
    const std::size_t piece = step.count == 0 ? left : std::min(left, step.count);
    const char* const bytes = step.bytes.data() + connection.sent;
    const ssize_t sent = step.kind == Kind::kSendRaw
                             ? ::send(connection.fd, bytes, piece, MSG_NOSIGNAL)
                             : connection.send(bytes, piece);
    const int error = errno;
    note_handshake(connection);
    if (sent < 0) {
      if (error == EAGAIN || error == EINTR) {
        return Progress::kBlocked;
      }
      if (!connection.peer_closed) {
        count([](Counters& counters) { ++counters.resets; });
      }
      close(connection, How::kBare);
      return Progress::kClosed;
    }
    connection.sent += static_cast<std::size_t>(sent);
    if (step.count != 0 && connection.sent < step.bytes.size()) {
      connection.resume_at = monotonic_now() + step.pause;
      return Progress::kBlocked;
    }
  }
  connection.sent = 0;
  return Progress::kNext;
}

void HostileServer::Impl::close(Connection& connection, How how) {
  if (how == How::kInOrder && connection.shook_hands) {
    connection.tls->close_notify();
  }
  connection.tls.reset();
  if (how == How::kReset) {
    const linger hard{1, 0};
    ::setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  } else if (!connection.peer_closed) {
    char scratch[16 * 1024];
    while (::recv(connection.fd, scratch, sizeof scratch, MSG_DONTWAIT) > 0) {
    }
  }
  ::close(connection.fd);
  connection.fd = -1;
  count([](Counters& counters) { --counters.open; });
}

HostileServer::HostileServer(Script script)
    : HostileServer(ScriptFor([script = std::move(script)](unsigned) { return script; })) {}
HostileServer::HostileServer(ScriptFor script_for)
    : impl_(std::make_unique<Impl>(std::move(script_for), nullptr)) {}
HostileServer::HostileServer(const TlsServerOptions& tls, Script script)
    : HostileServer(tls, ScriptFor([script = std::move(script)](unsigned) { return script; })) {}
HostileServer::HostileServer(const TlsServerOptions& tls, ScriptFor script_for)
    : impl_(
          std::make_unique<Impl>(std::move(script_for), std::make_unique<TlsServerContext>(tls))) {}
HostileServer::~HostileServer() = default;

std::uint16_t HostileServer::port() const {
  return impl_->port();
}

std::string HostileServer::url(std::string_view path) const {
  return std::string(impl_->is_tls() ? "https" : "http")
      .append("://127.0.0.1:")
      .append(std::to_string(port()))
      .append(path);
}

unsigned HostileServer::connections() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.connections; });
}
unsigned HostileServer::open_connections() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.open; });
}
std::uint64_t HostileServer::bytes_received() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.bytes; });
}
unsigned HostileServer::requests() const {
  return impl_->read([](const Impl::Counters& counters) {
    return static_cast<unsigned>(counters.requests.size());
  });
}
unsigned HostileServer::client_fins() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.fins; });
}
unsigned HostileServer::client_resets() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.resets; });
}
unsigned HostileServer::handshakes() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.handshakes; });
}
unsigned HostileServer::resumptions() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.resumptions; });
}
unsigned HostileServer::close_notifies() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.close_notifies; });
}
unsigned HostileServer::tls_failures() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.tls_failures; });
}
std::string HostileServer::server_name() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.server_name; });
}
std::vector<std::string> HostileServer::request_texts() const {
  return impl_->read([](const Impl::Counters& counters) { return counters.requests; });
}
std::string HostileServer::received_from(unsigned connection) const {
  return impl_->read([&](const Impl::Counters& counters) {
    return connection < counters.received.size() ? counters.received[connection] : std::string();
  });
}

bool HostileServer::wait_until(const std::function<bool()>& condition, Duration limit) const {
  return impl_->wait_until(condition, limit);
}

}  // namespace squall::test
