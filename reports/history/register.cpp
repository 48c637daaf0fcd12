// Registers, linearizable key by key: a history is linearizable when that of each key is (Herlihy
// and Wing, 1990), so each is searched alone.
#include <algorithm>
#include <unordered_map>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "reports/history/register_search.hpp"

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;
using model::HistoryScalar;
using model::Verdict;

struct Counts {
  std::uint64_t reads = 0;
  std::uint64_t changes = 0;
  std::uint64_t open = 0;
  std::uint64_t linearizable = 0;  // keys, as the next two
  std::uint64_t broken = 0;
  std::uint64_t undecided = 0;
};

// Values as numbers.
class Values {
 public:
  std::uint32_t number_of(const HistoryScalar& value) {
    return numbers_.try_emplace(value, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }
  std::uint32_t number_of(const model::HistoryValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      return number_of(HistoryScalar(*number));
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
      return number_of(HistoryScalar(*text));
    }
    if (std::holds_alternative<std::monostate>(value)) {
      return number_of(HistoryScalar());
    }
    return number_of(HistoryScalar(model::to_json(value)));
  }

 private:
  std::unordered_map<HistoryScalar, std::uint32_t> numbers_;
};

// One key while it is searched.
struct Register {
  const KeyHistory* history = nullptr;
  std::vector<const HistoryOperation*> sources{};  // parallel to the operations
  std::vector<RegisterOperation> operations{};
  std::optional<std::uint32_t> initial{};
  RegisterOrder order{};
};

std::optional<RegisterOperation> operation_of(const HistoryOperation& one, Values& values) {
  const bool open = one.outcome == HistoryOutcome::kInfo;
  RegisterOperation result{
      .invoke = one.invoke.count(),
      .complete = open ? RegisterOperation::kOpen : std::int64_t{one.complete.count()}};
  if (one.outcome == HistoryOutcome::kFail) {
    return std::nullopt;
  }
  if (one.op == HistoryOp::kRead && !open) {
    result.value = values.number_of(one.value);
    return result;
  }
  if (one.op == HistoryOp::kWrite) {
    result.kind = RegisterOperation::Kind::kWrite;
    result.value = values.number_of(one.value);
    return result;
  }
  const auto* pair = std::get_if<model::HistoryList>(&one.value);
  if (one.op == HistoryOp::kCas && pair != nullptr && pair->size() == 2) {
    result.kind = RegisterOperation::Kind::kCas;
    result.expected = values.number_of((*pair)[0]);
    result.value = values.number_of((*pair)[1]);
    return result;
  }
  return std::nullopt;
}

Register register_of(const KeyHistory& history, const model::HistoryCheckPlan& plan,
                     Counts& counts) {
  Register made{.history = &history};
  Values values;
  if (plan.initial) {
    made.initial = values.number_of(*plan.initial);
  }
  for (const HistoryOperation* one : history.operations) {
    if (const auto operation = operation_of(*one, values)) {
      made.operations.push_back(*operation);
      made.sources.push_back(one);
      ++(one->op == HistoryOp::kRead ? counts.reads : counts.changes);
      counts.open += operation->complete == RegisterOperation::kOpen ? 1U : 0U;
    }
  }
  return made;
}

// Each undecided key gets the same number of steps, more from round to round, so that a hard one
// does not keep the others waiting.
void search_all(std::vector<Register>& registers, const SearchLimits& limits) {
  constexpr std::uint64_t kFirstSteps = 100'000;
  constexpr std::uint64_t kGrowth = 16;
  constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 40;
  std::vector<Register*> left;
  left.reserve(registers.size());
  for (Register& one : registers) {
    left.push_back(&one);
  }
  for (std::uint64_t steps = kFirstSteps; !left.empty() && steps < kMostSteps; steps *= kGrowth) {
    for (Register* one : left) {
      if (limits.over && limits.over()) {
        return;
      }
      one->order = find_order(one->operations, one->initial, steps, limits);
    }
    left.erase(std::remove_if(left.begin(), left.end(),
                              [&](const Register* one) {
                                // One that ran out of memory would run out of it again.
                                return one->order.result != RegisterOrder::Result::kGaveUp ||
                                       one->order.steps <= steps;
                              }),
               left.end());
  }
}

void show(const Register& broken, const SearchLimits& limits, HistoryJudgement& judgement) {
  constexpr std::size_t kMostShown = 16;
  const std::vector<std::size_t> few =
      contradiction(broken.operations, broken.initial, broken.order.blocked, limits);
  const std::size_t from = few.size() > kMostShown ? few.size() - kMostShown : 0;
  add_witness(judgement,
              fmt::format("key {}: no order of these explains what they saw{}",
                          printable(broken.history->key),
                          from == 0 ? "" : fmt::format(" (and of {} before them)", from)));
  for (std::size_t i = from; i < few.size(); ++i) {
    add_witness(judgement,
                fmt::format("  {}{}", model::witness_line(*broken.sources[few[i]]),
                            few[i] == broken.order.blocked ? "  <- until this, there is one" : ""));
  }
}

std::string progress_of(const Register& undecided) {
  return fmt::format("key {}: {} of {} in order after {}", printable(undecided.history->key),
                     undecided.order.placed, count_of(undecided.operations.size(), "operation"),
                     count_of(undecided.order.steps, "step"));
}

void conclude(const Counts& counts, const std::string& furthest, HistoryJudgement& judgement) {
  judgement.violations = counts.broken;
  judgement.counts = {{"linearizable", counts.linearizable}, {"not linearizable", counts.broken},
                      {"undecided", counts.undecided},       {"reads", counts.reads},
                      {"changes", counts.changes},           {"open", counts.open}};
  const std::uint64_t keys = counts.linearizable + counts.broken + counts.undecided;
  const std::string undecided =
      counts.undecided == 0
          ? ""
          : fmt::format("; {} undecided at the limit ({})", counts.undecided, furthest);
  if (counts.broken > 0) {
    judgement.verdict = Verdict::kFail;
    judgement.summary =
        fmt::format("{} of {} not linearizable{}", counts.broken, count_of(keys, "key"), undecided);
  } else if (counts.undecided > 0) {
    judgement.verdict = Verdict::kInconclusive;
    judgement.summary = fmt::format("{} of {} linearizable{}", counts.linearizable,
                                    count_of(keys, "key"), undecided);
  } else if (counts.reads == 0) {
    judgement.verdict = Verdict::kInconclusive;
    judgement.summary = "no read saw a register: nothing was read back";
  } else {
    judgement.summary =
        fmt::format("{} linearizable, {} and {} in order", count_of(keys, "key"),
                    count_of(counts.reads, "read"), count_of(counts.changes, "change"));
  }
}

}  // namespace

HistoryJudgement check_register(std::span<const HistoryOperation> operations,
                                const model::HistoryCheckPlan& plan, const SearchLimits& limits) {
  constexpr std::size_t kMostWitnesses = 3;
  HistoryJudgement judgement;
  Counts counts;
  const std::vector<KeyHistory> keys = split_by_key(operations);
  std::vector<Register> registers;
  registers.reserve(keys.size());
  for (const KeyHistory& history : keys) {
    registers.push_back(register_of(history, plan, counts));
    registers.back().order.result = RegisterOrder::Result::kGaveUp;  // until it is searched
  }
  search_all(registers, limits);
  std::string furthest;
  for (const Register& one : registers) {
    switch (one.order.result) {
      case RegisterOrder::Result::kFound:
        ++counts.linearizable;
        break;
      case RegisterOrder::Result::kNone:
        if (counts.broken++ < kMostWitnesses) {
          show(one, limits, judgement);
        }
        break;
      case RegisterOrder::Result::kGaveUp:
        furthest = counts.undecided++ == 0 ? progress_of(one) : furthest;
        break;
    }
  }
  conclude(counts, furthest, judgement);
  return judgement;
}

}  // namespace squall::reports
