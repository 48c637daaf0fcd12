#include "tests/shop/claimed_keys.hpp"

#include <algorithm>
#include <chrono>

#include "loadgen/base/clock.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {
namespace {

// Between two looks at a claim: the owner may be another process, whose end no condition variable
// tells.
constexpr Duration kLookAgain = std::chrono::milliseconds(20);
constexpr Duration kLongestReaperPause = std::chrono::seconds(60);

}  // namespace

ClaimedKeys::ClaimedKeys(const KeySettings& settings, Deps deps, std::unique_ptr<Claims> claims,
                         ClaimRules rules)
    : Keys(settings.required, deps),
      settings_(settings),
      claims_(std::move(claims)),
      rules_(std::move(rules)) {
  if (settings_.window != Duration::zero()) {
    reaper_ = std::thread([this] { reap(); });
  }
}

ClaimedKeys::~ClaimedKeys() {
  ending_.request();
  if (reaper_.joinable()) {
    reaper_.join();
  }
}

void ClaimedKeys::reap() {
  while (ending_.let_pass(std::min(settings_.window, kLongestReaperPause))) {
    if (const Result<void> reaped = claims_->reap(); !reaped) {
      deps_.log.error("old keys cannot be dropped", nullptr, {{"error", reaped.error().message}});
    }
  }
}

Answer ClaimedKeys::carry_out_keyed(const KeyedRequest& request, const Operation& operation,
                                    const Trace& trace) {
  const ClaimRequest wanted{rules_.identify(request), random_hex(32)};
  const Duration wait_time =
      settings_.in_flight == InFlight::kReject ? Duration::zero() : settings_.wait_time;
  const TimePoint deadline = monotonic_now() + wait_time;
  while (true) {
    Result<Claim> claim = claims_->claim(wanted);
    if (claim && claim->state == ClaimState::kWon) {
      std::optional<Answer> answer = work(wanted, std::move(claim->progress), operation, trace);
      if (answer) {
        return std::move(*answer);
      }
      continue;
    }
    if (claim && claim->state == ClaimState::kInFlight) {
      claim = wait_for_owner(wanted, deadline);
    }
    if (!claim) {
      return store_failed(claim.error(), operation, trace);
    }
    switch (claim->state) {
      case ClaimState::kDone:
        return replay_of(std::move(claim->answer));
      case ClaimState::kMismatch:
        return key_of_another_request();
      case ClaimState::kInFlight: {
        Answer conflict = problem(409, "a request with this Idempotency-Key is under way");
        conflict.headers.emplace_back("Retry-After", "1");
        return conflict;
      }
      case ClaimState::kWon:
        break;  // claiming is worth another try
    }
  }
}

Answer ClaimedKeys::store_failed(const Error& error, const Operation& operation,
                                 const Trace& trace) {
  if (settings_.store_down == StoreDown::kFailOpen) {
    deps_.log.error("keys cannot be looked up", &trace, {{"error", error.message}});
    return carry_out_unprotected(operation, trace);
  }
  return database_failed(error, trace);
}

Result<Claim> ClaimedKeys::wait_for_owner(const ClaimRequest& claim, TimePoint deadline) {
  const std::string& key = claim.asked.key;
  while (true) {
    const std::uint64_t seen = bell_.rings(key);
    Result<Claim> state = claims_->look(claim);
    const Duration left = deadline - monotonic_now();
    if (!state || state->state != ClaimState::kInFlight || left <= Duration::zero() ||
        deps_.stop.requested()) {
      return state;
    }
    bell_.wait(key, seen, std::min(left, kLookAgain));
  }
}

std::optional<Answer> ClaimedKeys::work(const ClaimRequest& claim, Progress progress,
                                        const Operation& operation, const Trace& trace) {
  while (progress.results.size() < operation.steps.size()) {
    StepResult result = operation.steps[progress.results.size()](progress.operation);
    if (!result.value) {
      // Nothing was done: not even the request needs to be the same next time.
      const bool undone = progress.results.empty() && result.failure == Failure::kRefused;
      give_up(claim, undone ? GiveUp::kForget : GiveUp::kKeepOperation, trace);
      return std::move(result.answer);
    }
    progress.results.push_back(std::move(*result.value));
    const Result<bool> owned = claims_->advance(claim, progress);
    if (!owned) {
      give_up(claim, GiveUp::kKeepOperation, trace);
      return database_failed(owned.error(), trace);
    }
    if (!*owned) {
      deps_.log.error("claim lost during a call", &trace, {{"key", claim.asked.key}});
      return std::nullopt;
    }
  }
  return record(claim, progress, operation, trace);
}

std::optional<Answer> ClaimedKeys::record(const ClaimRequest& claim, const Progress& done,
                                          const Operation& operation, const Trace& trace) {
  Result<std::optional<Answer>> answer = commit(claim, done, operation);
  if (!answer) {
    give_up(claim, GiveUp::kKeepOperation, trace);
    return database_failed(answer.error(), trace);
  }
  if (!*answer) {
    deps_.log.error("claim lost before the commit", &trace, {{"key", claim.asked.key}});
    return std::nullopt;
  }
  if ((*answer)->status >= 400) {
    give_up(claim, done.results.empty() ? GiveUp::kForget : GiveUp::kKeepOperation, trace);
    return std::move(*answer);
  }
  if (const Result<void> stored = claims_->finish_after(claim, **answer); !stored) {
    // The effect is there, and bears the operation's id: whoever takes the claim over finds it.
    deps_.log.error("answer not stored", &trace, {{"error", stored.error().message}});
  }
  bell_.ring(claim.asked.key);
  operation.after_commit();
  return std::move(*answer);
}

Result<std::optional<Answer>> ClaimedKeys::commit(const ClaimRequest& claim, const Progress& done,
                                                  const Operation& operation) {
  const Database::WriteLease writer = deps_.database.write();
  Transaction transaction(*writer);
  const Result<Answer> answer =
      transaction.begin().and_then([&] { return operation.record(*writer, done); });
  if (!answer) {
    return fail(answer.error());
  }
  if (answer->status >= 400) {
    return std::optional(*answer);
  }
  const Result<bool> owned = claims_->finish_within(*writer, claim, *answer);
  if (!owned) {
    return fail(owned.error());
  }
  if (!*owned) {
    return std::nullopt;  // the transaction rolls the effect back
  }
  return transaction.commit().map([&] { return std::optional(*answer); });
}

void ClaimedKeys::give_up(const ClaimRequest& claim, GiveUp how, const Trace& trace) {
  if (rules_.on_failure == OnFailure::kStayLocked) {
    return;
  }
  const GiveUp chosen = rules_.on_failure == OnFailure::kForget ? GiveUp::kForget : how;
  if (const Result<void> given = claims_->give_up(claim, chosen); !given) {
    // The lock time frees the key.
    deps_.metrics.database_error();
    deps_.log.error("cannot give a claim up", &trace, {{"error", given.error().message}});
  }
  bell_.ring(claim.asked.key);
}

}  // namespace squall::shop
