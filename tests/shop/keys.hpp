// What becomes of the Idempotency-Key of a request, with and without the defects that squall is to
// find.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "loadgen/base/time.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/operation.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/stop_flag.hpp"

namespace squall::shop {

class Call;
class Redis;

// Each but the last has one defect; the file of its name (keys_….cpp) says how it comes about.
enum class KeysMode {
  kNone,
  kRacy,
  kInMemory,
  kGlobal,
  kStickyLock,
  kBodyIgnored,
  kFailuresNotStored,
  kAtomic,
};

// What a request is told whose key is in use right now.
enum class InFlight {
  kWait,    // nothing until the first is answered, and then the same
  kReject,  // 409
};

enum class KeyRequired { kNo, kYes };

// What a request with a key is told when nobody can look keys up.
enum class StoreDown {
  kRefuse,    // 503
  kFailOpen,  // as if it had no key
};

struct KeySettings {
  KeysMode mode = KeysMode::kAtomic;
  Duration lock_time = std::chrono::seconds(5);  // a claim that is older belongs to a process that
                                                 // died, and is taken over
  Duration wait_time = std::chrono::seconds(5);  // how long a twin waits for the one that came
                                                 // first
  InFlight in_flight = InFlight::kWait;
  Duration window = std::chrono::hours(24);  // how long a key is remembered; zero: for ever
  KeyRequired required = KeyRequired::kNo;
  StoreDown store_down = StoreDown::kRefuse;
};

// Requests with equal keys are the same operation when caller and endpoint are equal, too.
struct KeyedRequest {
  std::string caller;    // empty: anonymous
  std::string endpoint;  // "POST /payments"
  std::string request;   // what it asks for: equal for equal requests, however they are written
  std::string key = {};
};

// Borrows what is in Deps. Any thread.
class Keys {
 public:
  struct Deps {
    Database& database;
    Metrics& metrics;
    const Log& log;
    StopFlag& stop;
    Redis* redis = nullptr;  // where keys are instead of the database; null: there
  };
  Keys(KeyRequired required, Deps deps) : deps_(deps), required_(required) {}
  virtual ~Keys() = default;
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  // Carries the operation out, or answers for one that was carried out before. `asked`: its key is
  // read from the call. 400 for a key that is none, 409 for one in use, 422 for one of another
  // request; else what the operation answers.
  [[nodiscard]] Answer carry_out(const Call& call, KeyedRequest asked, const Operation& operation);

 protected:
  // The key is well-formed.
  virtual Answer carry_out_keyed(const KeyedRequest& request, const Operation& operation,
                                 const Trace& trace) = 0;
  [[nodiscard]] virtual bool heeds_keys() const { return true; }

  // As if there were no key.
  [[nodiscard]] Answer carry_out_unprotected(const Operation& operation, const Trace& trace);
  // 503, counted and logged.
  [[nodiscard]] Answer database_failed(const Error& error, const Trace& trace) const;

  Deps deps_;

 private:
  KeyRequired required_;
};

[[nodiscard]] std::unique_ptr<Keys> make_keys(const KeySettings& settings, Keys::Deps deps);

[[nodiscard]] Answer replay_of(Answer stored);
// 422.
[[nodiscard]] Answer key_of_another_request();

// One per variant, each in a file of its own.
[[nodiscard]] std::unique_ptr<Keys> make_no_keys(const KeySettings& settings, Keys::Deps deps);
[[nodiscard]] std::unique_ptr<Keys> make_racy_keys(const KeySettings& settings, Keys::Deps deps);
[[nodiscard]] std::unique_ptr<Keys> make_keys_in_memory(const KeySettings& settings,
                                                        Keys::Deps deps);
[[nodiscard]] std::unique_ptr<Keys> make_global_keys(const KeySettings& settings, Keys::Deps deps);
[[nodiscard]] std::unique_ptr<Keys> make_sticky_keys(const KeySettings& settings, Keys::Deps deps);
[[nodiscard]] std::unique_ptr<Keys> make_bodiless_keys(const KeySettings& settings,
                                                       Keys::Deps deps);
[[nodiscard]] std::unique_ptr<Keys> make_forgetful_keys(const KeySettings& settings,
                                                        Keys::Deps deps);
[[nodiscard]] std::unique_ptr<Keys> make_atomic_keys(const KeySettings& settings, Keys::Deps deps);

}  // namespace squall::shop
