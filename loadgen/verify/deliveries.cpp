#include "loadgen/verify/deliveries.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::verify {
namespace {

using effects::SinkAct;
using effects::SinkCall;
using model::PropertyHarm;

constexpr std::size_t kActsShown = 40;
constexpr std::size_t kIdShown = 100;
constexpr std::int64_t kMilliseconds = 100'000'000'000;  // no time in seconds is as large
// Two signatures that are made so long after each other differ in the second.
constexpr Duration kApart = std::chrono::seconds(2);

std::set<std::string_view> ids_of(std::span<const SinkCall> calls, bool taken_only) {
  std::set<std::string_view> ids;
  for (const SinkCall& call : calls) {
    if (!taken_only || !effects::is_failure(call.act)) {
      ids.insert(call.id);
    }
  }
  return ids;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number <= 0) {
    return std::nullopt;
  }
  return number >= kMilliseconds ? number / 1000 : number;
}

std::optional<std::int64_t> time_in(const SinkCall& call, std::string_view header) {
  const auto field = find_field(call.headers, header);
  return field == call.headers.end() ? std::nullopt : signed_time(std::string_view(field->second));
}

std::string times(std::size_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

std::string event_text(const std::string& id) {
  return id.empty() ? "the webhook" : fmt::format("webhook {}", printable(id, kIdShown));
}

void tell_calls(std::span<const SinkCall> calls, const DeliveryRules& rules, Trial& trial) {
  for (const SinkCall& call : calls.first(std::min(calls.size(), kActsShown))) {
    std::string text = fmt::format("{} comes to {}: {}", event_text(call.id), rules.sink,
                                   effects::to_string(call.act));
    if (const auto time = time_in(call, rules.signed_at)) {
      text += fmt::format(" (signed at {})", *time);
    }
    trial.acts().push_back({.at = call.at - trial.began(), .text = std::move(text)});
  }
  std::stable_sort(trial.acts().begin(), trial.acts().end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
}

// Of the events that were told of and never taken.
void judge_loss(std::span<const SinkCall> calls, const DeliveryRules& rules, Trial& trial) {
  const auto taken = ids_of(calls, true);
  for (const std::string_view id : ids_of(calls, false)) {
    if (taken.contains(id)) {
      continue;
    }
    const auto of_it = [&](const SinkCall& call) { return call.id == id; };
    const auto count = static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), of_it));
    trial.fails(PropertyHarm::kEffects,
                fmt::format("a webhook is lost: {} failed it {}, and it did not come again within "
                            "{} after that",
                            rules.sink, times(count), format_duration(rules.within)));
    return;
  }
  if (taken.size() < std::max<std::size_t>(rules.events, 1)) {
    trial.fails(PropertyHarm::kEffects,
                calls.empty()
                    ? fmt::format("a webhook is lost: {} was never told of the operation within {}",
                                  rules.sink, format_duration(rules.within))
                    : fmt::format("a webhook is lost: {} was told of {} of {} events", rules.sink,
                                  taken.size(), rules.events));
  }
}

void judge_ids(std::span<const SinkCall> calls, const DeliveryRules& rules, Trial& trial) {
  const auto ids = ids_of(calls, false);
  if (!rules.tells_ids) {
    return;
  }
  if (ids.contains("")) {
    trial.warns(
        "a webhook carries no id: its receiver cannot tell a repetition from another event");
  }
  if (rules.events > 0 && ids.size() > rules.events) {
    trial.fails(PropertyHarm::kEffects,
                fmt::format("one operation is told of under {} ids where {} may be: a repetition "
                            "must bear the id of the first delivery",
                            ids.size(), rules.events));
  }
}

void judge_signing(std::span<const SinkCall> calls, const DeliveryRules& rules, Trial& trial) {
  if (rules.signed_at.empty()) {
    return;
  }
  const Signing signing = signing_of(calls, rules.signed_at);
  if (signing == Signing::kMissing) {
    trial.warns(fmt::format("a webhook does not say in {} when it was signed", rules.signed_at));
  } else if (signing == Signing::kStale) {
    trial.warns(
        fmt::format("a webhook that comes again bears the old time in {}: receivers that "
                    "heed it refuse what was signed too long ago",
                    rules.signed_at));
  }
}

}  // namespace

std::size_t events_of(std::span<const SinkCall> calls) {
  return ids_of(calls, false).size();
}

bool are_delivered(std::span<const SinkCall> calls, std::size_t events) {
  const auto taken = ids_of(calls, true);
  return taken.size() >= std::max<std::size_t>(events, 1) && taken == ids_of(calls, false);
}

std::optional<std::int64_t> signed_time(std::string_view value) {
  constexpr std::string_view kTime = "t=";
  if (const auto number = number_of(trim(value))) {
    return number;
  }
  for (const std::string_view part : split(value, ',')) {
    if (trim(part).starts_with(kTime)) {
      return number_of(trim(part).substr(kTime.size()));
    }
  }
  return std::nullopt;
}

Signing signing_of(std::span<const SinkCall> calls, std::string_view header) {
  struct First {
    TimePoint at;
    std::int64_t signed_at = 0;
  };
  std::map<std::string_view, First> first;
  Signing signing = Signing::kUnknown;
  for (const SinkCall& call : calls) {
    const auto time = time_in(call, header);
    if (!time) {
      return Signing::kMissing;
    }
    const auto [known, is_new] = first.try_emplace(call.id, First{call.at, *time});
    if (is_new || call.at - known->second.at < kApart) {
      continue;
    }
    if (*time <= known->second.signed_at) {
      return Signing::kStale;
    }
    signing = Signing::kFresh;
  }
  return signing;
}

void judge_deliveries(std::span<const SinkCall> calls, const DeliveryRules& rules, Trial& trial) {
  tell_calls(calls, rules, trial);
  judge_loss(calls, rules, trial);
  judge_ids(calls, rules, trial);
  judge_signing(calls, rules, trial);
}

}  // namespace squall::verify
