#include "faults/process/free_port.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <thread>
#include <vector>

namespace squall::faults {
namespace {

int bound_socket(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

TEST(FreePort, PortsCanBeBoundAndLieOutsideTheRangeOfOutgoingConnections) {
  const PortRange outgoing = outgoing_port_range();
  for (int i = 0; i < 50; ++i) {
    const Result<std::uint16_t> port = free_port();
    ASSERT_TRUE(port);
    EXPECT_GE(*port, 10'000);
    if (outgoing.first > 11'000 || outgoing.last < 64'000) {
      EXPECT_FALSE(outgoing.contains(*port)) << *port;
    }
    const int fd = bound_socket(*port);
    EXPECT_GE(fd, 0) << *port;
    ::close(fd);
  }
}

TEST(FreePort, NeverTheSameTwiceInAProcess) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 100;
  std::vector<std::vector<std::uint16_t>> ports(kThreads);
  std::vector<std::thread> threads;
  for (std::vector<std::uint16_t>& mine : ports) {
    threads.emplace_back([&mine] {
      for (std::size_t i = 0; i < kEach; ++i) {
        mine.push_back(free_port().value_or(0));
      }
    });
  }
  std::set<std::uint16_t> distinct;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads[i].join();
    distinct.insert(ports[i].begin(), ports[i].end());
  }
  EXPECT_EQ(distinct.size(), kThreads * kEach);
  EXPECT_FALSE(distinct.contains(0));
}

TEST(FreePort, APortInUseIsNotGiven) {
  const Result<std::uint16_t> port = free_port();
  ASSERT_TRUE(port);
  // The next candidate is the port after it: taken, it must be passed over.
  const int fd = bound_socket(static_cast<std::uint16_t>(*port + 1));
  const Result<std::uint16_t> next = free_port();
  ASSERT_TRUE(next);
  if (fd >= 0) {
    EXPECT_NE(*next, *port + 1);
    ::close(fd);
  }
}

}  // namespace
}  // namespace squall::faults
