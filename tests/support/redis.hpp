// Redis for a test alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace squall::test {

// The command line of a Redis on 127.0.0.1 that keeps nothing on disk, as an unprivileged user; for
// a Process or for the `command` of a [[service]], where `port` may be "{{port.cache}}". SIGTERM
// ends it.
[[nodiscard]] std::vector<std::string> redis_command(const std::string& port);

// One that runs as long as the object lives, on a free port.
class Redis {
 public:
  Redis();
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string log() const { return process_->output(); }

 private:
  bool start();

  TestDirectory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace squall::test
