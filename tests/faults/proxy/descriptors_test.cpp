// A proxy that runs out of descriptors.
#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include "tests/faults/proxy/proxy_case.hpp"

namespace squall::faults {
namespace {

std::set<int> open_descriptors() {
  std::set<int> result;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
  EXPECT_NE(folder, nullptr);
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != ::dirfd(folder.get())) {
      result.insert(std::atoi(entry->d_name));
    }
  }
  return result;
}

// Leaves this process exactly so many descriptors while it lives.
class ScarceDescriptors {
 public:
  explicit ScarceDescriptors(int left) {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const std::set<int> open = open_descriptors();
    int limit = 0;
    for (int free = 0; free < left || open.count(limit) != 0; ++limit) {
      free += open.count(limit) == 0 ? 1 : 0;
    }
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(limit);
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &now), 0);
  }
  ~ScarceDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

// The sanitizer of undefined behaviour opens a pipe when it meets a new type of object, and takes
// the lack of descriptors for a wild pointer: these run without it.
class DescriptorsTest : public ProxyCase {
 protected:
#ifdef __SANITIZE_ADDRESS__
  void SetUp() override {
    GTEST_SKIP() << "the sanitizer itself needs descriptors";
  }
#endif
  // Clients whose sockets exist already.
  static std::vector<test::Socket> sockets(int count) {
    std::vector<test::Socket> result;
    for (int i = 0; i < count; ++i) {
      result.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    }
    return result;
  }
  static void connect_all(const std::vector<test::Socket>& clients, std::uint16_t at_port) {
    const sockaddr_in to = test::Socket::loopback(at_port);
    for (const test::Socket& client : clients) {
      EXPECT_EQ(::connect(client.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    }
  }
  static void expect_works(Pair& link) {
    link.client.send("x");
    EXPECT_EQ(link.server.receive_all(1), "x");
  }
};

TEST_F(DescriptorsTest, without_one_for_the_server_the_client_is_closed) {
  create();
  Pair before = connect();
  std::vector<test::Socket> clients = sockets(10);
  {
    const ScarceDescriptors scarce(1);
    connect_all(clients, port);
    for (test::Socket& client : clients) {
      EXPECT_EQ(client.rest(), "");
    }
    EXPECT_EQ(view().counters.dial_failures, 10U);
    EXPECT_EQ(server.events_after(0).back().detail,
              "dial tcp " + backend.address() + ": connect: too many open files");
    expect_works(before);
  }
  Pair after = connect();
  expect_works(after);
}

TEST_F(DescriptorsTest, without_one_for_the_client_it_is_closed_too) {
  create();
  Pair before = connect();
  std::vector<test::Socket> clients = sockets(10);
  {
    const ScarceDescriptors scarce(0);
    connect_all(clients, port);
    for (test::Socket& client : clients) {
      EXPECT_EQ(client.rest(), "");
    }
    EXPECT_EQ(view().counters.accepted, 1U);
    expect_works(before);
  }
  Pair after = connect();
  expect_works(after);
}

}  // namespace
}  // namespace squall::faults
