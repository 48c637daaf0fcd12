#include "loadgen/run/capacity_search.hpp"

#include <algorithm>
#include <cmath>

#include "loadgen/base/check.hpp"

namespace squall::run {

using model::CapacityLimit;
using model::StageVerdict;

namespace {

// Four digits: rates that people can read and repeat. A finer resolution keeps what it needs.
double rounded(double per_second, double resolution) {
  if (resolution < 0.01) {
    return per_second;
  }
  const double unit = std::pow(10, std::floor(std::log10(per_second)) - 3);
  return std::round(per_second / unit) * unit;
}

}  // namespace

CapacitySearch::CapacitySearch(const CapacityOptions& options)
    : options_(options), next_(NextStage{options.start}) {
  SQUALL_CHECK(options.lowest.per_second > 0 && options.lowest <= options.start &&
               options.start <= options.highest && options.resolution > 0 &&
               options.confirm_length > 0);
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
    case StageVerdict::kInconclusive:
      undecided(stage);
      return;
  }
  choose();
}

void CapacitySearch::undecided(const NextStage& stage) {
  const double rate = stage.rate.per_second;
  too_few_ = std::max(too_few_, rate * stage.length);
  if (!failing_ && !stage.confirmation && stage.rate < options_.highest) {
    next_ = NextStage{Rate{std::min(options_.highest.per_second, rate * 2)}};
    return;
  }
  const NextStage longer = stage_at(rate, stage.confirmation);
  double longest = passing_ ? std::max(kLongestAbovePass, passing_length_) : kLongest;
  longest = stage.confirmation ? std::max(longest, options_.confirm_length * 2) : longest;
  if (longer.length <= longest) {
    next_ = longer;
  } else if (passing_ && !stage.confirmation) {
    too_few_ = 0;
    failed(stage, CapacityLimit::kUndecided);
    choose();
  } else {
    gave_up_ = true;
    next_.reset();
  }
}

NextStage CapacitySearch::stage_at(double per_second, bool confirmation) const {
  NextStage stage{Rate{per_second}, confirmation, confirmation ? options_.confirm_length : 1};
  while (per_second * stage.length <= too_few_ || per_second * stage.length < enough_) {
    stage.length *= 2;
  }
  return stage;
}

void CapacitySearch::passed(const NextStage& stage) {
  passing_ = std::max(passing_.value_or(0), stage.rate.per_second);
  confirmed_ = stage.confirmation;
  if (!stage.confirmation) {
    passing_length_ = stage.length;
    enough_ = stage.length > 1 ? stage.rate.per_second * stage.length : 0;
    too_few_ = 0;
  }
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

void CapacitySearch::choose() {
  next_.reset();
  const double lowest = options_.lowest.per_second;
  const double highest = options_.highest.per_second;
  if (confirmed_ || failed_confirmations_ > options_.confirmations) {
    return;
  }
  if (!passing_) {
    // Far below when nothing is known. Below a rate that held for a short stage only, short stages
    // have nothing more to say: the longer one itself goes down in small steps.
    const bool walks_down = failed_confirmations_ > 0;
    const double factor = walks_down ? std::max(1 - 2 * options_.resolution, 0.5) : 0.5;
    if (*failing_ > lowest) {
      const double lower = rounded(*failing_ * factor, options_.resolution);
      next_ = stage_at(std::max(lowest, lower), walks_down);
    }
    return;
  }
  if (!failing_) {
    next_ = *passing_ < highest ? stage_at(std::min(highest, *passing_ * 2), false)
                                : stage_at(*passing_, true);
    return;
  }
  const bool narrow = *failing_ <= *passing_ * (1 + options_.resolution);
  next_ = narrow ? stage_at(*passing_, true)
                 : stage_at(rounded(std::sqrt(*passing_ * *failing_), options_.resolution), false);
}

model::Capacity CapacitySearch::result() const {
  model::Capacity capacity;
  capacity.confirmed = confirmed_;
  capacity.rate = Rate{passing_.value_or(0)};
  capacity.upper = Rate{failing_.value_or(0)};
  if (!passing_) {
    capacity.limit = gave_up_ ? CapacityLimit::kUndecided : CapacityLimit::kNothing;
  } else {
    capacity.limit = failing_ ? failing_limit_ : CapacityLimit::kMaximum;
  }
  return capacity;
}

}  // namespace squall::run
