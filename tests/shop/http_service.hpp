// The HTTP side of every role: routes, metrics, logs, traces, a clean end.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/stop_flag.hpp"
#include "tests/shop/trace.hpp"

namespace httplib {
struct Request;
}

namespace squall::shop {

// A request as a handler sees it. Borrows; valid during the handler's call.
class Call {
 public:
  // `head`: request line and headers as they came.
  Call(const httplib::Request& request, const Trace& trace, std::string_view head)
      : request_(request), trace_(trace), head_(head) {}

  [[nodiscard]] const std::string& body() const;
  // Path and query, as they came.
  [[nodiscard]] const std::string& target() const;
  [[nodiscard]] const Trace& trace() const { return trace_; }
  // Content of the first part of that name in a form (multipart/form-data).
  [[nodiscard]] std::optional<std::string> part(const char* name) const;
  // First header of that name.
  [[nodiscard]] std::optional<std::string> header(const char* name) const;
  // How many headers of that name came, empty ones included, which header() does not know.
  [[nodiscard]] std::size_t header_count(std::string_view name) const;
  // First query parameter of that name.
  [[nodiscard]] std::optional<std::string> query(const char* name) const;
  // What the n-th group of the route's pattern matched; groups count from 1.
  [[nodiscard]] std::string group(std::size_t n) const;

 private:
  const httplib::Request& request_;
  const Trace& trace_;
  std::string_view head_;
};

// Runs on one of the service's threads, several at a time.
using Handler = std::function<Answer(const Call&)>;

// What SIGTERM and SIGINT do.
enum class OnTerm {
  kExit,    // the process is gone at once, and with it what it was about to answer
  kFinish,  // accepts nothing more, answers what runs
  kDrain,   // first answers /readyz with 503 and serves on, so that callers go elsewhere
};

struct HttpOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;             // 0: any free one
  std::string certificate_file = {};  // with key_file: speaks TLS alone
  std::string key_file = {};
  unsigned threads = 256;  // a connection occupies one for as long as it is open
  OnTerm on_term = OnTerm::kFinish;
  Duration drain_time = std::chrono::milliseconds(300);
};

// Owns the listening socket and the threads. Borrows log, metrics and stop flag. Serves GET
// /healthz and GET /metrics itself.
class HttpService {
 public:
  struct Deps {
    const Log& log;
    Metrics& metrics;
    StopFlag& stop;
  };
  HttpService(HttpOptions options, Deps deps);
  ~HttpService();
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  enum class Method { kGet, kPost, kPut, kDelete };
  // `pattern`: a regular expression for the whole path, its repetitions bounded (the matcher
  // recurses per character). `name`: what metrics and logs call the route. REQUIRES: before run().
  void route(Method method, const std::string& pattern, const std::string& name, Handler handler);

  // Starts to listen and returns the port. kUnavailable when the port is taken or may not be used,
  // kInvalidArgument when certificate or key cannot.
  [[nodiscard]] Result<std::uint16_t> bind();

  enum class End {
    kDrained,   // every request was answered
    kCutShort,  // some still run: leave the process without waiting for them
  };
  // Serves until SIGTERM or SIGINT, which must be blocked in all threads, and then does what
  // OnTerm says. Running requests finish for up to 700 ms: squall's guardian allows a second. While
  // it drains every answer closes its connection; a second signal ends the draining.
  // REQUIRES: bind() succeeded; called once.
  [[nodiscard]] End run();

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

// Blocks the signals that run() waits for. REQUIRES: called before any thread is started.
void block_stop_signals();

}  // namespace squall::shop
