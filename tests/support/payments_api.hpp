// A small payments API in this process, right or wrong in one way at a time, and the oracle that
// sees its books.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/model/oracle.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::verify {

// What the API does about keys. By default everything that it should.
struct Habits {
  bool knows_keys = true;
  bool claims = true;  // false: a key is seen only once its first answer is out
  bool by_caller = true;
  bool by_endpoint = true;
  bool compares_payloads = true;
  bool checks_keys = true;  // their form
  bool requires_keys = true;
  bool blocks = false;   // in flight; else 409
  bool releases = true;  // false: whoever met a key in use meets it so for ever
  bool stores_refusals = false;
  std::string marker = "Idempotent-Replayed";  // empty: none
  bool frozen = true;        // false: the replay says something else than the first answer
  int limited_every = 0;     // each n-th request is answered 429; 0: none
  int fails_once = 0;        // that request, counted from 1, is answered 503; 0: none
  int reads_fail_every = 0;  // each n-th reading is answered 503; 0: none
  int overtaken_from = 0;    // from that request on, who is first to use a key loses it to
                             // the second, and is told so at the end; 0: never
  int poisons = 0;  // the key of that request is answered 500 for ever, otherwise each time
  bool names_resources = true;      // false: all successes say the same
  bool breaks_without_key = false;  // the work is done, and the answer is a 500
  Duration takes = std::chrono::milliseconds(8);
  Duration lags{};  // from when the work is done, and its key free, until its answer leaves
};

class PaymentsApi {
 public:
  explicit PaymentsApi(Habits habits);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> effects() const {
    const std::lock_guard lock(mutex_);
    return effects_;
  }

 private:
  struct Stored {
    std::string payload;
    net::ServerReply reply;
    TimePoint done{};
    bool stuck = false;
  };

  [[nodiscard]] bool is_overtaken(const std::string& name);
  [[nodiscard]] bool well_formed(const net::ServerRequest& request) const;
  net::ServerReply answer(const net::ServerRequest& request);
  net::ServerReply show(const net::ServerRequest& request);
  net::ServerReply with_key(const net::ServerRequest& request);
  net::ServerReply again(Stored& stored, const net::ServerRequest& request, TimePoint now) const;
  net::ServerReply work(const net::ServerRequest& request);

  const Habits habits_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> effects_;
  std::map<std::string, Stored> stored_;
  std::map<std::string, std::string> resources_;  // as JSON
  std::uint64_t made_ = 0;
  std::uint64_t readings_ = 0;
  std::set<std::string> overtaken_;
  std::string poisoned_;
  std::atomic<int> requests_{0};
  std::unique_ptr<net::HttpServer> server_;  // last: its thread calls the rest
};

// Knows only how much was paid in all.
class TotalOracle final : public model::Oracle {
 public:
  explicit TotalOracle(const PaymentsApi& api, std::uint64_t factor = 1)
      : api_(api), factor_(factor) {}
  Result<void> start(const model::OracleContext& /*context*/) override { return {}; }
  Result<model::OracleReading> read(std::span<const std::string> keys,
                                    Duration /*budget*/) override {
    model::OracleReading reading;
    reading.total = 0;
    for (const auto& [token, count] : api_.effects()) {
      *reading.total += count * factor_;
    }
    reading.undecided.insert(keys.begin(), keys.end());
    return reading;
  }
  [[nodiscard]] bool counts_total_only() const override { return true; }

 private:
  const PaymentsApi& api_;
  std::uint64_t factor_;
};

// `factor`: what the books show for each payment.
class BooksOracle final : public model::Oracle {
 public:
  explicit BooksOracle(const PaymentsApi& api, std::uint64_t factor = 1)
      : api_(api), factor_(factor) {}
  Result<void> start(const model::OracleContext& /*context*/) override { return {}; }
  Result<model::OracleReading> read(std::span<const std::string> /*keys*/,
                                    Duration /*budget*/) override {
    model::OracleReading reading;
    reading.counts = api_.effects();
    for (auto& [token, count] : reading.counts) {
      count *= factor_;
    }
    return reading;
  }

 private:
  const PaymentsApi& api_;
  std::uint64_t factor_;
};

}  // namespace squall::verify
