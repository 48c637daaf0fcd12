#include "loadgen/engine/curl_sockets.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/net/curl_easy.hpp"
#include "loadgen/net/loop.hpp"

namespace squall::engine {
namespace {

int as_uv_events(int what) {
  return ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) |
         ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
}

// Of the socket behind the descriptor; no two that are open at one time have the same.
ino_t inode_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

// On the heap until uv has closed it. `sockets` is null from then on, for callbacks that come late.
struct CurlSockets::Watch {
  uv_poll_t handle{};
  CurlSockets* sockets = nullptr;
  curl_socket_t fd = -1;
  int asked = 0;           // uv events that libcurl waits for
  int polled = 0;          // uv events that the loop waits for
  Owner* owner = nullptr;  // of what on_open has opened
  ino_t inode = 0;         // of the same

  void poll(int events) {
    if (events == polled) {
      return;
    }
    polled = events;
    if (events == 0) {
      SQUALL_CHECK(uv_poll_stop(&handle) == 0);
    } else {
      SQUALL_CHECK(uv_poll_start(&handle, events, on_poll) == 0);
    }
  }
  void close() {
    sockets = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&handle),
             [](uv_handle_t* closed) { delete static_cast<Watch*>(closed->data); });
  }
};

CurlSockets::CurlSockets(net::Loop& loop, const Options& options, std::function<void()> on_action)
    : loop_(loop), on_action_(std::move(on_action)) {
  net::initialize_curl();
  multi_ = curl_multi_init();
  SQUALL_CHECK(multi_ != nullptr);
  const auto set = [this](CURLMoption option, auto value) {
    SQUALL_CHECK(curl_multi_setopt(multi_, option, value) == CURLM_OK);
  };
  const auto connections = static_cast<long>(options.connections);
  set(CURLMOPT_SOCKETFUNCTION, &CurlSockets::on_socket);
  set(CURLMOPT_SOCKETDATA, this);
  set(CURLMOPT_TIMERFUNCTION, &CurlSockets::on_timer);
  set(CURLMOPT_TIMERDATA, this);
  set(CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  set(CURLMOPT_MAX_CONCURRENT_STREAMS, static_cast<long>(options.max_streams));
  // A guard, and what makes libcurl close its oldest idle connection when a new one needs the room:
  // the engine starts no more than it has connections for, so nothing waits in libcurl's own list.
  set(CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  set(CURLMOPT_MAXCONNECTS, connections);
}

CurlSockets::~CurlSockets() {
  // The socket and close callbacks are called for what is still connected.
  SQUALL_CHECK(curl_multi_cleanup(multi_) == CURLM_OK);
  for (const auto& [fd, watch] : watches_) {
    watch->close();
  }
}

void CurlSockets::watch_sockets_of(CURL* easy, Opener& opener) {
  const auto set = [easy](CURLoption option, auto value) {
    SQUALL_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
  };
  set(CURLOPT_OPENSOCKETFUNCTION, &CurlSockets::on_open);
  set(CURLOPT_OPENSOCKETDATA, &opener);
  set(CURLOPT_CLOSESOCKETFUNCTION, &CurlSockets::on_close);
  set(CURLOPT_CLOSESOCKETDATA, opener.owner);
}

bool CurlSockets::run_due(TimePoint now) {
  if (timer_ > now) {
    return false;
  }
  act(CURL_SOCKET_TIMEOUT, 0);
  return true;
}

void CurlSockets::act(curl_socket_t fd, int events) {
  if (fd == CURL_SOCKET_TIMEOUT) {
    timer_ = TimePoint::max();  // libcurl sets it again when it needs to
  }
  int running = 0;
  SQUALL_CHECK(curl_multi_socket_action(multi_, fd, events, &running) == CURLM_OK);
}

CurlSockets::Watch& CurlSockets::watch_for(curl_socket_t fd) {
  Watch*& watch = watches_[fd];
  if (watch == nullptr) {
    watch = new Watch;
    watch->sockets = this;
    watch->fd = fd;
    watch->handle.data = watch;
    SQUALL_CHECK(uv_poll_init_socket(loop_.raw(), &watch->handle, fd) == 0);
  }
  return *watch;
}

void CurlSockets::watch_again(curl_socket_t fd) {
  const auto found = watches_.find(fd);
  if (found != watches_.end()) {
    found->second->poll(found->second->asked);
  }
}

void CurlSockets::forget(curl_socket_t fd) {
  const auto found = watches_.find(fd);
  if (found != watches_.end()) {
    found->second->close();
    watches_.erase(found);
  }
}

void CurlSockets::forget_if_closed(curl_socket_t fd) {
  const auto found = watches_.find(fd);
  if (found == watches_.end() || found->second->owner == nullptr ||
      found->second->inode == inode_of(fd)) {
    return;
  }
  count_closed(*found->second->owner);
  forget(fd);
}

void CurlSockets::count_closed(Owner& owner) {
  --open_;
  --owner.open;
}

int CurlSockets::on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self,
                           void* watch) noexcept {
  auto& sockets = *static_cast<CurlSockets*>(self);
  if (what == CURL_POLL_REMOVE) {
    const auto found = sockets.watches_.find(fd);
    if (found != sockets.watches_.end()) {
      found->second->asked = 0;
      if (found->second->owner == nullptr) {
        sockets.forget(fd);
      } else {
        sockets.forget_if_closed(fd);
      }
    }
    return 0;
  }
  Watch& wanted = watch != nullptr ? *static_cast<Watch*>(watch) : sockets.watch_for(fd);
  if (watch == nullptr) {
    SQUALL_CHECK(curl_multi_assign(sockets.multi_, fd, &wanted) == CURLM_OK);
  }
  wanted.asked = as_uv_events(what);
  wanted.poll(wanted.asked);
  return 0;
}

int CurlSockets::on_timer(CURLM* /*multi*/, long timeout_ms, void* self) noexcept {
  auto& sockets = *static_cast<CurlSockets*>(self);
  sockets.timer_ =
      timeout_ms < 0 ? TimePoint::max() : monotonic_now() + std::chrono::milliseconds(timeout_ms);
  return 0;
}

curl_socket_t CurlSockets::on_open(void* opener, curlsocktype /*purpose*/,
                                   curl_sockaddr* address) noexcept {
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                          address->protocol);
  auto& asking = *static_cast<Opener*>(opener);
  if (fd < 0) {
    asking.error = errno;
    return CURL_SOCKET_BAD;
  }
  Owner& of = *asking.owner;
  of.sockets->forget_if_closed(fd);
  Watch& watch = of.sockets->watch_for(fd);
  watch.owner = &of;
  watch.inode = inode_of(fd);
  ++of.sockets->open_;
  ++of.open;
  ++of.opened;
  return fd;
}

int CurlSockets::on_close(void* owner, curl_socket_t fd) noexcept {
  auto& of = *static_cast<Owner*>(owner);
  of.sockets->forget(fd);
  of.sockets->count_closed(of);
  return ::close(fd);
}

void CurlSockets::on_poll(uv_poll_s* handle, int status, int events) noexcept {
  auto* const watch = static_cast<Watch*>(handle->data);
  CurlSockets* const sockets = watch->sockets;
  if (sockets == nullptr) {
    return;
  }
  sockets->loop_.count_event();
  if (watch->asked == 0) {
    watch->poll(0);  // an idle connection that the peer closed: libcurl looks before it uses it
    return;
  }
  // A socket that broke is reported without events, and no longer watched. Told of an error alone,
  // libcurl would not read what has come, nor learn which error it was: let it do what it waits
  // for.
  const int happened = status < 0 ? watch->asked : events;
  watch->polled = status < 0 ? 0 : watch->polled;
  const int ready = ((happened & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
                    ((happened & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);
  const curl_socket_t fd = watch->fd;
  sockets->act(fd, ready);
  if (status < 0) {
    sockets->watch_again(fd);
  }
  sockets->on_action_();
}

}  // namespace squall::engine
