// Calls to another service over connections that are kept open.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace httplib {
class Client;
}

namespace squall::shop {

struct PoolRequest {
  std::string method;
  std::string path;  // after the pool's base path
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body = {};
};

struct PoolAnswer {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// A pool of HTTP clients for one service. Any thread; grows to as many connections as there are
// calls at the same time. A connection that was idle for two seconds is not used again: the other
// side may be about to close it, and then nobody could say whether a request was carried out.
class HttpPool {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // `base_url`: "http://127.0.0.1:9000" or with a path that goes before each call's.
  // kInvalidArgument otherwise. `timeout`: for connecting, for each wait for bytes of the answer,
  // and for the kernel to get what was sent acknowledged; zero waits for ever, and whether the
  // other side still exists is never asked.
  [[nodiscard]] static Result<std::unique_ptr<HttpPool>> make(const std::string& base_url,
                                                              Duration timeout);
  ~HttpPool();
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  // Never repeats a request. Fails, saying why, when no answer came: kNotFound when there was no
  // connection and so nothing was sent, kUnavailable when nobody can say whether the request was
  // carried out.
  [[nodiscard]] Result<PoolAnswer> send(const PoolRequest& request);
  // As send(), of a JSON text.
  [[nodiscard]] Result<PoolAnswer> post(const std::string& path, Headers headers,
                                        const std::string& json);

 private:
  struct Idle {
    std::unique_ptr<httplib::Client> client;
    TimePoint since;
  };

  HttpPool(std::string origin, std::string base_path, Duration timeout);
  [[nodiscard]] std::unique_ptr<httplib::Client> take();
  void give_back(std::unique_ptr<httplib::Client> client);

  std::string origin_;
  std::string base_path_;
  Duration timeout_;
  std::mutex mutex_;
  std::vector<Idle> idle_;  // the most recently used last
};

}  // namespace squall::shop
