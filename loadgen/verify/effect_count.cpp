#include "loadgen/verify/effect_count.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/idempotency_plan.hpp"

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

bool has_total_only(const model::OracleSpec& spec) {
  return spec.oracle->counts_total_only();
}

}  // namespace

EffectCount::EffectCount(const model::Plan& plan, effects::Wait wait)
    : plan_(plan), wait_(std::move(wait)) {
  for (std::size_t i = 1; i < plan.effects.oracles.size(); ++i) {
    others_.push_back({.name = plan.effects.oracles[i].name});
  }
}

bool EffectCount::knows_only_totals() const {
  return possible() && has_total_only(plan_.effects.oracles.front());
}

std::optional<std::uint64_t> EffectCount::new_in_total(const effects::SettleProgress& progress) {
  if (!total_problem_.empty()) {
    return std::nullopt;
  }
  const model::OracleSpec& first = plan_.effects.oracles.front();
  const effects::Settled settled = settled_reading(first, plan_, {}, clock_, wait_, progress);
  if (!settled.problem.empty() || !settled.stable || !settled.reading.total) {
    total_problem_ = model::redact(
        fmt::format("oracle {}: {}", first.name,
                    settled.problem.empty() ? "its total has not come to rest" : settled.problem),
        plan_.secrets);
    return std::nullopt;
  }
  const std::uint64_t before = last_total_.value_or(*settled.reading.total);
  last_total_ = settled.reading.total;
  return *settled.reading.total > before ? *settled.reading.total - before : 0;
}

std::optional<std::uint64_t> EffectCount::total_of(const model::OracleSpec& spec,
                                                   const effects::SettleProgress& progress) {
  const effects::Settled settled = settled_reading(spec, plan_, made_, clock_, wait_, progress);
  const bool decided = settled.reading.total || settled.reading.undecided.empty();
  if (!settled.problem.empty() || !decided) {
    unanswered_[spec.name] =
        settled.problem.empty() ? settled.reading.undecided_reason : settled.problem;
    return std::nullopt;
  }
  return effects::total_effects(settled.reading);
}

void EffectCount::begin_totals(const effects::SettleProgress& progress) {
  const auto& oracles = plan_.effects.oracles;
  if (oracles.size() < 2 || std::none_of(oracles.begin() + 1, oracles.end(), has_total_only)) {
    return;
  }
  for (const model::OracleSpec& spec : oracles) {
    first_totals_.push_back(total_of(spec, progress));
  }
}

void EffectCount::made(std::string token) {
  if (!first_totals_.empty()) {
    made_.push_back(std::move(token));
  }
}

void EffectCount::compare_totals(const effects::SettleProgress& progress) {
  if (first_totals_.empty() || !first_totals_.front()) {
    return;
  }
  const auto& oracles = plan_.effects.oracles;
  const std::optional<std::uint64_t> sum = total_of(oracles.front(), progress);
  for (std::size_t i = 1; sum && i < oracles.size(); ++i) {
    if (!has_total_only(oracles[i]) || !first_totals_[i]) {
      continue;
    }
    const std::optional<std::uint64_t> other = total_of(oracles[i], progress);
    const std::uint64_t here = *sum - std::min(*sum, *first_totals_.front());
    if (other && *other - std::min(*other, *first_totals_[i]) != here) {
      ++disagreeing_totals_;
      disagree(
          fmt::format("all operations together: {} counts {}, {} counts {}", oracles.front().name,
                      here, oracles[i].name, *other - std::min(*other, *first_totals_[i])),
          0);
    }
  }
}

void EffectCount::disagree(std::string text, std::size_t place) {
  disagreements_.insert(disagreements_.begin() + static_cast<std::ptrdiff_t>(place),
                        std::move(text));
}

std::vector<std::string> EffectCount::unanswered() const {
  std::vector<std::string> lines;
  for (const auto& [name, problem] : unanswered_) {
    lines.push_back(fmt::format("{}: {}", name, problem));
  }
  return lines;
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
  // One that knows only totals decides no token: compare_totals(). One that failed once made the
  // run invalid, and waiting for it again costs its time each time.
  if (has_total_only(other) || unanswered_.contains(other.name)) {
    return;
  }
  const effects::Settled settled = settled_reading(other, plan_, tokens, clock_, wait_, progress);
  if (!settled.problem.empty()) {
    unanswered_[other.name] = settled.problem;
    return;
  }
  const auto& producer = plan_.idempotency->producer;
  const bool tells_of_webhooks = producer && producer->sink == other.name;
  for (const std::string& token : tokens) {
    const auto first = counts.effects.find(token);
    const std::uint64_t second = count_in(settled.reading, token);
    if (settled.stable && !settled.reading.undecided.contains(token)) {
      counted[token] = second;
    }
    if (tells_of_webhooks || first == counts.effects.end() ||
        settled.reading.undecided.contains(token) || first->second == second ||
        !disagreeing_.insert(token).second) {
      continue;
    }
    if (disagreements_.size() < kDisagreementsShown) {
      disagree(fmt::format("{}: {} counts {}, {} counts {}", printable(token),
                           plan_.effects.oracles.front().name, first->second, other.name, second),
               disagreements_.size());
    }
  }
}

}  // namespace squall::verify
