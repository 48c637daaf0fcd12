// Values by key in a Redis server.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

struct redisContext;

namespace squall::shop {

// A pool of connections that grows to as many as there are calls at the same time. One that fails
// is dropped, and the next call opens another. Any thread.
class Redis {
 public:
  // `address`: "127.0.0.1:6379"; kInvalidArgument otherwise. `timeout`: for connecting and for each
  // answer.
  [[nodiscard]] static Result<std::unique_ptr<Redis>> make(const std::string& address,
                                                           Duration timeout);
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  // kUnavailable when the server does not answer or refuses.
  [[nodiscard]] Result<void> set(const std::string& key, const std::string& value);
  [[nodiscard]] Result<std::optional<std::string>> get(const std::string& key);
  // A Lua script on one key, which answers with a text or nothing. REQUIRES: running it twice is as
  // good as once.
  [[nodiscard]] Result<std::optional<std::string>> evaluate(const std::string& script,
                                                            const std::string& key,
                                                            std::vector<std::string> arguments);

 private:
  struct Closer {
    void operator()(redisContext* context) const;
  };
  using Context = std::unique_ptr<redisContext, Closer>;

  Redis(std::string host, int port, Duration timeout)
      : host_(std::move(host)), port_(port), timeout_(timeout) {}
  // A text, or nothing for Redis' nil.
  [[nodiscard]] Result<std::optional<std::string>> command(const std::vector<std::string>& words);
  // The command over an idle connection may fail because the server closed it meanwhile; all
  // commands may be repeated, so a fresh connection then has a try.
  [[nodiscard]] Result<std::optional<std::string>> command_on(
      Context context, const std::vector<std::string>& words);
  [[nodiscard]] Result<Context> connect() const;

  std::string host_;
  int port_;
  Duration timeout_;
  std::mutex mutex_;
  std::vector<Context> idle_;
};

}  // namespace squall::shop
