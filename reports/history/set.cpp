// Sets, after Jepsen's set-full.
#include <algorithm>
#include <unordered_map>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "reports/history/checker.hpp"

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryScalar;
using model::Verdict;

constexpr Duration kNever = Duration::max();

struct Element {
  const HistoryOperation* add = nullptr;  // the first
  Duration invoked = kNever;              // the first add was
  Duration known = kNever;                // acknowledged, or shown by a read, first
  bool acked = false;                     // by one of its adds
  bool open = false;                      // one of its adds may yet be done
  std::uint32_t absent_rank = 0;          // how many of the last reads show it without a gap
  const HistoryOperation* first_seen = nullptr;
  const HistoryOperation* last_seen = nullptr;  // by invoke
  const HistoryOperation* twice = nullptr;      // a read that shows it more than once
  const HistoryOperation* last_read = nullptr;  // while reads are walked: the one before this
  bool older = false;                           // shown before it was ever added
};

enum class Fate : std::uint8_t { kStable, kStale, kLost, kNeverRead };

struct Counts {
  bool any_list = false;  // else nothing in a read may be a plan that looks at the wrong place
  std::uint64_t reads = 0;
  std::uint64_t attempted = 0;
  std::uint64_t acked = 0;
  std::uint64_t stable = 0;
  std::uint64_t stale = 0;
  std::uint64_t lost = 0;
  std::uint64_t recovered = 0;
  std::uint64_t never_read = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t phantom = 0;
  std::uint64_t foreign = 0;  // shown by a read, and of nobody in this history
  Duration slowest{};         // of stale elements: known until the last read that missed it
};

bool shows_list(const HistoryOperation& one) {
  return is_ok_read(one) && std::holds_alternative<model::HistoryList>(one.value);
}

// The set under one key.
class SetOfKey {
 public:
  SetOfKey(const KeyHistory& history, const model::HistoryCheckPlan& plan, Counts& counts,
           HistoryJudgement& judgement)
      : plan_(plan), counts_(counts), judgement_(judgement), key_(history.key) {
    for (const HistoryOperation* one : history.operations) {
      if (one->op == HistoryOp::kAdd) {
        add(*one);
      } else if (is_ok_read(*one)) {
        const bool nothing = std::holds_alternative<std::monostate>(one->value);
        if (shows_list(*one) || (nothing && counts_.any_list)) {
          reads_.push_back(one);
        }
      }
    }
  }

  void judge() {
    counts_.reads += reads_.size();
    // From the last read to the first, so that the first gap of each element is its last absence.
    for (std::size_t rank = 0; rank < reads_.size(); ++rank) {
      take_read(*reads_[reads_.size() - 1 - rank], static_cast<std::uint32_t>(rank));
    }
    for (Element& element : elements_) {
      judge_element(element);
    }
  }

 private:
  static HistoryScalar scalar_of(const HistoryOperation& one) {
    if (const auto* number = std::get_if<std::int64_t>(&one.value)) {
      return *number;
    }
    if (const auto* text = std::get_if<std::string>(&one.value)) {
      return *text;
    }
    return {};
  }

  void add(const HistoryOperation& one) {
    const auto [place, fresh] = places_.try_emplace(scalar_of(one), elements_.size());
    if (fresh) {
      elements_.emplace_back();
    }
    Element& element = elements_[place->second];
    if (one.invoke < element.invoked) {
      element.invoked = one.invoke;
      element.add = &one;
    }
    element.open = element.open || one.outcome == model::HistoryOutcome::kInfo;
    if (is_ok(one)) {
      element.acked = true;
      element.known = std::min(element.known, one.complete);
    }
  }

  void take_read(const HistoryOperation& read, std::uint32_t rank) {
    const auto* list = std::get_if<model::HistoryList>(&read.value);
    if (list == nullptr) {
      return;
    }
    for (const HistoryScalar& shown : *list) {
      const auto place = places_.find(shown);
      if (place == places_.end()) {
        ++counts_.foreign;
        continue;
      }
      Element& element = elements_[place->second];
      if (element.last_read == &read) {
        element.twice = &read;
        continue;
      }
      element.last_read = &read;
      element.older = element.older || read.complete < element.invoked;
      element.absent_rank += element.absent_rank == rank ? 1U : 0U;
      element.last_seen = element.last_seen == nullptr ? &read : element.last_seen;
      if (element.first_seen == nullptr || read.complete < element.first_seen->complete) {
        element.first_seen = &read;
      }
    }
  }

  // The read that was invoked last of those that did not show it, if it had to.
  [[nodiscard]] const HistoryOperation* last_absence(const Element& element) const {
    if (element.absent_rank >= reads_.size()) {
      return nullptr;
    }
    const HistoryOperation* read = reads_[reads_.size() - 1 - element.absent_rank];
    return read->invoke > element.known ? read : nullptr;
  }

  void judge_element(Element& element) {
    if (element.older) {
      ++counts_.foreign;  // a value that was there before: whose it is cannot be told
      return;
    }
    ++counts_.attempted;
    counts_.acked += element.acked ? 1U : 0U;
    if (element.first_seen != nullptr) {
      element.known = std::min(element.known, element.first_seen->complete);
    }
    if (element.twice != nullptr && plan_.repeats == model::HistoryRepeats::kOnce) {
      ++counts_.duplicated;
      show("twice in one read", element, element.twice);
    }
    if (element.first_seen != nullptr && !element.acked) {
      if (element.open) {
        ++counts_.recovered;
      } else {
        ++counts_.phantom;
        show("refused, and there all the same", element, element.first_seen);
        return;
      }
    }
    count_fate(element);
  }

  void count_fate(const Element& element) {
    const HistoryOperation* absent = element.known == kNever ? nullptr : last_absence(element);
    if (absent == nullptr) {
      ++(element.last_seen != nullptr ? counts_.stable : counts_.never_read);
      return;
    }
    if (element.last_seen != nullptr && element.last_seen->invoke > absent->invoke) {
      ++counts_.stable;
      ++counts_.stale;
      counts_.slowest = std::max(counts_.slowest, absent->invoke - element.known);
      if (plan_.linearizable) {
        show("known, and missing in a later read", element, absent);
      }
      return;
    }
    ++counts_.lost;
    show("lost", element, absent);
  }

  void show(std::string_view what, const Element& element, const HistoryOperation* evidence) {
    if (judgement_.witness.size() + 4 > kMaxWitnessLines) {
      return;
    }
    add_witness(judgement_, fmt::format("{}: {} of key {}", what,
                                        model::to_text(scalar_of(*element.add)), printable(key_)));
    add_witness(judgement_, "  " + model::witness_line(*element.add));
    if (element.last_seen != nullptr && element.last_seen != evidence) {
      add_witness(judgement_, fmt::format("  {}  <- the last that shows it",
                                          model::witness_line(*element.last_seen)));
    }
    add_witness(judgement_, "  " + model::witness_line(*evidence));
  }

  const model::HistoryCheckPlan& plan_;
  Counts& counts_;
  HistoryJudgement& judgement_;
  std::string_view key_;
  std::vector<const HistoryOperation*> reads_;  // in order of invoke
  std::vector<Element> elements_;
  std::unordered_map<HistoryScalar, std::size_t> places_;
};

}  // namespace

HistoryJudgement check_set(std::span<const HistoryOperation> operations,
                           const model::HistoryCheckPlan& plan) {
  HistoryJudgement judgement;
  Counts sum;
  sum.any_list = std::any_of(operations.begin(), operations.end(), shows_list);
  for (const KeyHistory& history : split_by_key(operations)) {
    SetOfKey(history, plan, sum, judgement).judge();
  }
  judgement.counts = {{"attempted", sum.attempted},
                      {"acked", sum.acked},
                      {"stable", sum.stable},
                      {"stale", sum.stale},
                      {"lost", sum.lost},
                      {"recovered", sum.recovered},
                      {"never read", sum.never_read},
                      {"duplicated", sum.duplicated},
                      {"phantom", sum.phantom},
                      {"foreign", sum.foreign}};
  judgement.violations =
      sum.lost + sum.duplicated + sum.phantom + (plan.linearizable ? sum.stale : 0);
  const std::string late = sum.stale == 0
                               ? ""
                               : fmt::format(", {} of them stale (known for up to {:.3f}s before)",
                                             sum.stale, to_seconds(sum.slowest));
  judgement.summary = fmt::format(
      "of {} that were added {} are stable{}, {} lost, {} twice, {} there although refused",
      count_of(sum.attempted, "element"), sum.stable, late, sum.lost, sum.duplicated, sum.phantom);
  if (judgement.violations > 0) {
    judgement.verdict = Verdict::kFail;
  } else if (sum.stable == 0) {
    judgement.verdict = Verdict::kInconclusive;
    judgement.summary = sum.reads == 0 ? "no read showed the set: nothing was read back"
                                       : "none of the elements that were added was ever read back";
  }
  return judgement;
}

}  // namespace squall::reports
