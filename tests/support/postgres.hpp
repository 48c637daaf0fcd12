// PostgreSQL for a test alone: nothing of the machine's own clusters is touched.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace squall::test {

// A fresh database cluster in a temporary directory: user "squall" without a password, database
// "postgres", UTF-8. Made for speed: what the disk has after a crash of the machine is of no
// interest. Owned by an unprivileged user.
class PostgresCluster {
 public:
  PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // Serves it on 127.0.0.1, for at most 300 connections, without a Unix socket; for a Process or
  // for the `command` of a [[service]], where `port` may be "{{port.db}}". SIGINT ends it at once
  // and in order, SIGQUIT without waiting for anything.
  [[nodiscard]] std::vector<std::string> command(const std::string& port) const;
  [[nodiscard]] const std::string& directory() const { return data_; }

 private:
  TestDirectory files_;
  std::string data_;
};

// One that runs as long as the object lives, on a free port.
class Postgres {
 public:
  Postgres();
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // "postgresql://squall@127.0.0.1:<port>/postgres", to it or to a proxy before it.
  [[nodiscard]] static std::string url(std::uint16_t port);
  [[nodiscard]] std::string log() const { return process_->errors(); }

 private:
  bool start();

  PostgresCluster cluster_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

// A program of PostgreSQL 15: "pgbench", "psql"…
[[nodiscard]] std::string postgres_program(const std::string& name);

}  // namespace squall::test
