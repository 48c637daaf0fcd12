#include "loadgen/verify/effect_count.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::verify {
namespace {

constexpr std::size_t kDisagreementsShown = 10;

std::uint64_t count_in(const model::OracleReading& reading, const std::string& token) {
  const auto found = reading.counts.find(token);
  return found == reading.counts.end() ? 0 : found->second;
}

effects::Settled settled_reading(const model::OracleSpec& spec, const model::Plan& plan,
                                 std::span<const std::string> tokens, const Clock& clock,
                                 const effects::Wait& wait,
                                 const effects::SettleProgress& progress) {
  effects::SettleOptions options;
  options.apart = plan.effects.settle;
  options.timeout = plan.effects.settle_timeout;
  return effects::settle(*spec.oracle, tokens, options, clock, wait, progress);
}

}  // namespace

EffectCount::EffectCount(const model::Plan& plan, effects::Wait wait)
    : plan_(plan), wait_(std::move(wait)) {
  for (std::size_t i = 1; i < plan.effects.oracles.size(); ++i) {
    others_.push_back({.name = plan.effects.oracles[i].name});
  }
}

EffectCount::Counts EffectCount::count(std::span<const std::string> tokens,
                                       const effects::SettleProgress& progress) {
  const auto& oracles = plan_.effects.oracles;
  const effects::Settled first =
      settled_reading(oracles.front(), plan_, tokens, clock_, wait_, progress);
  Counts counts;
  if (!first.problem.empty()) {
    counts.problem = model::redact(
        fmt::format("oracle {}: {}", oracles.front().name, first.problem), plan_.secrets);
    return counts;
  }
  for (const std::string& token : tokens) {
    if (first.reading.undecided.contains(token)) {
      counts.problem = model::redact(
          fmt::format("oracle {}: {}", oracles.front().name, first.reading.undecided_reason),
          plan_.secrets);
    } else {
      counts.effects[token] = count_in(first.reading, token);
    }
  }
  if (!first.stable && counts.problem.empty()) {
    counts.problem = fmt::format("oracle {}: its counts have not come to rest in {}",
                                 oracles.front().name, format_duration(first.took));
    counts.effects.clear();
  }
  for (std::size_t i = 1; i < oracles.size(); ++i) {
    compare(oracles[i], tokens, counts, progress);
  }
  return counts;
}

void EffectCount::compare(const model::OracleSpec& other, std::span<const std::string> tokens,
                          Counts& counts, const effects::SettleProgress& progress) {
  auto& counted = counts.elsewhere.emplace_back();
  const effects::Settled settled = settled_reading(other, plan_, tokens, clock_, wait_, progress);
  if (!settled.problem.empty()) {
    return;
  }
  for (const std::string& token : tokens) {
    const auto first = counts.effects.find(token);
    const std::uint64_t second = count_in(settled.reading, token);
    if (settled.stable && !settled.reading.undecided.contains(token)) {
      counted[token] = second;
    }
    if (first == counts.effects.end() || settled.reading.undecided.contains(token) ||
        first->second == second || !disagreeing_.insert(token).second) {
      continue;
    }
    if (disagreements_.size() < kDisagreementsShown) {
      disagreements_.push_back(fmt::format("{}: {} counts {}, {} counts {}", printable(token),
                                           plan_.effects.oracles.front().name, first->second,
                                           other.name, second));
    }
  }
}

}  // namespace squall::verify
