#include "loadgen/engine/arrival_schedule.hpp"

#include <algorithm>

#include "loadgen/engine/work_share.hpp"
#include "loadgen/model/load_model.hpp"

namespace squall::engine {

ArrivalSchedule::ArrivalSchedule(const model::Plan& plan, unsigned worker, unsigned workers)
    : warmup_(plan.load.warmup),
      share_(work_share(plan.load.shard, worker, workers)),
      pick_(plan),
      dealt_(plan.scenarios.size()) {
  const std::vector<model::ArrivalStream> streams = model::arrival_streams(plan);
  sources_.resize(streams.size());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    Source& source = sources_[i];
    source.batch.resize(std::min(kOwnBatch * share_.count, kMostBatch));
    source.scenario = streams[i].scenario;
    source.shared = streams[i].shared;
    const std::string_view name =
        source.shared ? std::string_view("load") : plan.scenarios[source.scenario].name;
    source.cursor = streams[i].process->open(
        plan.load.span(),
        StreamId(plan.seed, name, source.shared ? "shared arrivals" : "arrivals"));
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
      number(source);
      if ((source.base_index + source.at) % share_.count == share_.index) {
        return;
      }
    }
    refill(source);
  }
}

// Each arrival of the stream comes by here once, in order.
void ArrivalSchedule::number(Source& source) {
  source.index = source.base_index + source.at;
  if (source.shared) {
    source.scenario = pick_.at(source.index);
    source.index = dealt_[source.scenario]++;
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
  next_ = Arrival{next_source_->batch[next_source_->at] - warmup_, next_source_->index,
                  next_source_->scenario};
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
      count += (source.base_index + i) % share_.count == share_.index ? 1U : 0U;
    }
  }
  return count;
}

}  // namespace squall::engine
