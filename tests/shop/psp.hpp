// The role psp: a payment provider.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "loadgen/base/time.hpp"
#include "tests/shop/http_service.hpp"

namespace squall::shop {

struct PspOptions {
  HttpOptions http;
  Duration answer_time{};  // the provider's own processing time
  LogLevel log_level = LogLevel::kInfo;
};

// What the provider has charged, in memory. A charge takes the answer time and then exists, whether
// or not the caller still listens. Calls with the same Idempotency-Key charge once: one works, the
// others wait for its answer. Borrows the stop flag. Any thread.
class PaymentProvider {
 public:
  PaymentProvider(Duration answer_time, StopFlag& stop) : answer_time_(answer_time), stop_(stop) {}

  // POST /charges {"amount","token"}: 201; 422 when the key was used with other values.
  [[nodiscard]] Answer charge(const Call& call);
  // GET /charges?token=&limit=&after= : {"charges":[…],"next":…}.
  [[nodiscard]] Answer list(const Call& call) const;
  // GET /ledger, same query: {"effects":[{"token","id","amount"}…],"next":…}.
  [[nodiscard]] Answer ledger(const Call& call) const;
  // GET /rates/{currency}: {"currency","rate"}, at once; 404 for one that it does not know.
  [[nodiscard]] static Answer rate(const Call& call);

 private:
  struct Charge {
    std::int64_t number = 0;
    std::int64_t amount = 0;
    std::string token;
    std::string key;
  };
  struct KeyedAnswer {
    std::int64_t amount = 0;
    std::string token;
    std::optional<Answer> answer;  // empty while the first call is under way
  };

  [[nodiscard]] Answer charge_once(const std::string& key, std::int64_t amount,
                                   const std::string& token);
  // Empty when the program ends first.
  [[nodiscard]] std::optional<Answer> process(std::int64_t amount, const std::string& token,
                                              const std::string& key);
  template <class Describe>
  [[nodiscard]] Answer list_as(const char* name, const Call& call, Describe describe) const;

  Duration answer_time_;
  StopFlag& stop_;
  mutable std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<Charge> charges_;  // charge n is at n - 1
  std::map<std::string, KeyedAnswer> keyed_;
};

// Serves until a signal; the process's exit code.
[[nodiscard]] int run_psp(const PspOptions& options);

}  // namespace squall::shop
