#include "tests/shop/keys.hpp"

#include <algorithm>
#include <utility>

#include "loadgen/base/check.hpp"
#include "tests/shop/http_service.hpp"

namespace squall::shop {
namespace {

constexpr const char* kKeyHeader = "Idempotency-Key";
constexpr std::size_t kMaxKey = 255;

bool is_key(const std::string& text) {
  return !text.empty() && text.size() <= kMaxKey &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Answer Keys::carry_out(const Call& call, KeyedRequest asked, const Operation& operation) {
  const std::size_t keys = heeds_keys() ? call.header_count(kKeyHeader) : 0;
  if (keys == 0) {
    return heeds_keys() && required_ == KeyRequired::kYes
               ? problem(400, "an Idempotency-Key is required")
               : carry_out_unprotected(operation, call.trace());
  }
  asked.key = call.header(kKeyHeader).value_or("");
  if (keys > 1 || !is_key(asked.key)) {
    return problem(400, "Idempotency-Key must be one header of 1 to 255 visible ASCII characters");
  }
  return carry_out_keyed(asked, operation, call.trace());
}

Answer Keys::carry_out_unprotected(const Operation& operation, const Trace& trace) {
  Progress progress;
  for (const Operation::Step& step : operation.steps) {
    StepResult result = step("");
    if (!result.value) {
      return std::move(result.answer);
    }
    progress.results.push_back(std::move(*result.value));
  }
  Result<Answer> answer = Answer();
  {
    const Database::WriteLease writer = deps_.database.write();
    Transaction transaction(*writer);
    answer = transaction.begin()
                 .and_then([&] { return operation.record(*writer, progress); })
                 .and_then([&](const Answer& made) {
                   return transaction.commit().map([&] { return made; });
                 });
  }
  if (!answer) {
    return database_failed(answer.error(), trace);
  }
  if (answer->status < 400) {
    operation.after_commit();
  }
  return std::move(*answer);
}

Answer Keys::database_failed(const Error& error, const Trace& trace) const {
  deps_.metrics.database_error();
  deps_.log.error("database error", &trace, {{"error", error.message}});
  return problem(503, "the database cannot be used now");
}

Answer replay_of(Answer stored) {
  stored.headers.emplace_back("Idempotent-Replayed", "true");
  return stored;
}

Answer key_of_another_request() {
  return problem(422, "this Idempotency-Key was used with another request");
}

std::unique_ptr<Keys> make_keys(const KeySettings& settings, Keys::Deps deps) {
  switch (settings.mode) {
    case KeysMode::kNone:
      return make_no_keys(settings, deps);
    case KeysMode::kRacy:
      return make_racy_keys(settings, deps);
    case KeysMode::kInMemory:
      return make_keys_in_memory(settings, deps);
    case KeysMode::kGlobal:
      return make_global_keys(settings, deps);
    case KeysMode::kStickyLock:
      return make_sticky_keys(settings, deps);
    case KeysMode::kBodyIgnored:
      return make_bodiless_keys(settings, deps);
    case KeysMode::kFailuresNotStored:
      return make_forgetful_keys(settings, deps);
    case KeysMode::kAtomic:
      return make_atomic_keys(settings, deps);
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::shop
