#include "tests/support/redis.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/support/unprivileged.hpp"

namespace squall::test {

std::vector<std::string> redis_command(const std::string& port) {
  return as_unprivileged({"/usr/bin/redis-server", "--port", port, "--bind", "127.0.0.1", "--save",
                          "", "--appendonly", "no"});
}

Redis::Redis() {
  constexpr int kTries = 5;  // see Postgres
  for (int i = 0; i < kTries && !start(); ++i) {
  }
  EXPECT_FALSE(process_->has_ended()) << log();
}

bool Redis::start() {
  port_ = free_loopback_port();
  const std::string directory = directory_ / "redis";
  std::filesystem::create_directories(directory);
  give_to_unprivileged(directory);
  process_ = std::make_unique<Process>(
      Process::Options{.command = redis_command(std::to_string(port_)), .directory = directory});
  EXPECT_TRUE(eventually([&] {
    return log().find("Ready to accept connections") != std::string::npos || process_->has_ended();
  }));
  return !process_->has_ended();
}

Redis::~Redis() {
  process_->signal(SIGTERM);
  process_->wait(std::chrono::seconds(10));
}

}  // namespace squall::test
