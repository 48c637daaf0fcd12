#include "loadgen/engine/arrival_schedule.hpp"

#include "loadgen/base/check.hpp"

namespace squall::engine {

ArrivalSchedule::ArrivalSchedule(const model::Plan& plan, unsigned worker, unsigned workers)
    : warmup_(plan.load.warmup), worker_(worker), workers_(workers) {
  SQUALL_CHECK(worker < workers);
  sources_.resize(plan.scenarios.size());
  for (const model::Scenario& scenario : plan.scenarios) {
    Source& source = sources_[scenario.index];
    source.scenario = scenario.index;
    source.cursor =
        scenario.arrivals->open(plan.load.span(), StreamId(plan.seed, scenario.name, "arrivals"));
    refill(source);
    advance(source, 0);
  }
  choose();
}

void ArrivalSchedule::refill(Source& source) {
  source.base_index += source.filled;
  source.filled = source.cursor->fill(source.batch);
  source.at = 0;
  source.ended = source.filled == 0;
}

// Moves to this worker's first arrival at or after `from` in the batch, refilling as needed.
void ArrivalSchedule::advance(Source& source, std::size_t from) {
  source.at = from;
  while (!source.ended) {
    for (; source.at < source.filled; ++source.at) {
      if ((source.base_index + source.at) % workers_ == worker_) {
        return;
      }
    }
    refill(source);
  }
}

void ArrivalSchedule::choose() {
  next_source_ = nullptr;
  for (Source& source : sources_) {
    if (!source.ended && (next_source_ == nullptr ||
                          source.batch[source.at] < next_source_->batch[next_source_->at])) {
      next_source_ = &source;
    }
  }
  if (next_source_ == nullptr) {
    next_.reset();
    return;
  }
  next_ = Arrival{next_source_->batch[next_source_->at] - warmup_,
                  next_source_->base_index + next_source_->at, next_source_->scenario};
}

void ArrivalSchedule::pop() {
  advance(*next_source_, next_source_->at + 1);
  choose();
}

std::uint64_t ArrivalSchedule::overdue(Duration offset) {
  // Looks no further than the batches at hand: a worker that is more than a batch behind has missed
  // its limit anyway.
  std::uint64_t count = 0;
  for (const Source& source : sources_) {
    for (std::size_t i = source.at; i < source.filled && source.batch[i] - warmup_ < offset; ++i) {
      count += (source.base_index + i) % workers_ == worker_ ? 1U : 0U;
    }
  }
  return count;
}

}  // namespace squall::engine
