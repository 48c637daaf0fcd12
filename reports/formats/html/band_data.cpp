// What was going on, for the shading behind charts over time. Instants are seconds after t = 0.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "reports/formats/html/chart_data.hpp"

namespace squall::reports {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostBands = 60;
constexpr std::size_t kMostLabel = 60;
// A fault of a small share need not be eligible in each second of its window.
constexpr double kSameWindow = 3;  // seconds

class Bands {
 public:
  void add(std::string_view kind, std::string_view label, double from, double to) {
    if (bands_.size() < kMostBands) {
      bands_.push_back(
          {{"kind", kind}, {"label", printable(label, kMostLabel)}, {"from", from}, {"to", to}});
    }
  }
  void add(std::string_view kind, std::string_view label, Duration from, Duration to) {
    add(kind, label, to_seconds(from), to_seconds(to));
  }
  [[nodiscard]] ordered_json take() { return std::move(bands_); }

 private:
  ordered_json bands_ = ordered_json::array();
};

void add_phases(Bands& bands, const model::RunRecord& record) {
  if (record.warmup > Duration::zero()) {
    bands.add("phase", "warm-up", -record.warmup, Duration::zero());
  }
  const Duration end = record.measured_duration;
  if (record.phase_bounds.split) {
    const Duration from = std::min(record.phase_bounds.fault_from, end);
    const Duration to = std::min(record.phase_bounds.fault_to, end);
    if (from > Duration::zero()) {
      bands.add("phase", "baseline", Duration::zero(), from);
    }
    bands.add("phase", "fault", from, to);
    if (to < end) {
      bands.add("phase", "recovery", to, end);
    }
  } else {
    bands.add("phase", "measured", Duration::zero(), end);
  }
  if (record.drain_used > Duration::zero()) {
    bands.add("phase", "drain", end, end + record.drain_used);
  }
}

// A record does not keep windows, but when a fault could have touched something.
void add_fault(Bands& bands, const model::RunRecord& record, std::size_t fault) {
  double from = 0;
  double to = 0;
  bool open = false;
  for (const model::SecondSummary& second : record.seconds) {
    if (fault >= second.faults.size() || second.faults[fault].eligible == 0) {
      continue;
    }
    const auto begin = static_cast<double>(second.second);
    if (open && begin > to + kSameWindow) {
      bands.add("fault", record.faults[fault].name, from, to);
      open = false;
    }
    from = open ? from : begin;
    to = begin + 1;
    open = true;
  }
  if (open) {
    bands.add("fault", record.faults[fault].name, from, to);
  }
}

void add_action(Bands& bands, const model::RecordedAction& action) {
  if (!action.started) {
    return;
  }
  const Duration from = action.planned_at + action.late_at;
  const bool ended = action.undone || action.until > Duration::zero();
  const Duration to = ended ? action.until : action.planned_until;
  bands.add(action.kind == "fault" ? "fault" : "action", action.name, from, std::max(from, to));
}

}  // namespace

ordered_json band_data(const model::RunRecord& record) {
  Bands bands;
  add_phases(bands, record);
  for (const model::Breach& breach : record.breaches) {
    if (!breach.voids_effects) {
      const double end = to_seconds(record.measured_duration + record.drain_used);
      bands.add("invalid", "invalid from here on", breach.from_second,
                std::max(breach.from_second, end));
      break;
    }
  }
  for (std::size_t fault = 0; fault < record.faults.size(); ++fault) {
    add_fault(bands, record, fault);
  }
  for (const model::RecordedAction& action : record.timeline) {
    add_action(bands, action);
  }
  for (const model::RunEvent& event : record.events) {
    if (event.kind == "service" || event.kind == "abort" || event.kind == "signal") {
      bands.add("invalid", event.text, event.at, event.at);
    }
  }
  return bands.take();
}

}  // namespace squall::reports
