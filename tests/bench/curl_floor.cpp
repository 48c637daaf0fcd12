// The floor under every load generator that sends through libcurl on this host: its multi interface
// on a bare epoll loop, easy handles set up once, no statistics, no timeouts, bodies thrown away.
//
//   squall_curl_floor URL [--connections 64] [--seconds 5] [--rate 2000] [--http2 1]
//
// An open loop: a request is due every 1/rate seconds and waits for a free handle. With --http2 the
// handles share connections as libcurl likes it; certificates are not checked. A failed request
// ends the program. Prints one JSON object; CPU is that of the loaded time alone.
#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace {

using Nanoseconds = std::int64_t;
constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr Nanoseconds kNever = INT64_MAX;

struct Options {
  std::string url;
  std::size_t connections = 64;
  double seconds = 5;
  double rate = 2000;
  bool http2 = false;
};

[[noreturn]] void die(std::string_view what) {
  fmt::print(stderr, "squall_curl_floor: {}\n", what);
  std::exit(2);
}

template <class Code>
void must(Code code, std::string_view what) {
  if (code != Code{}) {
    die(fmt::format("{}: {}", what, static_cast<int>(code)));
  }
}

Nanoseconds now_ns() {
  timespec value{};
  clock_gettime(CLOCK_MONOTONIC, &value);
  return value.tv_sec * kSecond + value.tv_nsec;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Options parse(std::span<char*> arguments) {
  if (arguments.empty()) {
    die("usage: squall_curl_floor URL [--connections N] [--seconds S] [--rate PER_SECOND] "
        "[--http2 1]");
  }
  Options options;
  options.url = arguments[0];
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    const double value = std::strtod(arguments[i + 1], nullptr);
    if (!(value > 0)) {
      die(fmt::format("{} needs a positive number", name));
    }
    if (name == "--connections") {
      options.connections = static_cast<std::size_t>(value);
    } else if (name == "--seconds") {
      options.seconds = value;
    } else if (name == "--rate") {
      options.rate = value;
    } else if (name == "--http2") {
      options.http2 = true;
    } else {
      die(fmt::format("unknown option {}", name));
    }
  }
  return options;
}

std::size_t forget(char* /*data*/, std::size_t /*one*/, std::size_t size, void* /*self*/) {
  return size;
}

class Floor {
 public:
  explicit Floor(const Options& options);
  ~Floor();
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;
  // Loads for the time asked; the requests that were answered.
  std::uint64_t run();

 private:
  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long ms, void* self);
  void act(curl_socket_t fd, int events);
  std::uint64_t reap();
  void send_due(Nanoseconds now, Nanoseconds end);
  int wait(Nanoseconds now, Nanoseconds end);

  const Options options_;
  const Nanoseconds interval_;
  Nanoseconds next_due_ = 0;
  Nanoseconds timer_ = kNever;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  CURLM* multi_ = curl_multi_init();
  std::vector<CURL*> all_;
  std::vector<CURL*> idle_;
  std::array<epoll_event, 256> events_{};
};

Floor::Floor(const Options& options)
    : options_(options),
      interval_(static_cast<Nanoseconds>(static_cast<double>(kSecond) / options.rate)) {
  must(curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Floor::on_socket), "socket function");
  must(curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this), "socket data");
  must(curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Floor::on_timer), "timer function");
  must(curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this), "timer data");
  must(curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options.connections)),
       "connections");
  for (std::size_t i = 0; i < options.connections; ++i) {
    CURL* const easy = curl_easy_init();
    must(curl_easy_setopt(easy, CURLOPT_URL, options.url.c_str()), "URL");
    must(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &forget), "write function");
    must(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L), "signals");
    must(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L), "certificate");
    must(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L), "name");
    must(curl_easy_setopt(
             easy, CURLOPT_HTTP_VERSION,
             static_cast<long>(options.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)),
         "version");
    all_.push_back(easy);
    idle_.push_back(easy);
  }
}

Floor::~Floor() {
  for (CURL* const easy : all_) {
    curl_multi_remove_handle(multi_, easy);
    curl_easy_cleanup(easy);
  }
  curl_multi_cleanup(multi_);
  close(epoll_);
}

int Floor::on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* known) {
  auto& floor = *static_cast<Floor*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(floor.epoll_, EPOLL_CTL_DEL, fd, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events =
      ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  event.data.fd = fd;
  epoll_ctl(floor.epoll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
  must(curl_multi_assign(floor.multi_, fd, self), "assign");
  return 0;
}

int Floor::on_timer(CURLM* /*multi*/, long ms, void* self) {
  static_cast<Floor*>(self)->timer_ = ms < 0 ? kNever : now_ns() + ms * 1'000'000;
  return 0;
}

void Floor::act(curl_socket_t fd, int events) {
  int running = 0;
  must(curl_multi_socket_action(multi_, fd, events, &running), "socket action");
}

std::uint64_t Floor::reap() {
  std::uint64_t ended = 0;
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    CURL* const easy = message->easy_handle;
    must(message->data.result, "a request failed");
    must(curl_multi_remove_handle(multi_, easy), "remove");
    idle_.push_back(easy);
    ++ended;
  }
  return ended;
}

void Floor::send_due(Nanoseconds now, Nanoseconds end) {
  while (next_due_ <= now && next_due_ < end && !idle_.empty()) {
    must(curl_multi_add_handle(multi_, idle_.back()), "add");
    idle_.pop_back();
    next_due_ += interval_;
    act(CURL_SOCKET_TIMEOUT, 0);
  }
}

int Floor::wait(Nanoseconds now, Nanoseconds end) {
  Nanoseconds until = std::min(end, timer_);
  until = idle_.empty() ? until : std::min(until, next_due_);
  const Nanoseconds left = std::max<Nanoseconds>(until - now, 0);
  const timespec timeout{left / kSecond, left % kSecond};
  return std::max(
      epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr), 0);
}

std::uint64_t Floor::run() {
  const Nanoseconds start = now_ns();
  const Nanoseconds end =
      start + static_cast<Nanoseconds>(options_.seconds * static_cast<double>(kSecond));
  next_due_ = start;
  std::uint64_t answered = 0;
  for (Nanoseconds now = start; now < end; now = now_ns()) {
    send_due(now, end);
    const int count = wait(now, end);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events_.at(static_cast<std::size_t>(i));
      act(event.data.fd, ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                             ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                             ((event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0));
    }
    if (timer_ <= now_ns()) {
      timer_ = kNever;
      act(CURL_SOCKET_TIMEOUT, 0);
    }
    answered += reap();
  }
  return answered;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse({argv + 1, static_cast<std::size_t>(argc - 1)});
  must(curl_global_init(CURL_GLOBAL_DEFAULT), "libcurl");
  Floor floor(options);
  const double before = cpu_seconds();
  const std::uint64_t requests = floor.run();
  const double cpu = cpu_seconds() - before;
  fmt::print("{{\"requests\": {}, \"cpu_us_per_request\": {:.4f}}}\n", requests,
             1e6 * cpu / static_cast<double>(std::max<std::uint64_t>(requests, 1)));
  return requests > 0 ? 0 : 1;
}
