#include "tests/support/postgres.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/support/unprivileged.hpp"

namespace squall::test {
namespace {

constexpr Duration kStartLimit = std::chrono::seconds(60);

}  // namespace

std::string postgres_program(const std::string& name) {
  return "/usr/lib/postgresql/15/bin/" + name;
}

PostgresCluster::PostgresCluster() : data_(files_ / "cluster") {
  std::filesystem::create_directory(data_);
  std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
  give_to_unprivileged(data_);
  const ProcessResult made =
      Process({.command = as_unprivileged({postgres_program("initdb"), "--pgdata", data_, "--auth",
                                           "trust", "--username", "squall", "--encoding", "UTF8",
                                           "--locale", "C", "--no-sync"}),
               .directory = data_})
          .wait(kStartLimit);
  EXPECT_EQ(made.exit_code, 0) << made.errors;
}

std::vector<std::string> PostgresCluster::command(const std::string& port) const {
  std::vector<std::string> words = {postgres_program("postgres"), "-D", data_, "-p", port};
  for (const char* const setting :
       {"listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300",
        "shared_buffers=32MB", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
        "autovacuum=off",
        // Not in /dev/shm, which containers keep small.
        "dynamic_shared_memory_type=mmap"}) {
    words.insert(words.end(), {"-c", setting});
  }
  return as_unprivileged(std::move(words));
}

Postgres::Postgres() {
  // Between our look and its bind() another process may take the port.
  constexpr int kTries = 5;
  for (int i = 0; i < kTries && !start(); ++i) {
  }
  EXPECT_FALSE(process_->has_ended()) << log();
}

bool Postgres::start() {
  constexpr std::string_view kReady = "database system is ready to accept connections";
  port_ = free_loopback_port();
  process_ = std::make_unique<Process>(Process::Options{
      .command = cluster_.command(std::to_string(port_)), .directory = cluster_.directory()});
  EXPECT_TRUE(
      eventually([&] { return log().find(kReady) != std::string::npos || process_->has_ended(); },
                 kStartLimit));
  return !process_->has_ended();
}

Postgres::~Postgres() {
  process_->signal(SIGQUIT);
  process_->wait(std::chrono::seconds(20));
}

std::string Postgres::url(std::uint16_t port) {
  return fmt::format("postgresql://squall@127.0.0.1:{}/postgres", port);
}

}  // namespace squall::test
