#include "loadgen/run/shard_merge.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/run/record_merge.hpp"
#include "loadgen/run/shard_text.hpp"

namespace squall::run {
namespace {

using model::RunRecord;

constexpr std::size_t kShown = 8;  // shards or hosts in one sentence
// Between the t = 0 of two shards: above the first it is told, above the second the load was
// another one than the plan's.
constexpr Duration kToldSpread = std::chrono::milliseconds(10);
constexpr Duration kMostSpread = std::chrono::seconds(1);

tl::unexpected<Error> refuse(std::string why) {
  return fail(ErrorCode::kInvalidArgument, std::move(why));
}

std::string name_of(const ShardRun& shard) {
  return printable(shard.directory, 500);
}

// The first line in which the two plans differ.
std::string difference(std::string_view a, std::string_view b) {
  const auto lines_a = split(a, '\n');
  const auto lines_b = split(b, '\n');
  const std::size_t most = std::max(lines_a.size(), lines_b.size());
  for (std::size_t i = 0; i < most; ++i) {
    const std::string_view one = i < lines_a.size() ? lines_a[i] : "";
    const std::string_view other = i < lines_b.size() ? lines_b[i] : "";
    if (one != other) {
      return fmt::format("line {}: \"{}\" and \"{}\"", i + 1, printable(one), printable(other));
    }
  }
  return {};
}

bool same_work(const RunRecord& a, const RunRecord& b) {
  const auto same_step = [](const model::RecordedStep& x, const model::RecordedStep& y) {
    return x.name == y.name && x.request == y.request && x.is_effect == y.is_effect;
  };
  const auto same_fault = [](const model::RecordedFault& x, const model::RecordedFault& y) {
    return x.name == y.name && x.kind == y.kind && x.summary == y.summary && x.steps == y.steps;
  };
  return a.warmup == b.warmup && a.planned_duration == b.planned_duration &&
         std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(), same_step) &&
         std::equal(a.faults.begin(), a.faults.end(), b.faults.begin(), b.faults.end(), same_fault);
}

// Why the two are not of one run; empty when they are.
std::string conflict(const ShardRun& a, const ShardRun& b) {
  if (a.record.squall_version != b.record.squall_version) {
    return fmt::format("squall {} and {}", printable(a.record.squall_version),
                       printable(b.record.squall_version));
  }
  if (a.record.seed != b.record.seed) {
    return fmt::format("seeds {} and {}", a.record.seed, b.record.seed);
  }
  if (a.record.run_id != b.record.run_id) {
    return fmt::format("run ids {} and {}", printable(a.record.run_id), printable(b.record.run_id));
  }
  if (a.record.shard.count != b.record.shard.count) {
    return fmt::format("shard {} and {}", to_string(a.record.shard), to_string(b.record.shard));
  }
  if (a.plan_text != b.plan_text) {
    return "their plan.toml differ in " + difference(a.plan_text, b.plan_text);
  }
  return same_work(a.record, b.record) ? "" : "their records have other steps, faults or times";
}

// "1 and 2", "1, 2 and 3"; the first few of many.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  const std::size_t shown = std::min(names.size(), kShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == names.size();
    text += (i == 0 ? "" : last ? " and " : ", ") + names[i];
  }
  return shown == names.size() ? text : fmt::format("{} and {} more", text, names.size() - shown);
}

std::string tagged(const model::Shard& shard, std::string_view text) {
  return fmt::format("shard {}: {}", to_string(shard), text);
}

// Says of each event and breach whose it is. Phases are the run's: those are taken out.
std::vector<model::RunEvent> tell_apart(RunRecord& record) {
  std::vector<model::RunEvent> phases;
  std::vector<model::RunEvent> events;
  for (model::RunEvent& event : record.events) {
    if (event.kind == "phase") {
      phases.push_back(std::move(event));
    } else {
      events.push_back({event.at, event.kind, tagged(record.shard, event.text)});
    }
  }
  record.events = std::move(events);
  for (model::Breach& breach : record.breaches) {
    breach.reason = tagged(record.shard, breach.reason);
  }
  return phases;
}

// What stays of a record when its measurements were added up.
RunRecord without_measurements(RunRecord& record) {
  RunRecord measured;
  measured.attempts.swap(record.attempts);
  measured.operations.swap(record.operations);
  measured.phases.swap(record.phases);
  measured.seconds.swap(record.seconds);
  RunRecord rest = record;
  measured.attempts.swap(record.attempts);
  measured.operations.swap(record.operations);
  measured.phases.swap(record.phases);
  measured.seconds.swap(record.seconds);
  return rest;
}

model::RecordedShard summary_of(const RunRecord& record) {
  return {.shard = record.shard,
          .host = record.host,
          .threads = record.threads,
          .connections = record.connections,
          .started = record.totals.started,
          .complete = record.complete};
}

void add_instrument(RunRecord& total, const RunRecord& shard) {
  total.measured_duration = std::max(total.measured_duration, shard.measured_duration);
  total.drain_used = std::max(total.drain_used, shard.drain_used);
  total.threads += shard.threads;
  total.connections += shard.connections;
  total.cpu_user_s += shard.cpu_user_s;
  total.cpu_system_s += shard.cpu_system_s;
  total.complete = total.complete && shard.complete;
  total.interrupted = total.interrupted || shard.interrupted;
}

// What the shards say of one thing, each answer once.
template <class Get>
std::string joined(const std::vector<ShardRun>& shards, const Get& get) {
  std::vector<std::string> distinct;
  for (const ShardRun& shard : shards) {
    const std::string& text = get(shard.record);
    if (std::find(distinct.begin(), distinct.end(), text) == distinct.end()) {
      distinct.push_back(text);
    }
  }
  return listed(distinct);
}

// "shard 2/8 is missing", "shards 2/8 and 3/8 are missing".
std::string missing_text(const std::vector<std::string>& names) {
  const bool one = names.size() == 1;
  return fmt::format("shard{} {} {} missing", one ? "" : "s", listed(names), one ? "is" : "are");
}

}  // namespace

Result<void> ShardMerge::add(ShardRun shard) {
  if (!shard.record.shards.empty()) {
    return refuse(fmt::format("{} is a run that was joined already", name_of(shard)));
  }
  if (shard.record.shard.is_whole()) {
    return refuse(fmt::format("{} is no shard: one process ran it whole", name_of(shard)));
  }
  for (const ShardRun& other : shards_) {
    if (other.record.shard == shard.record.shard) {
      return refuse(fmt::format("{} and {} are both shard {}", name_of(other), name_of(shard),
                                to_string(shard.record.shard)));
    }
  }
  if (const std::string why = shards_.empty() ? "" : conflict(shards_.front(), shard);
      !why.empty()) {
    return refuse(fmt::format("{} and {} are not shards of one run: {}", name_of(shards_.front()),
                              name_of(shard), why));
  }
  std::vector<model::RunEvent> phases;
  RunRecord part = std::move(shard.record);
  shard.record = without_measurements(part);
  phases = tell_apart(part);
  if (phases_.empty() || part.measured_duration > total_.measured_duration) {
    phases_ = std::move(phases);
  }
  if (shards_.empty()) {
    total_ = std::move(part);
  } else {
    merge_into(total_, part);
    add_instrument(total_, part);
  }
  shards_.push_back(std::move(shard));
  return {};
}

std::vector<std::string> ShardMerge::missing() const {
  std::set<unsigned> there;
  for (const ShardRun& shard : shards_) {
    there.insert(shard.record.shard.index);
  }
  std::vector<std::string> names;
  const unsigned count = shards_.front().record.shard.count;
  for (unsigned i = 0; i < count; ++i) {
    if (!there.contains(i)) {
      names.push_back(to_string(model::Shard{.index = i, .count = count}));
    }
  }
  return names;
}

Result<void> ShardMerge::finish(MissingShards missing_shards) {
  if (shards_.empty()) {
    return refuse("there is no shard to join");
  }
  if (const auto names = missing(); missing_shards == MissingShards::kRefused && !names.empty()) {
    return refuse(fmt::format("{} (--partial joins the others, and the verdict says so)",
                              missing_text(names)));
  }
  std::sort(shards_.begin(), shards_.end(), [](const ShardRun& a, const ShardRun& b) {
    return a.record.shard.index < b.record.shard.index;
  });
  describe_whole();
  tell_missing();
  tell_killed();
  tell_spread();
  total_.events.insert(total_.events.end(), phases_.begin(), phases_.end());
  std::stable_sort(total_.events.begin(), total_.events.end(),
                   [](const model::RunEvent& a, const model::RunEvent& b) { return a.at < b.at; });
  return {};
}

void ShardMerge::describe_whole() {
  const RunRecord& first = shards_.front().record;
  total_.shard = {};
  for (const ShardRun& shard : shards_) {
    total_.shards.push_back(summary_of(shard.record));
  }
  total_.started = first.started;
  total_.plan_file = first.plan_file;
  total_.command = first.command;
  total_.pace =
      joined(shards_, [](const RunRecord& one) -> const std::string& { return one.pace; });
  total_.host =
      joined(shards_, [](const RunRecord& one) -> const std::string& { return one.host; });
  total_.effects = {};
  total_.checks.clear();
  total_.findings.clear();
  total_.reasons.clear();
}

void ShardMerge::tell_missing() {
  if (const auto names = missing(); !names.empty()) {
    total_.breaches.push_back(
        {.reason = missing_text(names) + ": their part of the load and of its effects is not here",
         .from_second = to_seconds(-total_.warmup),
         .voids_effects = true});
  }
}

// What it had yet to send is not even known to have been due, so nothing may be judged as if it
// were.
void ShardMerge::tell_killed() {
  for (const ShardRun& shard : shards_) {
    if (shard.record.complete) {
      continue;
    }
    const double until = shard.record.seconds.empty()
                             ? -to_seconds(total_.warmup)
                             : static_cast<double>(shard.record.seconds.back().second + 1);
    total_.breaches.push_back(
        {.reason = fmt::format("shard {} was killed at about second {}: the rest of its load, and "
                               "the effects of all of it, are not here",
                               to_string(shard.record.shard), until),
         .from_second = until,
         .voids_effects = true});
  }
}

void ShardMerge::tell_spread() {
  // A journal without its end does not know t = 0.
  std::vector<const ShardRun*> whole;
  for (const ShardRun& shard : shards_) {
    if (shard.record.complete) {
      whole.push_back(&shard);
    }
  }
  if (whole.empty()) {
    return;
  }
  const auto [first, last] = std::minmax_element(
      whole.begin(), whole.end(),
      [](const ShardRun* a, const ShardRun* b) { return a->record.started < b->record.started; });
  total_.started = (*first)->record.started;
  const Duration spread = (*last)->record.started - (*first)->record.started;
  if (spread <= kToldSpread) {
    return;
  }
  std::string text = fmt::format(
      "the shards did not start together: t = 0 of {} was {} after that of {} (--start-at gives "
      "them one start)",
      to_string((*last)->record.shard), format_duration(spread), to_string((*first)->record.shard));
  if (spread > kMostSpread) {
    total_.breaches.push_back(
        {.reason = text, .from_second = to_seconds(-total_.warmup), .voids_effects = false});
  }
  total_.events.push_back({.at = -total_.warmup, .kind = "start", .text = std::move(text)});
}

}  // namespace squall::run
