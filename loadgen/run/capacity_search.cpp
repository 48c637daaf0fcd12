#include "loadgen/run/capacity_search.hpp"

#include <algorithm>
#include <cmath>

#include "loadgen/base/check.hpp"

namespace squall::run {

using model::CapacityLimit;
using model::StageVerdict;

CapacitySearch::CapacitySearch(const CapacityOptions& options)
    : options_(options), next_(NextStage{options.start, false}) {
  SQUALL_CHECK(options.lowest.per_second > 0 && options.lowest <= options.start &&
               options.start <= options.highest && options.resolution > 0);
}

void CapacitySearch::add(StageVerdict verdict) {
  SQUALL_CHECK(next_.has_value());
  const NextStage stage = *next_;
  if (verdict == StageVerdict::kInvalid && !repeated_) {
    repeated_ = true;  // a hiccup of this host looks the same as its limit; only once
    return;
  }
  repeated_ = false;
  switch (verdict) {
    case StageVerdict::kPass:
      passed(stage);
      break;
    case StageVerdict::kFail:
      failed(stage, CapacityLimit::kTarget);
      break;
    case StageVerdict::kInvalid:
      failed(stage, CapacityLimit::kGenerator);
      break;
  }
  choose();
}

void CapacitySearch::add_undecided() {
  SQUALL_CHECK(next_.has_value());
  const NextStage stage = *next_;
  repeated_ = false;
  if (passing_ || stage.confirmation) {
    // Above a rate that held there are more arrivals, not fewer: what is missing is the answers.
    failed(stage, CapacityLimit::kTarget);
  } else {
    undecided_ = stage.rate.per_second;
  }
  choose();
}

void CapacitySearch::passed(const NextStage& stage) {
  passing_ = std::max(passing_.value_or(0), stage.rate.per_second);
  confirmed_ = stage.confirmation;
}

void CapacitySearch::failed(const NextStage& stage, CapacityLimit limit) {
  failing_ = stage.rate.per_second;
  failing_limit_ = limit;
  if (stage.confirmation) {
    ++failed_confirmations_;
    // The shorter stage at this rate was luck: what lies below is known less well than it seemed.
    passing_.reset();
  }
}

void CapacitySearch::choose_first() {
  const double lowest = options_.lowest.per_second;
  const double highest = options_.highest.per_second;
  if (!failing_) {
    if (*undecided_ < highest) {
      next_ = NextStage{Rate{std::min(highest, *undecided_ * 2)}, false};
    }
    return;
  }
  // Far below when nothing is known. Below a rate that held for a short stage only, short stages
  // have nothing more to say: the longer one itself goes down in small steps.
  const bool walks_down = failed_confirmations_ > 0;
  const double factor = walks_down ? std::max(1 - 2 * options_.resolution, 0.5) : 0.5;
  double rate = std::max(lowest, *failing_ * factor);
  if (undecided_ && rate <= *undecided_) {
    if (*failing_ <= *undecided_ * (1 + options_.resolution)) {
      return;
    }
    rate = std::sqrt(*undecided_ * *failing_);
  }
  if (*failing_ > lowest) {
    next_ = NextStage{Rate{rate}, walks_down};
  }
}

void CapacitySearch::choose() {
  next_.reset();
  const double highest = options_.highest.per_second;
  if (confirmed_ || failed_confirmations_ > options_.confirmations) {
    return;
  }
  if (!passing_) {
    choose_first();
    return;
  }
  if (!failing_) {
    next_ = *passing_ < highest ? NextStage{Rate{std::min(highest, *passing_ * 2)}, false}
                                : NextStage{Rate{*passing_}, true};
    return;
  }
  const bool narrow = *failing_ <= *passing_ * (1 + options_.resolution);
  next_ = narrow ? NextStage{Rate{*passing_}, true}
                 : NextStage{Rate{std::sqrt(*passing_ * *failing_)}, false};
}

model::Capacity CapacitySearch::result() const {
  model::Capacity capacity;
  capacity.confirmed = confirmed_;
  capacity.rate = Rate{passing_.value_or(0)};
  capacity.upper = Rate{failing_.value_or(0)};
  if (!passing_) {
    capacity.limit = CapacityLimit::kNothing;
  } else {
    capacity.limit = failing_ ? failing_limit_ : CapacityLimit::kMaximum;
  }
  return capacity;
}

}  // namespace squall::run
