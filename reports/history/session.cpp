// Session guarantees (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data",
// 1994), judged by the version numbers that the target shows.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "reports/history/checker.hpp"

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::Verdict;

enum class Guarantee : std::uint8_t {
  kReadYourWrites,
  kMonotonicReads,
  kMonotonicWrites,
  kWritesFollowReads
};
constexpr std::array<std::string_view, 4> kGuarantees = {"read your writes", "monotonic reads",
                                                         "monotonic writes", "writes follow reads"};

struct Counts {
  std::array<std::uint64_t, kGuarantees.size()> broken{};
  std::uint64_t compared = 0;     // with an earlier one
  std::uint64_t unversioned = 0;  // ok, without a version
};

bool is_write(const HistoryOperation& one) {
  return one.op == HistoryOp::kWrite || one.op == HistoryOp::kCas;
}

// One client and one key.
class Session {
 public:
  // `operations`: ok and with a version, in order of invoke.
  Session(std::vector<const HistoryOperation*> operations, Counts& counts,
          HistoryJudgement& judgement)
      : operations_(std::move(operations)), counts_(counts), judgement_(judgement) {}

  void judge() {
    std::vector<const HistoryOperation*> ended = operations_;
    std::stable_sort(ended.begin(), ended.end(),
                     [](const auto* a, const auto* b) { return a->complete < b->complete; });
    auto next = ended.begin();
    for (const HistoryOperation* one : operations_) {
      for (; next != ended.end() && (*next)->complete < one->invoke; ++next) {
        const HistoryOperation*& newest = is_write(**next) ? newest_write_ : newest_read_;
        if (newest == nullptr || *(*next)->version > *newest->version) {
          newest = *next;
        }
      }
      counts_.compared += newest_write_ != nullptr || newest_read_ != nullptr ? 1U : 0U;
      if (is_write(*one)) {
        hold(*one, newest_write_, Guarantee::kMonotonicWrites, 1);
        hold(*one, newest_read_, Guarantee::kWritesFollowReads, 1);
      } else {
        hold(*one, newest_write_, Guarantee::kReadYourWrites, 0);
        hold(*one, newest_read_, Guarantee::kMonotonicReads, 0);
      }
    }
  }

 private:
  // `later` must be ahead of `earlier` by at least `least` versions.
  void hold(const HistoryOperation& later, const HistoryOperation* earlier, Guarantee guarantee,
            std::int64_t least) {
    if (earlier == nullptr || *later.version - least >= *earlier->version) {
      return;
    }
    ++counts_.broken.at(static_cast<std::size_t>(guarantee));
    if (judgement_.witness.size() + 3 <= kMaxWitnessLines) {
      add_witness(judgement_, fmt::format("{}: client {}, key {}",
                                          kGuarantees.at(static_cast<std::size_t>(guarantee)),
                                          later.client, printable(later.key)));
      add_witness(judgement_, "  " + model::witness_line(*earlier));
      add_witness(judgement_, "  " + model::witness_line(later));
    }
  }

  std::vector<const HistoryOperation*> operations_;
  Counts& counts_;
  HistoryJudgement& judgement_;
  const HistoryOperation* newest_write_ = nullptr;
  const HistoryOperation* newest_read_ = nullptr;
};

// Versions at the ends of 64 bits would overflow in comparisons, and nobody counts to there.
bool has_version(const HistoryOperation& one) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  return one.version && *one.version > -kMost && *one.version < kMost;
}

void conclude(const Counts& counts, HistoryJudgement& judgement) {
  std::string broken;
  for (std::size_t i = 0; i < kGuarantees.size(); ++i) {
    judgement.violations += counts.broken.at(i);
    judgement.counts.push_back({std::string(kGuarantees.at(i)), counts.broken.at(i)});
    if (counts.broken.at(i) > 0) {
      broken += fmt::format("{}{} {}", broken.empty() ? "" : ", ", kGuarantees.at(i),
                            counts.broken.at(i));
    }
  }
  judgement.counts.push_back({"compared", counts.compared});
  judgement.counts.push_back({"without a version", counts.unversioned});
  if (judgement.violations > 0) {
    judgement.verdict = Verdict::kFail;
    judgement.summary = fmt::format("broken: {} (of {} that had an earlier one to be held against)",
                                    broken, count_of(counts.compared, "operation"));
  } else if (counts.compared == 0) {
    judgement.verdict = Verdict::kInconclusive;
    judgement.summary =
        fmt::format("no client did anything with a key that it had used before; {} had no version",
                    count_of(counts.unversioned, "operation"));
  } else {
    judgement.summary =
        fmt::format("{} held against the client's earlier ones, all four guarantees kept",
                    count_of(counts.compared, "operation"));
  }
}

}  // namespace

HistoryJudgement check_session(std::span<const HistoryOperation> operations,
                               const model::HistoryCheckPlan& /*plan*/) {
  HistoryJudgement judgement;
  Counts counts;
  std::map<std::pair<std::uint64_t, std::string_view>, std::vector<const HistoryOperation*>>
      sessions;
  for (const HistoryOperation& one : operations) {
    if (!is_ok(one) || (one.op != HistoryOp::kRead && !is_write(one))) {
      continue;
    }
    if (!has_version(one)) {
      ++counts.unversioned;
      continue;
    }
    sessions[{one.client, one.key}].push_back(&one);
  }
  for (auto& [who, session] : sessions) {
    Session(std::move(session), counts, judgement).judge();
  }
  conclude(counts, judgement);
  return judgement;
}

}  // namespace squall::reports
