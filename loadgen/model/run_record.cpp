#include "loadgen/model/run_record.hpp"

#include <fmt/core.h>

namespace squall::model {

std::string digest_text(const std::array<std::uint64_t, 2>& digest) {
  return fmt::format("{:016x}{:016x}", digest[0], digest[1]);
}

void merge_attempts(std::map<AttemptKey, AttemptSpans<stats::Histogram>>& totals,
                    const WorkerSlice& slice) {
  for (const auto& [key, spans] : slice.attempts) {
    if (spans == nullptr) {
      continue;
    }
    AttemptSpans<stats::Histogram>& total = totals[key];
    total.response.merge(spans->response);
    total.queue.merge(spans->queue);
    total.service.merge(spans->service);
    total.lag.merge(spans->lag);
  }
}

void merge_operations(std::map<OperationKey, stats::Histogram>& totals, const WorkerSlice& slice) {
  for (const auto& [key, histogram] : slice.operations) {
    if (histogram != nullptr) {
      totals[key].merge(*histogram);
    }
  }
}

void merge_phases(std::map<PhaseKey, stats::Histogram>& totals, const WorkerSlice& slice) {
  for (const auto& [key, histogram] : slice.phases) {
    totals[key].merge(*histogram);
  }
}

}  // namespace squall::model
