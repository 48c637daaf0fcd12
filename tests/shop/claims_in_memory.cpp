// Claims in a map of the process.
#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "tests/shop/claims.hpp"

namespace squall::shop {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;

struct Entry {
  std::string request;
  std::string owner;  // empty: given up
  Progress progress;
  std::int64_t created_ms = 0;
  std::int64_t claimed_ms = 0;
  std::optional<Answer> answer = {};
};

Key key_of(const ClaimRequest& request) {
  return {request.asked.caller, request.asked.endpoint, request.asked.key};
}

class MemoryClaims final : public Claims {
 public:
  explicit MemoryClaims(ClaimTimes times) : times_(times) {}

  Result<Claim> claim(const ClaimRequest& wanted) override;
  Result<Claim> look(const ClaimRequest& wanted) override;
  Result<bool> advance(const ClaimRequest& owned, const Progress& progress) override;
  Result<bool> finish_within(Connection&, const ClaimRequest& owned, const Answer&) override;
  Result<void> finish_after(const ClaimRequest& owned, const Answer& answer) override;
  Result<void> give_up(const ClaimRequest& owned, GiveUp how) override;
  Result<void> reap() override;

 private:
  [[nodiscard]] bool is_abandoned(const Entry& entry, std::int64_t now) const;
  [[nodiscard]] bool is_forgotten(const Entry& entry, std::int64_t now) const;
  [[nodiscard]] Claim state_of(const ClaimRequest& wanted, std::int64_t now) const;
  // Null when somebody else owns it. REQUIRES: the lock is held.
  [[nodiscard]] Entry* find_owned(const ClaimRequest& owned);

  ClaimTimes times_;
  std::mutex mutex_;
  std::map<Key, Entry> entries_;
};

bool MemoryClaims::is_abandoned(const Entry& entry, std::int64_t now) const {
  return !entry.answer &&
         (entry.owner.empty() || entry.claimed_ms < abandoned_before_ms(times_, now));
}

bool MemoryClaims::is_forgotten(const Entry& entry, std::int64_t now) const {
  return entry.created_ms < forgotten_before_ms(times_, now) &&
         (entry.answer || is_abandoned(entry, now));
}

Claim MemoryClaims::state_of(const ClaimRequest& wanted, std::int64_t now) const {
  const auto at = entries_.find(key_of(wanted));
  if (at == entries_.end() || is_forgotten(at->second, now)) {
    return Claim{ClaimState::kWon};
  }
  const Entry& entry = at->second;
  if (entry.request != wanted.asked.request) {
    return Claim{ClaimState::kMismatch};
  }
  if (entry.answer) {
    return Claim{ClaimState::kDone, {}, *entry.answer};
  }
  return Claim{is_abandoned(entry, now) ? ClaimState::kWon : ClaimState::kInFlight};
}

Result<Claim> MemoryClaims::claim(const ClaimRequest& wanted) {
  const std::int64_t now = wall_clock_ms();
  const std::lock_guard lock(mutex_);
  Claim claim = state_of(wanted, now);
  if (claim.state != ClaimState::kWon) {
    return claim;
  }
  const auto at = entries_.find(key_of(wanted));
  if (at != entries_.end() && !is_forgotten(at->second, now)) {
    at->second.owner = wanted.owner;
    at->second.claimed_ms = now;
    claim.progress = at->second.progress;
    return claim;
  }
  claim.progress = {wanted.owner, {}};
  entries_[key_of(wanted)] = {wanted.asked.request, wanted.owner, claim.progress, now, now};
  return claim;
}

Result<Claim> MemoryClaims::look(const ClaimRequest& wanted) {
  const std::lock_guard lock(mutex_);
  return state_of(wanted, wall_clock_ms());
}

Entry* MemoryClaims::find_owned(const ClaimRequest& owned) {
  const auto at = entries_.find(key_of(owned));
  return at != entries_.end() && at->second.owner == owned.owner && !at->second.answer ? &at->second
                                                                                       : nullptr;
}

Result<bool> MemoryClaims::advance(const ClaimRequest& owned, const Progress& progress) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find_owned(owned);
  if (entry != nullptr) {
    entry->progress = progress;
    entry->claimed_ms = wall_clock_ms();
  }
  return entry != nullptr;
}

Result<bool> MemoryClaims::finish_within(Connection&, const ClaimRequest& owned, const Answer&) {
  const std::lock_guard lock(mutex_);
  return find_owned(owned) != nullptr;
}

Result<void> MemoryClaims::finish_after(const ClaimRequest& owned, const Answer& answer) {
  const std::lock_guard lock(mutex_);
  if (Entry* const entry = find_owned(owned); entry != nullptr) {
    entry->answer = answer;
  }
  return {};
}

Result<void> MemoryClaims::give_up(const ClaimRequest& owned, GiveUp how) {
  const std::lock_guard lock(mutex_);
  if (Entry* const entry = find_owned(owned); entry != nullptr) {
    if (how == GiveUp::kForget) {
      entries_.erase(key_of(owned));
    } else {
      entry->owner.clear();
    }
  }
  return {};
}

Result<void> MemoryClaims::reap() {
  const std::int64_t now = wall_clock_ms();
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return is_forgotten(entry.second, now); });
  return {};
}

}  // namespace

std::unique_ptr<Claims> make_claims_in_memory(ClaimTimes times) {
  return std::make_unique<MemoryClaims>(times);
}

}  // namespace squall::shop
