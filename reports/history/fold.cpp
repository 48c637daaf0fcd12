#include "reports/history/fold.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;

auto identity_of(const HistoryOperation& one) {
  return std::tie(one.step, one.arrival, one.visit);
}

void sort_by_invoke(std::vector<HistoryOperation>& operations) {
  std::sort(operations.begin(), operations.end(),
            [](const HistoryOperation& a, const HistoryOperation& b) {
              return std::tie(a.invoke, a.complete, a.process) <
                     std::tie(b.invoke, b.complete, b.process);
            });
}

// The position of the one that acknowledged first; the first of all when none did.
std::size_t first_ok(std::span<const HistoryOperation> group) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < group.size(); ++i) {
    const bool ok = group[i].outcome == HistoryOutcome::kOk;
    const bool best_ok = group[best].outcome == HistoryOutcome::kOk;
    if (ok && (!best_ok || group[i].complete < group[best].complete)) {
      best = i;
    }
  }
  return best;
}

// `group`: the attempts of one change, in order of invoke.
void fold_change(std::span<HistoryOperation> group, model::HistoryRepeats repeats,
                 std::vector<HistoryOperation>& out) {
  const std::size_t chosen = first_ok(group);
  const Duration invoke = group.front().invoke;
  if (group[chosen].outcome != HistoryOutcome::kOk) {
    const bool open = std::any_of(group.begin(), group.end(), [](const HistoryOperation& one) {
      return one.outcome == HistoryOutcome::kInfo;
    });
    group[chosen].outcome = open ? HistoryOutcome::kInfo : HistoryOutcome::kFail;
    for (const HistoryOperation& one : group) {
      group[chosen].complete = std::max(group[chosen].complete, one.complete);
    }
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (i == chosen) {
      group[i].invoke = invoke;
      out.push_back(std::move(group[i]));
    } else if (repeats == model::HistoryRepeats::kAgain &&
               group[i].outcome != HistoryOutcome::kFail) {
      group[i].outcome = HistoryOutcome::kInfo;
      out.push_back(std::move(group[i]));
    }
  }
}

}  // namespace

std::vector<HistoryOperation> fold_attempts(std::vector<HistoryOperation> attempts,
                                            model::HistoryRepeats repeats) {
  std::vector<HistoryOperation> folded;
  folded.reserve(attempts.size());
  const auto changes =
      std::partition(attempts.begin(), attempts.end(),
                     [](const HistoryOperation& one) { return one.op == HistoryOp::kRead; });
  std::move(attempts.begin(), changes, std::back_inserter(folded));
  std::sort(changes, attempts.end(), [](const HistoryOperation& a, const HistoryOperation& b) {
    return std::tuple(identity_of(a), a.invoke) < std::tuple(identity_of(b), b.invoke);
  });
  for (auto from = changes; from != attempts.end();) {
    const auto to = std::find_if(from, attempts.end(), [&](const HistoryOperation& one) {
      return identity_of(one) != identity_of(*from);
    });
    fold_change({from, to}, repeats, folded);
    from = to;
  }
  sort_by_invoke(folded);
  return folded;
}

std::vector<KeyHistory> split_by_key(std::span<const HistoryOperation> operations) {
  std::vector<KeyHistory> keys;
  std::unordered_map<std::string_view, std::size_t> places;
  for (const HistoryOperation& one : operations) {
    const auto [place, fresh] = places.try_emplace(one.key, keys.size());
    if (fresh) {
      keys.push_back({one.key, {}});
    }
    keys[place->second].operations.push_back(&one);
  }
  return keys;
}

}  // namespace squall::reports
