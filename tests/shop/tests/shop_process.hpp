// Running roles of squall-shop, and fakes of what they talk to.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"

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

bool eventually(const std::function<bool()>& condition,
                Duration at_most = std::chrono::seconds(20));

// A fresh directory, removed when the object goes.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A squall-shop process. Its private files go to a TMPDIR of its own. Killed when the object goes.
class ShopProcess {
 public:
  // Waits until it listens (or has ended, then port() is 0). "--port 0" is added unless the
  // arguments have a port.
  explicit ShopProcess(std::vector<std::string> arguments);
  ~ShopProcess();
  ShopProcess(const ShopProcess&) = delete;
  ShopProcess& operator=(const ShopProcess&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string log() const;         // all of stderr so far
  [[nodiscard]] std::size_t files_left() const;  // in its TMPDIR

  // Sends the signal and waits: the wait status.
  int end(int signal);
  // Waits for it to end by itself.
  int wait();

  [[nodiscard]] Reply get(const std::string& path) const { return request(port_, "GET", path); }
  [[nodiscard]] Reply pay(const std::string& key, const std::string& body) const {
    return request(port_, "POST", "/payments", body, {{"Idempotency-Key", key}});
  }
  // How many effects its ledger has, in all or under a token.
  [[nodiscard]] std::size_t effects(const std::string& token = "") const;

 private:
  TestDirectory directory_;
  pid_t pid_ = 0;
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
