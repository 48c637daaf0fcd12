#include "reports/checks/proxy_injection.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::reports {
namespace {

using Weight = InjectionRemark::Weight;

constexpr std::size_t kProblemShown = 300;
// Metrics are told by the second.
constexpr Duration kLate = std::chrono::seconds(1);

bool was_cut_short(const model::RunRecord& record) {
  return record.interrupted ||
         std::any_of(record.events.begin(), record.events.end(),
                     [](const model::RunEvent& event) { return event.kind == "abort"; });
}

const model::RecordedAction* action_of(const model::RunRecord& record,
                                       const model::RecordedProxyFault& fault) {
  const auto found = std::find_if(
      record.timeline.begin(), record.timeline.end(),
      [&](const auto& action) { return action.kind == "fault" && action.name == fault.name; });
  return found == record.timeline.end() ? nullptr : &*found;
}

// How likely it is that chance chose none of `seen`.
double chance_of_none(double share, std::uint64_t seen) {
  return std::pow(1 - share, static_cast<double>(seen));
}

std::optional<InjectionRemark> weigh(const model::RecordedProxyFault& fault, double share) {
  constexpr double kChance = 0.01;
  const char* unit = fault.of_requests ? "requests" : "connections";
  const std::string name = printable(fault.name);
  const std::string proxy = printable(fault.proxy);
  if (fault.counts_nothing) {
    return std::nullopt;
  }
  if (fault.seen == 0) {
    return InjectionRemark{Weight::kInvalid,
                           fmt::format("fault {}: none of the {} that it could touch passed proxy "
                                       "{} while it was on, so it did nothing",
                                       name, unit, proxy)};
  }
  if (fault.planned == 0) {
    const double none = chance_of_none(share, fault.seen);
    return none >= kChance
               ? InjectionRemark{Weight::kDoubt,
                                 fmt::format("fault {}: none of the {} {} was its turn, which {} "
                                             "of so few have a chance of {} for: let more pass, or "
                                             "give it a larger share",
                                             name, fault.seen, unit, format_share(Share{share}),
                                             format_share(Share{none}))}
               : InjectionRemark{Weight::kInvalid,
                                 fmt::format("fault {}: it was decided for none of the {} {} that "
                                             "passed proxy {}",
                                             name, fault.seen, unit, proxy)};
  }
  if (fault.fired == 0) {
    return InjectionRemark{Weight::kInvalid,
                           fmt::format("fault {}: it was decided for {} {}, and did nothing to any "
                                       "of them: what it waits for never passed",
                                       name, fault.planned, unit)};
  }
  return std::nullopt;
}

void weigh_problems(const model::RunRecord& record, bool cut_short,
                    std::vector<InjectionRemark>& remarks) {
  for (const model::RecordedAction& action : record.timeline) {
    const std::string name = fmt::format("{} {}", printable(action.kind), printable(action.name));
    if (!action.problem.empty()) {
      remarks.push_back({Weight::kInvalid,
                         fmt::format("{}: {}", name, printable(action.problem, kProblemShown))});
    } else if (!action.started && !cut_short) {
      remarks.push_back(
          {Weight::kInvalid, fmt::format("{}: the load was over before its time came, at {}", name,
                                         format_duration(action.planned_at))});
    } else if (action.started && action.late_at > kLate) {
      remarks.push_back(
          {Weight::kDoubt, fmt::format("{}: it began {} later than planned, and phases and times "
                                       "to recover count from the plan's instants",
                                       name, format_duration(action.late_at))});
    }
  }
}

}  // namespace

std::vector<InjectionRemark> weigh_timeline(const model::RunRecord& record,
                                            const std::map<std::string, double>& shares) {
  std::vector<InjectionRemark> remarks;
  if (!record.complete) {
    return remarks;
  }
  const bool cut_short = was_cut_short(record);
  weigh_problems(record, cut_short, remarks);
  for (const model::RecordedProxyFault& fault : record.proxy_faults) {
    const model::RecordedAction* action = action_of(record, fault);
    const bool ran = action != nullptr && action->started && action->problem.empty();
    const auto share = shares.find(fault.name);
    if (auto remark = ran && !cut_short ? weigh(fault, share == shares.end() ? 1 : share->second)
                                        : std::nullopt) {
      remarks.push_back(*std::move(remark));
    }
  }
  return remarks;
}

}  // namespace squall::reports
