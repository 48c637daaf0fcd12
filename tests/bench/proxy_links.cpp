// What links of the fault proxy cost: memory of idle ones, processor time of a message both ways.
// The proxy is alone in its process; server and clients are processes of their own.
//
//   squall_proxy_links [LINKS] [ROUND_TRIPS]
//   squall_proxy_links serve UPSTREAM    a proxy alone: prints its port and ends with its stdin
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "faults/proxy/proxy_server.hpp"

namespace {

using squall::faults::Direction;

void require(bool holds, const char* what) {
  if (!holds) {
    std::perror(what);
    std::exit(1);
  }
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listener(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at = loopback(0);
  socklen_t size = sizeof at;
  require(::bind(fd, reinterpret_cast<sockaddr*>(&at), size) == 0, "bind");
  require(::listen(fd, 4096) == 0, "listen");
  require(::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0, "getsockname");
  port = ntohs(at.sin_port);
  return fd;
}

// Takes `links` connections and sends back what comes on the first one.
[[noreturn]] void serve(int fd, int links) {
  const int first = ::accept(fd, nullptr, nullptr);
  for (int i = 1; i < links; ++i) {
    require(::accept(fd, nullptr, nullptr) >= 0, "accept");
  }
  char bytes[4096];
  for (ssize_t n = 0; (n = ::recv(first, bytes, sizeof bytes, 0)) > 0;) {
    require(::send(first, bytes, static_cast<std::size_t>(n), MSG_NOSIGNAL) == n, "send");
  }
  std::exit(0);
}

// Connects, then does as many round trips as it is told to by each number on `orders`; 0 ends it.
[[noreturn]] void ask(int port, int links, int orders, int done) {
  std::vector<int> fds;
  for (int i = 0; i < links; ++i) {
    const int fd = fds.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in to = loopback(port);
    require(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0, "connect");
  }
  int trips = 0;
  while (::read(orders, &trips, sizeof trips) == sizeof trips && trips > 0) {
    char bytes[64] = {};
    for (int i = 0; i < trips; ++i) {
      require(::send(fds[0], bytes, sizeof bytes, MSG_NOSIGNAL) == sizeof bytes, "send");
      require(::recv(fds[0], bytes, sizeof bytes, MSG_WAITALL) == sizeof bytes, "recv");
    }
    require(::write(done, &trips, sizeof trips) == sizeof trips, "write");
  }
  std::exit(0);
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) {
      return std::atol(line.c_str() + 6);
    }
  }
  return 0;
}

double cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

int port_of(const std::string& address) {
  return std::atoi(address.c_str() + address.rfind(':') + 1);
}

// Links that carry nothing, with so many toxics on each direction.
void measure(int links, int trips, int toxics) {
  int backend_port = 0;
  const int backend = listener(backend_port);
  int orders[2];
  int done[2];
  require(::pipe(orders) == 0 && ::pipe(done) == 0, "pipe");
  const pid_t server = ::fork();
  if (server == 0) {
    serve(backend, links);
  }
  ::close(backend);
  // The port is known only when the proxy runs, and its process must not be forked after that.
  int told[2];
  require(::pipe(told) == 0, "pipe");
  const pid_t client = ::fork();
  if (client == 0) {
    int port = 0;
    require(::read(told[0], &port, sizeof port) == sizeof port, "read");
    ask(port, links, orders[0], done[1]);
  }
  squall::faults::ToxicRegistry registry;
  squall::faults::register_toxics(registry);
  squall::faults::ProxyServer proxies(registry, {});
  const auto made = proxies.create({.name = "p",
                                    .listen = "127.0.0.1:0",
                                    .upstream = fmt::format("127.0.0.1:{}", backend_port)});
  require(made.has_value(), "create");
  for (int i = 0; i < toxics; ++i) {
    for (const Direction direction : {Direction::kUpstream, Direction::kDownstream}) {
      require(proxies
                  .add_toxic("p", {.name = fmt::format("{}{}", to_string(direction), i),
                                   .type = "latency",
                                   .direction = direction})
                  .has_value(),
              "add_toxic");
    }
  }
  const long before = resident_kib();
  const int port = port_of(made->settings.listen);
  require(::write(told[1], &port, sizeof port) == sizeof port, "write");
  const auto trip = [&](int count) {
    require(::write(orders[1], &count, sizeof count) == sizeof count, "write");
    require(::read(done[0], &count, sizeof count) == sizeof count, "read");
  };
  trip(100);
  const auto open = proxies.find("p")->open_links;
  const long after = resident_kib();
  const double cpu = cpu_us();
  trip(trips);
  const double per_trip = (cpu_us() - cpu) / trips;
  fmt::print(
      "{} links, {} toxics each way: {:.0f} bytes a link; {:.2f} us of processor time a round "
      "trip\n",
      open, toxics, static_cast<double>(after - before) * 1024 / static_cast<double>(open),
      per_trip);
  const int stop = 0;
  require(::write(orders[1], &stop, sizeof stop) == sizeof stop, "write");
  ::waitpid(client, nullptr, 0);
  ::waitpid(server, nullptr, 0);
}

int serve_alone(const char* upstream) {
  squall::faults::ToxicRegistry registry;
  squall::faults::register_toxics(registry);
  squall::faults::ProxyServer proxies(registry, {});
  const auto made = proxies.create({.name = "p", .listen = "127.0.0.1:0", .upstream = upstream});
  require(made.has_value(), "create");
  fmt::print("{}\n", port_of(made->settings.listen));
  std::fflush(stdout);
  char end = 0;
  while (::read(STDIN_FILENO, &end, 1) > 0) {
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "serve") {
    return serve_alone(argv[2]);
  }
  constexpr int kWanted = 10'000;
  constexpr int kOthers = 64;  // descriptors besides those of the links
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const int most = static_cast<int>((limit.rlim_cur - kOthers) / 2);
  const int links = std::min(argc > 1 ? std::atoi(argv[1]) : kWanted, most);
  const int trips = argc > 2 ? std::atoi(argv[2]) : 100'000;
  for (const int toxics : {0, 1, 2}) {
    // A process of its own: memory that another one has left would hide the growth.
    const pid_t one = ::fork();
    if (one == 0) {
      measure(links, trips, toxics);
      return 0;
    }
    int status = 0;
    ::waitpid(one, &status, 0);
    if (status != 0) {
      return 1;
    }
  }
  return 0;
}
