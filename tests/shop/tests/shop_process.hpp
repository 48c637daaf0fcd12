// Running roles of squall-shop, and fakes of what they talk to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace squall::shop::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  int status = 0;  // 0: no answer
  std::string body;
  std::map<std::string, std::string> headers;
};

// One request on a fresh connection.
Reply request(std::uint16_t port, const std::string& method, const std::string& path,
              const std::string& body = "", const Headers& headers = {});

// The same request `count` times at the same moment: every connection is open before the first byte
// is sent. `ports`: taken in turn.
std::vector<Reply> post_together(std::size_t count, const std::vector<std::uint16_t>& ports,
                                 const std::string& path, const std::string& body,
                                 const Headers& headers);

// A squall-shop process. Its private files go to a TMPDIR of its own. Killed when the object goes.
class ShopProcess {
 public:
  // Waits until it listens (or has ended, then port() is 0). "--port 0" is added unless the
  // arguments have a port.
  explicit ShopProcess(std::vector<std::string> arguments);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string log() const { return process_.errors(); }  // all of stderr so far
  [[nodiscard]] std::size_t files_left() const;                        // in its TMPDIR

  // Sends the signal and waits: the exit code, 128 + signal when a signal ended it.
  int end(int signal);
  void signal(int number) { process_.signal(number); }
  // Waits for it to end by itself.
  int wait() { return process_.wait().exit_code; }

  [[nodiscard]] Reply get(const std::string& path) const { return request(port_, "GET", path); }
  [[nodiscard]] Reply pay(const std::string& key, const std::string& body) const {
    return request(port_, "POST", "/payments", body, {{"Idempotency-Key", key}});
  }
  // How many effects its ledger has, in all or under a token.
  [[nodiscard]] std::size_t effects(const std::string& token = "") const;

 private:
  test::TestDirectory directory_;
  test::Process process_;
  std::uint16_t port_ = 0;
};

// {"order":"o1","amount":1999,"token":TOKEN}
std::string payment_body(const std::string& token, int amount = 1999);

// An HTTP server whose answers the test decides. Counts and keeps what came in.
class FakeService {
 public:
  struct Received {
    std::string path;
    std::string body;
    std::map<std::string, std::string> headers;
  };
  // Called per request, on several threads: the status and the body to answer.
  using Answering = std::function<std::pair<int, std::string>(const Received&)>;
  explicit FakeService(Answering answering);
  ~FakeService();
  FakeService(const FakeService&) = delete;
  FakeService& operator=(const FakeService&) = delete;

  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::vector<Received> received() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::shop::testing
