// Banks: whatever is moved between the parts, their sum stays.
#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "reports/history/checker.hpp"

namespace squall::reports {
namespace {

using model::HistoryOperation;
using model::HistoryScalar;
using model::Verdict;

struct Counts {
  std::uint64_t reads = 0;
  std::uint64_t compared = 0;  // with the plan's total, or the first read of its key
  std::uint64_t wrong = 0;
  std::uint64_t negative = 0;
  std::uint64_t lacking = 0;   // reads without a part that is there in others
  std::uint64_t unjudged = 0;  // reads with parts that are no whole numbers
};

struct Balance {
  std::int64_t sum = 0;
  std::int64_t least = 0;
};

bool add_part(const HistoryScalar& part, Balance& balance) {
  const auto* number = std::get_if<std::int64_t>(&part);
  if (number == nullptr || __builtin_add_overflow(balance.sum, *number, &balance.sum)) {
    return false;
  }
  balance.least = std::min(balance.least, *number);
  return true;
}

// Nothing when a part is no whole number.
std::optional<Balance> balance_of(const HistoryOperation& read) {
  Balance balance;
  bool whole = true;
  if (const auto* list = std::get_if<model::HistoryList>(&read.value)) {
    for (const HistoryScalar& part : *list) {
      whole = whole && add_part(part, balance);
    }
  } else if (const auto* map = std::get_if<model::HistoryMap>(&read.value)) {
    for (const auto& [name, part] : *map) {
      whole = whole && add_part(part, balance);
    }
  } else {
    return std::nullopt;
  }
  return whole ? std::optional(balance) : std::nullopt;
}

// Whether a part is not there, and the others are whole numbers.
bool lacks_a_part(const HistoryOperation& read) {
  bool lacks = false;
  bool others_whole = true;
  const auto look = [&](const HistoryScalar& part) {
    const bool there = !std::holds_alternative<std::monostate>(part);
    lacks = lacks || !there;
    others_whole = others_whole && (!there || std::holds_alternative<std::int64_t>(part));
  };
  if (const auto* list = std::get_if<model::HistoryList>(&read.value)) {
    std::for_each(list->begin(), list->end(), look);
  } else if (const auto* map = std::get_if<model::HistoryMap>(&read.value)) {
    std::for_each(map->begin(), map->end(), [&](const auto& named) { look(named.second); });
  }
  return lacks && others_whole;
}

// Whether the other read shows what this one does not: a member that only comes and goes is no
// part.
bool shows_it(const HistoryOperation& whole, const HistoryOperation& lacking) {
  const auto* parts = std::get_if<model::HistoryMap>(&whole.value);
  const auto* some = std::get_if<model::HistoryMap>(&lacking.value);
  if (parts == nullptr || some == nullptr) {
    return parts == nullptr && some == nullptr;
  }
  return std::all_of(some->begin(), some->end(), [&](const auto& named) {
    return !std::holds_alternative<std::monostate>(named.second) ||
           std::any_of(parts->begin(), parts->end(),
                       [&](const auto& part) { return part.first == named.first; });
  });
}

// `whole`: a read of the same bank that shows all parts; null: there is none, and the plan may look
// at the wrong place.
void judge_lacking(const std::vector<const HistoryOperation*>& lacking, std::string_view key,
                   const HistoryOperation* whole, Counts& counts, HistoryJudgement& judgement) {
  for (const HistoryOperation* read : lacking) {
    if (whole == nullptr || !shows_it(*whole, *read)) {
      ++counts.unjudged;
      continue;
    }
    ++counts.lacking;
    add_witness(judgement, fmt::format("a part is not there, key {}", printable(key)));
    add_witness(judgement, "  " + model::witness_line(*whole));
    add_witness(judgement, "  " + model::witness_line(*read));
  }
}

void judge_key(const KeyHistory& history, const model::HistoryCheckPlan& plan, Counts& counts,
               HistoryJudgement& judgement) {
  std::optional<std::int64_t> total = plan.total;
  const HistoryOperation* first = nullptr;
  std::vector<const HistoryOperation*> lacking;
  for (const HistoryOperation* read : history.operations) {
    if (!is_ok_read(*read)) {
      continue;
    }
    const auto balance = balance_of(*read);
    if (!balance) {
      if (lacks_a_part(*read)) {
        lacking.push_back(read);
      } else {
        ++counts.unjudged;
      }
      continue;
    }
    ++counts.reads;
    first = first == nullptr ? read : first;
    counts.compared += plan.total || read != first ? 1U : 0U;
    total = total ? total : std::optional(balance->sum);
    if (balance->sum != *total) {
      ++counts.wrong;
      add_witness(judgement, fmt::format("the sum is {} and not {}, key {}", balance->sum, *total,
                                         printable(history.key)));
      if (!plan.total && read != first) {
        add_witness(judgement, "  " + model::witness_line(*first));
      }
      add_witness(judgement, "  " + model::witness_line(*read));
    } else if (!plan.negative && balance->least < 0) {
      ++counts.negative;
      add_witness(judgement,
                  fmt::format("a part is {}, key {}", balance->least, printable(history.key)));
      add_witness(judgement, "  " + model::witness_line(*read));
    }
  }
  judge_lacking(lacking, history.key, first, counts, judgement);
}

}  // namespace

HistoryJudgement check_bank(std::span<const HistoryOperation> operations,
                            const model::HistoryCheckPlan& plan) {
  HistoryJudgement judgement;
  Counts counts;
  for (const KeyHistory& history : split_by_key(operations)) {
    judge_key(history, plan, counts, judgement);
  }
  judgement.violations = counts.wrong + counts.negative + counts.lacking;
  judgement.counts = {{"reads", counts.reads},
                      {"wrong sum", counts.wrong},
                      {"below zero", counts.negative},
                      {"without a part", counts.lacking},
                      {"no whole numbers", counts.unjudged}};
  if (judgement.violations > 0) {
    judgement.verdict = Verdict::kFail;
    judgement.summary =
        fmt::format("of {} {} saw another sum, {} a part below zero; {} more did not show a part",
                    count_of(counts.reads, "read"), counts.wrong, counts.negative, counts.lacking);
  } else if (counts.compared == 0) {
    judgement.verdict = Verdict::kInconclusive;
    judgement.summary = fmt::format("{} showed whole numbers: there is nothing to compare",
                                    count_of(counts.reads, "read"));
  } else {
    judgement.summary = fmt::format("the sum was the same in {}", count_of(counts.reads, "read"));
  }
  return judgement;
}

}  // namespace squall::reports
