#include "loadgen/run/skew_search.hpp"

#include <algorithm>
#include <optional>

#include "loadgen/base/check.hpp"

namespace squall::run {
namespace {

// A sender and a receiver that both drop fractions of a second may differ by so much.
constexpr Duration kRounding = std::chrono::seconds(2);

class EdgeSearch {
 public:
  EdgeSearch(Duration resolution, Duration to, const AskAtDistance& ask)
      : resolution_(resolution), to_(to), ask_(ask) {}

  Result<model::SkewEdge> find() {
    if (auto done = widen(); !done) {
      return fail(done.error());
    }
    if (!beyond_accepted()) {
      return model::SkewEdge{.kind = model::SkewEdgeKind::kNone, .accepted = accepted_};
    }
    while (*beyond_accepted() - accepted_ > resolution_) {
      if (auto done = look(middle(accepted_, *beyond_accepted())); !done) {
        return fail(done.error());
      }
    }
    while (mixed_last_ && refused_ && *refused_ - *mixed_last_ > resolution_) {
      if (auto done = look(middle(*mixed_last_, *refused_)); !done) {
        return fail(done.error());
      }
    }
    return edge();
  }

 private:
  Result<void> widen() {
    for (Duration distance = resolution_;; distance *= 2) {
      distance = std::min(distance, to_);
      if (auto done = look(distance); !done) {
        return done;
      }
      if (refused_ || distance == to_) {
        return {};
      }
    }
  }

  // Asks there and moves the bounds.
  Result<void> look(Duration distance) {
    const auto answers = ask_(distance);
    if (!answers) {
      return fail(answers.error());
    }
    SQUALL_CHECK(answers->accepted + answers->refused > 0);
    const bool nearer = !mixed_first_ || distance < *mixed_first_;
    const bool farther = !mixed_last_ || distance > *mixed_last_;
    if (answers->refused == 0 && nearer) {
      accepted_ = std::max(accepted_, distance);
    } else if (answers->accepted == 0 && farther) {
      refused_ = refused_ ? std::min(*refused_, distance) : distance;
    } else {  // differing answers, or refused nearer and accepted farther than some that differed
      mixed_first_ = mixed_first_ ? std::min(*mixed_first_, distance) : distance;
      mixed_last_ = mixed_last_ ? std::max(*mixed_last_, distance) : distance;
    }
    return {};
  }

  [[nodiscard]] std::optional<Duration> beyond_accepted() const {
    if (mixed_first_ && refused_) {
      return std::min(*mixed_first_, *refused_);
    }
    return mixed_first_ ? mixed_first_ : refused_;
  }

  // A multiple of the resolution between the two, which are farther apart than it.
  [[nodiscard]] Duration middle(Duration low, Duration high) const {
    const Duration half = (high - low) / 2 / resolution_ * resolution_;
    return low + std::max(half, resolution_);
  }

  [[nodiscard]] model::SkewEdge edge() const {
    model::SkewEdge found{.kind = model::SkewEdgeKind::kFound, .accepted = accepted_};
    found.refused = refused_.value_or(Duration::zero());
    if (mixed_first_ && (!refused_ || *refused_ - accepted_ > resolution_ + kRounding)) {
      found.kind = model::SkewEdgeKind::kFlapping;
    }
    return found;
  }

  const Duration resolution_;
  const Duration to_;
  const AskAtDistance& ask_;
  Duration accepted_{};
  std::optional<Duration> mixed_first_;
  std::optional<Duration> mixed_last_;
  std::optional<Duration> refused_;
};

}  // namespace

Result<model::SkewEdge> find_skew_edge(Duration resolution, Duration to, const AskAtDistance& ask) {
  SQUALL_CHECK(resolution > Duration::zero() && resolution <= to);
  return EdgeSearch(resolution, to, ask).find();
}

}  // namespace squall::run
