// The floor under every HTTP/1.1 load generator on this host: a bare epoll loop with no parser, no
// statistics, no timeouts. One write, one read and a share of an epoll_wait per request is all it
// does, so what a real client needs more is its own cost.
//
//   squall_epoll_floor http://127.0.0.1:8080/path [--connections 64] [--seconds 5] [--rate 20000]
//
// With --rate an open loop: a request is due every 1/rate seconds and waits for a free connection
// (the most recently used first). Without, a closed loop: every connection sends again as soon as
// it has its answer. All answers must have the length of the first one; anything else ends the
// program. Prints one JSON object; CPU is that of the loaded time alone.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace {

using Nanoseconds = std::int64_t;
constexpr Nanoseconds kSecond = 1'000'000'000;

struct Options {
  std::string host;
  std::uint16_t port = 80;
  std::string path = "/";
  std::size_t connections = 64;
  double seconds = 5;
  double rate = 0;  // per second; 0: closed loop
};

[[noreturn]] void die(std::string_view what) {
  fmt::print(stderr, "squall_epoll_floor: {}\n", what);
  std::exit(2);
}

[[noreturn]] void die_of_errno(std::string_view what) {
  die(fmt::format("{}: {}", what, std::strerror(errno)));
}

Nanoseconds now_ns() {
  timespec value{};
  clock_gettime(CLOCK_MONOTONIC, &value);
  return value.tv_sec * kSecond + value.tv_nsec;
}

struct CpuTime {
  double user_s = 0;
  double system_s = 0;
};

double to_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

CpuTime cpu_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {to_seconds(usage.ru_utime), to_seconds(usage.ru_stime)};
}

double positive_number(std::string_view name, const char* text) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(value > 0)) {
    die(fmt::format("{} needs a positive number, not \"{}\"", name, text));
  }
  return value;
}

void parse_url(std::string_view url, Options& options) {
  constexpr std::string_view kScheme = "http://";
  if (url.substr(0, kScheme.size()) != kScheme) {
    die("the URL begins with http://, as in http://127.0.0.1:8080/");
  }
  url.remove_prefix(kScheme.size());
  const std::size_t slash = url.find('/');
  const std::string_view authority = url.substr(0, slash);
  if (slash != std::string_view::npos) {
    options.path = url.substr(slash);
  }
  const std::size_t colon = authority.find(':');
  options.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string port(authority.substr(colon + 1));
    options.port = static_cast<std::uint16_t>(positive_number("the port", port.c_str()));
  }
}

Options parse(std::span<char*> arguments) {
  if (arguments.empty()) {
    die("usage: squall_epoll_floor URL [--connections N] [--seconds S] [--rate PER_SECOND]");
  }
  Options options;
  parse_url(arguments[0], options);
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    if (i + 1 == arguments.size()) {
      die(fmt::format("{} needs a value", name));
    }
    const double value = positive_number(name, arguments[i + 1]);
    if (name == "--connections") {
      options.connections = static_cast<std::size_t>(value);
    } else if (name == "--seconds") {
      options.seconds = value;
    } else if (name == "--rate") {
      options.rate = value;
    } else {
      die(fmt::format("unknown option {}", name));
    }
  }
  return options;
}

struct Connection {
  int fd = -1;
  std::size_t received = 0;  // of the current answer
};

class Floor {
 public:
  explicit Floor(const Options& options);
  ~Floor();
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  // Loads for the time asked; the requests that were answered.
  std::uint64_t run();

 private:
  void connect(Connection& connection);
  void measure_answer();
  void send(std::uint32_t index);
  // Reads what is there; true when the answer is whole.
  bool receive(std::uint32_t index);
  void send_due(Nanoseconds now);
  int wait(Nanoseconds now);

  const Options options_;
  std::string request_;
  std::size_t answer_bytes_ = 0;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> idle_;  // the last one is taken first
  std::vector<epoll_event> events_;
  std::vector<char> buffer_;
  Nanoseconds end_ = 0;
  Nanoseconds interval_ = 0;
  Nanoseconds next_due_ = 0;
};

Floor::Floor(const Options& options)
    : options_(options),
      request_(fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\n\r\n", options.path, options.host,
                           options.port)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      connections_(options.connections),
      events_(options.connections),
      buffer_(64 * 1024) {
  if (epoll_ < 0) {
    die_of_errno("epoll_create1");
  }
  for (std::uint32_t i = 0; i < connections_.size(); ++i) {
    connect(connections_[i]);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = i;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event) != 0) {
      die_of_errno("epoll_ctl");
    }
    idle_.push_back(i);
  }
  measure_answer();
}

Floor::~Floor() {
  for (const Connection& connection : connections_) {
    close(connection.fd);
  }
  close(epoll_);
}

void Floor::connect(Connection& connection) {
  connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options_.port);
  if (connection.fd < 0 || inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr) != 1) {
    die("cannot use the address; it has to be a numeric IPv4 one");
  }
  const int one = 1;
  setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    die_of_errno("connect");
  }
}

// The length of the answer from one blocking exchange: all of it has come when the peer says
// nothing for 200 ms.
void Floor::measure_answer() {
  const int fd = connections_[0].fd;
  if (::send(fd, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) {
    die_of_errno("send");
  }
  timeval patience{5, 0};
  for (;;) {
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const ssize_t count = recv(fd, buffer_.data(), buffer_.size(), 0);
    if (count <= 0) {
      break;
    }
    answer_bytes_ += static_cast<std::size_t>(count);
    patience = {0, 200'000};
  }
  if (answer_bytes_ == 0) {
    die("no answer to the first request");
  }
}

void Floor::send(std::uint32_t index) {
  const ssize_t count =
      ::send(connections_[index].fd, request_.data(), request_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count != static_cast<ssize_t>(request_.size())) {
    die_of_errno("send");
  }
}

bool Floor::receive(std::uint32_t index) {
  Connection& connection = connections_[index];
  const ssize_t count = recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (count <= 0) {
    if (count < 0 && errno == EAGAIN) {
      return false;
    }
    die("the server ended a connection; allow it more requests per connection "
        "(keepalive_requests)");
  }
  connection.received += static_cast<std::size_t>(count);
  if (connection.received < answer_bytes_) {
    return false;
  }
  if (connection.received > answer_bytes_) {
    die("an answer is longer than the first one");
  }
  connection.received = 0;
  return true;
}

void Floor::send_due(Nanoseconds now) {
  while (next_due_ <= now && next_due_ < end_ && !idle_.empty()) {
    send(idle_.back());
    idle_.pop_back();
    next_due_ += interval_;
  }
}

int Floor::wait(Nanoseconds now) {
  Nanoseconds until = end_;
  if (interval_ > 0 && !idle_.empty()) {
    until = std::min(until, next_due_);
  }
  const Nanoseconds left = std::max<Nanoseconds>(until - now, 0);
  timespec timeout{};
  timeout.tv_sec = left / kSecond;
  timeout.tv_nsec = left % kSecond;
  const int count =
      epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) {
    die_of_errno("epoll_pwait2");
  }
  return std::max(count, 0);
}

std::uint64_t Floor::run() {
  const Nanoseconds start = now_ns();
  end_ = start + static_cast<Nanoseconds>(options_.seconds * static_cast<double>(kSecond));
  const bool open_loop = options_.rate > 0;
  if (open_loop) {
    interval_ = std::max<Nanoseconds>(
        static_cast<Nanoseconds>(static_cast<double>(kSecond) / options_.rate), 1);
    next_due_ = start;
  } else {
    for (const std::uint32_t index : idle_) {
      send(index);
    }
    idle_.clear();
  }
  std::uint64_t answered = 0;
  for (Nanoseconds now = start; now < end_; now = now_ns()) {
    if (open_loop) {
      send_due(now);
    }
    const int count = wait(now);
    for (int i = 0; i < count; ++i) {
      const std::uint32_t index = events_[static_cast<std::size_t>(i)].data.u32;
      if (!receive(index)) {
        continue;
      }
      ++answered;
      if (open_loop) {
        idle_.push_back(index);
      } else {
        send(index);
      }
    }
  }
  return answered;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse({argv + 1, static_cast<std::size_t>(argc - 1)});
  Floor floor(options);
  const CpuTime before = cpu_time();
  const Nanoseconds start = now_ns();
  const std::uint64_t requests = floor.run();
  const double elapsed = static_cast<double>(now_ns() - start) / static_cast<double>(kSecond);
  const CpuTime after = cpu_time();
  const double user = after.user_s - before.user_s;
  const double system = after.system_s - before.system_s;
  const double divisor = static_cast<double>(std::max<std::uint64_t>(requests, 1));
  fmt::print(
      "{{\"requests\": {}, \"elapsed_s\": {:.6f}, \"requests_per_s\": {:.1f}, \"user_s\": {:.6f}, "
      "\"system_s\": {:.6f}, "
      "\"cpu_us_per_request\": {:.4f}}}\n",
      requests, elapsed, static_cast<double>(requests) / elapsed, user, system,
      1e6 * (user + system) / divisor);
  return requests > 0 ? 0 : 1;
}
