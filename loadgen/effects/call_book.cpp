#include "loadgen/effects/call_book.hpp"

#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "loadgen/base/hash.hpp"
#include "loadgen/effects/effect_page.hpp"

namespace squall::effects {
namespace {

constexpr std::size_t kMaxKeys = 2'000'000;
constexpr std::size_t kMaxIds = 8'000'000;

}  // namespace

std::optional<std::uint64_t> CallBook::receive(const std::string& key) {
  const std::lock_guard lock(mutex_);
  ++calls_;
  if (calls_of_key_.size() >= kMaxKeys && !calls_of_key_.contains(key)) {
    full_ = true;
    return std::nullopt;
  }
  return calls_of_key_[key]++;
}

void CallBook::count(const std::string& key, const std::optional<std::string>& id) {
  const std::lock_guard lock(mutex_);
  if (id) {
    if (ids_.size() >= kMaxIds) {
      full_ = true;
      return;
    }
    if (!ids_.insert(hash_bytes(*id, hash_bytes(key))).second) {
      return;
    }
  }
  ++effects_[key];
}

std::uint64_t CallBook::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void CallBook::miss(std::string what) {
  const std::lock_guard lock(mutex_);
  ++missed_;
  last_missed_ = std::move(what);
}

std::string CallBook::summary(const std::string& wanted, const std::string& url) const {
  const std::lock_guard lock(mutex_);
  if (calls_ + missed_ == 0) {
    return fmt::format("no call came at all: was the target told to call {}?", url);
  }
  const std::uint64_t counted = std::accumulate(
      effects_.begin(), effects_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const auto& entry) { return add_counts(sum, entry.second); });
  const auto keyless = calls_of_key_.find("");
  std::string text =
      fmt::format("{} calls came, {} matched {}, {} of them without a key, and {} were counted",
                  calls_ + missed_, calls_, wanted,
                  keyless == calls_of_key_.end() ? 0 : keyless->second, counted);
  return missed_ == 0 ? text : fmt::format("{}; others went to {}", text, last_missed_);
}

Result<model::OracleReading> CallBook::reading() const {
  const std::lock_guard lock(mutex_);
  if (full_) {
    return fail(ErrorCode::kExhausted,
                fmt::format("the sink saw more than {} keys or {} call ids", kMaxKeys, kMaxIds));
  }
  model::OracleReading result;
  result.counts = effects_;
  return result;
}

}  // namespace squall::effects
