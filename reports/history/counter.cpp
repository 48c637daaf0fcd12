// Counters.
#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "reports/history/checker.hpp"

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;
using model::Verdict;

struct Counts {
  std::uint64_t adds = 0;
  std::uint64_t reads = 0;
  std::uint64_t low = 0;       // reads below what was acknowledged
  std::uint64_t high = 0;      // reads above all that was asked for
  std::uint64_t shrunk = 0;    // reads below an earlier one
  std::uint64_t unjudged = 0;  // reads of what is no whole number
  std::uint64_t unclear = 0;   // adds of what is no whole number
};

// Sums of hostile figures: they stop at the ends of 64 bits.
std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) {
    return sum;
  }
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

struct Event {
  Duration at{};
  bool ends = false;  // of equal instants, what begins comes first: then the two overlap
  const HistoryOperation* operation = nullptr;
  std::size_t read = 0;  // which, of a read
};

// Sums up to an instant, of what adds and of what takes away.
struct Sums {
  std::int64_t up = 0;
  std::int64_t down = 0;
};

// What was certain when a read was invoked.
struct Before {
  Sums acked;
  const HistoryOperation* largest = nullptr;  // of the reads that were complete
};

// The counter under one key.
class CounterOfKey {
 public:
  CounterOfKey(const KeyHistory& history, std::int64_t initial, Counts& counts,
               HistoryJudgement& judgement)
      : counts_(counts), judgement_(judgement), key_(history.key), initial_(initial) {
    for (const HistoryOperation* one : history.operations) {
      take(*one);
    }
    std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
      return std::pair(a.at, a.ends) < std::pair(b.at, b.ends);
    });
  }

  void judge() {
    for (const Event& event : events_) {
      if (event.operation->op != HistoryOp::kRead) {
        step_add(event);
      } else if (!event.ends) {
        before_[event.read] = {acked_, largest_};
      } else {
        end_read(event);
      }
    }
  }

 private:
  void take(const HistoryOperation& one) {
    const bool read = is_ok_read(one);
    if (!read && (one.op != HistoryOp::kAdd || one.outcome == HistoryOutcome::kFail)) {
      return;
    }
    const auto* number = std::get_if<std::int64_t>(&one.value);
    if (number == nullptr) {
      ++(read ? counts_.unjudged : counts_.unclear);
      return;
    }
    ++(read ? counts_.reads : counts_.adds);
    shrinks_ = shrinks_ || (!read && *number < 0);
    events_.push_back({one.invoke, false, &one, before_.size()});
    if (is_ok(one)) {
      events_.push_back({one.complete, true, &one, before_.size()});
    }
    if (read) {
      before_.emplace_back();
    }
  }

  void step_add(const Event& event) {
    const std::int64_t amount = std::get<std::int64_t>(event.operation->value);
    Sums& sums = event.ends ? acked_ : asked_;
    std::int64_t& sum = amount > 0 ? sums.up : sums.down;
    sum = plus(sum, amount);
  }

  // What was acknowledged before the read has to be in it, and what was asked for before its end
  // may be: of what takes away, the other way round.
  void end_read(const Event& event) {
    const Before& before = before_[event.read];
    const HistoryOperation& read = *event.operation;
    const std::int64_t seen = std::get<std::int64_t>(read.value);
    const std::int64_t low = plus(initial_, plus(before.acked.up, asked_.down));
    const std::int64_t high = plus(initial_, plus(asked_.up, before.acked.down));
    if (seen < low || seen > high) {
      ++(seen < low ? counts_.low : counts_.high);
      show(fmt::format("{} to {} were possible, key {}", low, high, printable(key_)), read,
           nullptr);
    } else if (!shrinks_ && before.largest != nullptr &&
               seen < std::get<std::int64_t>(before.largest->value)) {
      ++counts_.shrunk;
      show(fmt::format("less than a read before it, key {}", printable(key_)), read,
           before.largest);
    }
    if (largest_ == nullptr || seen > std::get<std::int64_t>(largest_->value)) {
      largest_ = &read;
    }
  }

  void show(std::string what, const HistoryOperation& read, const HistoryOperation* earlier) {
    add_witness(judgement_, std::move(what));
    if (earlier != nullptr) {
      add_witness(judgement_, "  " + model::witness_line(*earlier));
    }
    add_witness(judgement_, "  " + model::witness_line(read));
  }

  Counts& counts_;
  HistoryJudgement& judgement_;
  std::string_view key_;
  std::int64_t initial_;
  Sums asked_;
  Sums acked_;
  bool shrinks_ = false;
  const HistoryOperation* largest_ = nullptr;
  std::vector<Event> events_;
  std::vector<Before> before_;
};

}  // namespace

HistoryJudgement check_counter(std::span<const HistoryOperation> operations,
                               const model::HistoryCheckPlan& plan) {
  HistoryJudgement judgement;
  Counts counts;
  const auto* given = plan.initial ? std::get_if<std::int64_t>(&*plan.initial) : nullptr;
  const std::int64_t initial = given == nullptr ? 0 : *given;
  for (const KeyHistory& history : split_by_key(operations)) {
    CounterOfKey(history, initial, counts, judgement).judge();
  }
  judgement.violations = counts.low + counts.high + counts.shrunk;
  judgement.counts = {
      {"adds", counts.adds},     {"reads", counts.reads},
      {"too low", counts.low},   {"too high", counts.high},
      {"shrunk", counts.shrunk}, {"no whole number", counts.unjudged + counts.unclear}};
  if (counts.unclear > 0) {
    judgement.verdict = Verdict::kInconclusive;
    judgement.violations = 0;
    judgement.witness.clear();
    judgement.summary = fmt::format("{} of no whole number: what reads may see is not known",
                                    count_of(counts.unclear, "add"));
  } else if (judgement.violations > 0) {
    judgement.verdict = Verdict::kFail;
    judgement.summary = fmt::format(
        "of {} {} saw less than was acknowledged, {} more than was asked for, {} less than a read "
        "before",
        count_of(counts.reads, "read"), counts.low, counts.high, counts.shrunk);
  } else if (counts.reads == 0) {
    judgement.verdict = Verdict::kInconclusive;
    judgement.summary = "no read showed a whole number: nothing was read back";
  } else {
    judgement.summary = fmt::format("{} within what {} made possible",
                                    count_of(counts.reads, "read"), count_of(counts.adds, "add"));
  }
  return judgement;
}

}  // namespace squall::reports
