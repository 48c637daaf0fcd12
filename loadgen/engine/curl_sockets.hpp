// A libcurl multi handle on a uv loop: watches its sockets, keeps its timer, counts what is open.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "loadgen/base/time.hpp"

struct uv_poll_s;

namespace squall::net {
class Loop;
}

namespace squall::engine {

//   libcurl ─ socket callback ─► watches ─► uv_poll ─► socket_action ─► on_action()
//           ─ timer callback  ─► next() ─► on_time() ─► socket_action ─┘
//
// Owns the multi handle and its watches; borrows the loop. Worker thread only. Easy handles must be
// removed before it is destroyed.
//
// A watch outlives libcurl's REMOVE, which only says that nobody waits for the socket now: the
// system calls for a keep-alive connection would be two for each request. It ends when the socket
// is closed, which the close callback tells; sockets that libcurl opens by itself (its resolver's)
// end with REMOVE. libcurl 7.88 closes a socket that was still connecting without a word, before
// its REMOVE at the earliest: so REMOVE, and a new socket under the same descriptor, look whether
// the old one is still there. Watched any longer, it would make libuv abort.
class CurlSockets {
 public:
  struct Options {
    unsigned connections = 1;
    unsigned max_streams = 100;
  };
  // `on_action` is called after libcurl has worked, outside of its callbacks: transfers may be
  // added and removed there.
  CurlSockets(net::Loop& loop, const Options& options, std::function<void()> on_action);
  ~CurlSockets();
  CurlSockets(const CurlSockets&) = delete;
  CurlSockets& operator=(const CurlSockets&) = delete;

  [[nodiscard]] CURLM* multi() const { return multi_; }
  // Makes the easy handle's sockets count here and in `owner`, which must outlive this.
  struct Owner {
    CurlSockets* sockets = nullptr;
    std::size_t open = 0;      // sockets
    std::uint64_t opened = 0;  // sockets, ever
  };
  // Of one easy handle, which it must outlive.
  struct Opener {
    Owner* owner = nullptr;
    int error = 0;  // errno of the last socket that could not be opened
  };
  static void watch_sockets_of(CURL* easy, Opener& opener);

  // When libcurl wants to be called; kNever when it does not.
  [[nodiscard]] TimePoint next() const { return timer_; }
  // Lets libcurl work if its time has come; whether it had.
  bool run_due(TimePoint now);
  [[nodiscard]] std::size_t open_sockets() const { return open_; }

 private:
  struct Watch;

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* watch) noexcept;
  static int on_timer(CURLM* multi, long timeout_ms, void* self) noexcept;
  static curl_socket_t on_open(void* opener, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int on_close(void* owner, curl_socket_t fd) noexcept;
  static void on_poll(uv_poll_s* handle, int status, int events) noexcept;

  Watch& watch_for(curl_socket_t fd);
  void watch_again(curl_socket_t fd);
  void forget(curl_socket_t fd);
  void forget_if_closed(curl_socket_t fd);
  void count_closed(Owner& owner);
  void act(curl_socket_t fd, int events);

  net::Loop& loop_;
  std::function<void()> on_action_;
  CURLM* multi_;
  std::unordered_map<curl_socket_t, Watch*> watches_;
  TimePoint timer_ = TimePoint::max();
  std::size_t open_ = 0;
};

}  // namespace squall::engine
