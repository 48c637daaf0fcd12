#include "tests/support/recording_relay.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "tests/support/digest_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::test {

// What comes in here goes out at the other end, as soon as that takes it; until then nothing more
// is read.
struct RecordingRelay::End {
  Link* link = nullptr;
  End* other = nullptr;
  int fd = -1;
  std::string waiting = {};  // read here, not yet written there
  bool ended = false;        // FIN has come
  bool passed_on = false;    // and is passed on
  std::uint64_t bytes = 0;
  RunningDigest digest = {};
};

struct RecordingRelay::Link {
  End client;
  End server;
  bool broken = false;
  bool finished = false;

  Link() {
    client.link = server.link = this;
    client.other = &server;
    server.other = &client;
  }
  ~Link() {
    for (const End* end : {&client, &server}) {
      if (end->fd >= 0) {
        ::close(end->fd);
      }
    }
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
};

RecordingRelay::RecordingRelay(std::uint16_t target)
    : target_(target),
      listener_(bind_loopback(port_)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  SQUALL_CHECK(epoll_ >= 0 && wake_ >= 0 && ::listen(listener_, 1024) == 0);
  for (int* const fd : {&listener_, &wake_}) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = fd}};
    SQUALL_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_ADD, *fd, &event) == 0);
  }
  thread_ = std::thread([this] { serve(); });
}

RecordingRelay::~RecordingRelay() {
  SQUALL_CHECK(::eventfd_write(wake_, 1) == 0);
  thread_.join();
  for (const auto& link : links_) {
    const linger hard{1, 0};
    ::setsockopt(link->client.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::setsockopt(link->server.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  links_.clear();
  for (const int fd : {listener_, wake_, epoll_}) {
    ::close(fd);
  }
}

std::vector<RecordingRelay::Conversation> RecordingRelay::conversations() const {
  const std::lock_guard lock(mutex_);
  std::vector<Conversation> result = ended_;
  std::sort(result.begin(), result.end());
  return result;
}

void RecordingRelay::serve() {
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == &wake_) {
        return;
      }
      if (event.data.ptr == &listener_) {
        accept();
      } else {
        on_event(*static_cast<End*>(event.data.ptr), event.events);
      }
    }
    removed_.clear();
  }
}

void RecordingRelay::accept() {
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) {
    return;
  }
  ++open_;
  Link& link = *links_.emplace_back(std::make_unique<Link>());
  link.client.fd = fd;
  link.server.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(target_);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  for (End* const end : {&link.client, &link.server}) {
    ::setsockopt(end->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{.events = 0, .data = {.ptr = end}};
    SQUALL_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_ADD, end->fd, &event) == 0);
  }
  if (::connect(link.server.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 &&
      errno != EINPROGRESS) {
    link.broken = true;
    finish(link);
    return;
  }
  watch(link.client);
  watch(link.server);
}

void RecordingRelay::watch(const End& end) const {
  const bool reads = !end.ended && end.waiting.empty();
  const bool writes = !end.other->waiting.empty();
  epoll_event event{.events = 0, .data = {.ptr = const_cast<End*>(&end)}};
  event.events = (reads ? std::uint32_t{EPOLLIN} : 0U) | (writes ? std::uint32_t{EPOLLOUT} : 0U);
  SQUALL_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_MOD, end.fd, &event) == 0);
}

void RecordingRelay::on_event(End& end, std::uint32_t events) {
  Link& link = *end.link;
  if (link.finished) {
    return;
  }
  bool alive = true;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !end.ended && end.waiting.empty()) {
    alive = read(end);
  } else if ((events & EPOLLERR) != 0) {
    alive = false;
  }
  alive = alive && write(end) && write(*end.other);
  link.broken = link.broken || !alive;
  if (link.broken || (link.client.passed_on && link.server.passed_on)) {
    finish(link);
    return;
  }
  watch(link.client);
  watch(link.server);
}

// False when the connection is broken.
bool RecordingRelay::read(End& from) {
  std::array<char, 64UL * 1024> bytes{};
  const ssize_t count = ::recv(from.fd, bytes.data(), bytes.size(), 0);
  if (count < 0) {
    return errno == EAGAIN || errno == EINTR;
  }
  if (count == 0) {
    from.ended = true;
    return true;
  }
  const auto size = static_cast<std::size_t>(count);
  from.bytes += size;
  from.digest.add({bytes.data(), size});
  from.waiting.assign(bytes.data(), size);
  return true;
}

// What came from the other end. False when the connection is broken.
bool RecordingRelay::write(End& to) {
  End& from = *to.other;
  if (!from.waiting.empty()) {
    const ssize_t count = ::send(to.fd, from.waiting.data(), from.waiting.size(), MSG_NOSIGNAL);
    if (count < 0) {
      return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
    }
    from.waiting.erase(0, static_cast<std::size_t>(count));
  }
  if (from.ended && from.waiting.empty() && !from.passed_on) {
    from.passed_on = true;
    ::shutdown(to.fd, SHUT_WR);
  }
  return true;
}

void RecordingRelay::finish(Link& link) {
  link.finished = true;
  if (link.broken) {
    const linger hard{1, 0};
    ::setsockopt(link.client.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::setsockopt(link.server.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  {
    const std::lock_guard lock(mutex_);
    ended_.push_back({.to_server = {link.client.bytes, link.client.digest.take()},
                      .to_client = {link.server.bytes, link.server.digest.take()},
                      .broken = link.broken});
  }
  for (End* const end : {&link.client, &link.server}) {
    // A close alone is not enough: a child that is just being forked still has the socket open, and
    // epoll would go on telling of it.
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, end->fd, nullptr);
    ::close(end->fd);
    end->fd = -1;
  }
  --open_;
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [&](const auto& one) { return one.get() == &link; });
  removed_.push_back(std::move(*found));
  links_.erase(found);
}

}  // namespace squall::test
