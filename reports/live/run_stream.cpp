#include "reports/live/run_stream.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/model/response_cells.hpp"
#include "reports/live/faults_on.hpp"
#include "reports/live/json_view.hpp"

namespace squall::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPieceBytes = 64UL * 1024;
constexpr std::string_view kStage = "stage";

// Rows of the heat map: two to each doubling, where cells end.
const std::vector<std::int64_t>& edges() {
  static const std::vector<std::int64_t> all = [] {
    std::vector<std::int64_t> bounds;
    for (std::int64_t power = 32; power <= 2'147'483'648; power *= 2) {
      bounds.push_back(power);
      bounds.push_back(power + power / 2);
    }
    return bounds;
  }();
  return all;
}

// Faster ones than the first edge stand in the first row; the last row is for what was given up.
std::size_t row_of(std::uint16_t cell) {
  if (cell == model::never_cell()) {
    return edges().size() - 1;
  }
  const auto above = std::upper_bound(edges().begin(), edges().end(), model::cell_range(cell).low);
  const auto row = static_cast<std::size_t>(above - edges().begin());
  return std::clamp<std::size_t>(row, 1, edges().size() - 1) - 1;
}

std::string dump(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json heat_of(const model::ResponseCells& cells) {
  Json heat = Json::array();
  std::size_t next = 0;
  for (const auto& [cell, operations] : cells.counts) {
    const std::size_t row = row_of(cell);
    if (heat.empty()) {
      heat.push_back(row);
      next = row;
    }
    for (; next <= row; ++next) {
      heat.push_back(0);
    }
    heat.back() = heat.back().get<std::uint64_t>() + operations;
  }
  return heat;
}

model::ResponseCells all_cells(const model::SecondSummary& second) {
  std::vector<model::ResponseCells> merged;
  for (model::ResponseCells cells : second.cells) {
    cells.step = 0;
    cells.exposure = model::Exposure::kClean;
    model::merge_cells(merged, cells);
  }
  return merged.empty() ? model::ResponseCells() : std::move(merged.front());
}

// From cells 9% wide: the upper end of the one that holds it.
std::int64_t percentile_of(const model::ResponseCells& cells, double percentile) {
  std::uint64_t all = 0;
  for (const auto& [cell, operations] : cells.counts) {
    all += operations;
  }
  double left = static_cast<double>(all) * percentile / 100;
  for (const auto& [cell, operations] : cells.counts) {
    left -= static_cast<double>(operations);
    if (left <= 0) {
      return cell == model::never_cell() ? model::kCellLayout.highest_trackable
                                         : model::cell_range(cell).high;
    }
  }
  return -1;
}

Json known(std::int64_t value) {
  return value < 0 ? Json(nullptr) : Json(std::min(value, model::kCellLayout.highest_trackable));
}

Json errors_of(const model::SecondSummary& second) {
  Json errors = Json::object();
  for (std::size_t i = 0; i < second.classes.size(); ++i) {
    const auto how = static_cast<model::AttemptClass>(i);
    if (how != model::AttemptClass::kSuccess && second.classes[i] > 0) {
      errors[std::string(model::to_string(how))] = second.classes[i];
    }
  }
  return errors;
}

void join(model::SecondSummary& into, const model::SecondSummary& next) {
  into.counters.add(next.counters);
  into.acked += next.acked;
  for (std::size_t i = 0; i < into.classes.size(); ++i) {
    into.classes[i] += next.classes[i];
  }
  into.faults.resize(std::max(into.faults.size(), next.faults.size()));
  for (std::size_t i = 0; i < next.faults.size(); ++i) {
    into.faults[i].add(next.faults[i]);
  }
  for (const model::ResponseCells& cells : next.cells) {
    model::merge_cells(into.cells, cells);
  }
  into.in_flight = next.in_flight;
  into.connections = next.connections;
  const model::ResponseCells all = all_cells(into);
  into.response_p50_us = percentile_of(all, 50);
  into.response_p90_us = percentile_of(all, 90);
  into.response_p99_us = percentile_of(all, 99);
}

Json bands_of(const model::Plan& plan) {
  Json bands = Json::array();
  const auto add = [&](const char* kind, const std::string& label, Duration from, Duration to) {
    bands.push_back(
        {{"kind", kind}, {"label", label}, {"from", to_seconds(from)}, {"to", to_seconds(to)}});
  };
  if (plan.load.warmup > Duration{}) {
    add("phase", "warm-up", -plan.load.warmup, Duration{});
  }
  const FaultsOn faults(plan);
  for (const FaultsOn::Entry& entry : faults.entries()) {
    if (entry.window) {
      add("fault", entry.name, entry.window->from, std::min(entry.window->to, plan.load.duration));
    }
  }
  return bands;
}

}  // namespace

RunStream::RunStream(std::string token) : token_(std::move(token)) {}

std::shared_ptr<RunStream::Viewer> RunStream::watch(std::string_view last_event_id) {
  auto viewer = std::make_shared<Viewer>();
  const std::string prefix = token_ + "-";
  if (last_event_id.substr(0, prefix.size()) == prefix) {
    const std::string_view number = last_event_id.substr(prefix.size());
    const auto [end, code] =
        std::from_chars(number.data(), number.data() + number.size(), viewer->seen);
    if (code != std::errc() || end != number.data() + number.size()) {
      viewer->seen = 0;
    }
  }
  const std::lock_guard lock(mutex_);
  viewers_.erase(std::remove_if(viewers_.begin(), viewers_.end(),
                                [](const auto& one) { return one.expired(); }),
                 viewers_.end());
  viewers_.push_back(viewer);
  return viewer;
}

bool RunStream::everybody_knows() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(viewers_.begin(), viewers_.end(), [this](const auto& one) {
    const auto viewer = one.lock();
    return viewer == nullptr || viewer->seen >= number_;
  });
}

std::string RunStream::next(Viewer& viewer) const {
  const std::lock_guard lock(mutex_);
  std::string text;
  const auto behind = [&](const auto& one, std::uint64_t number) { return one.number <= number; };
  auto message = std::partition_point(messages_.begin(), messages_.end(),
                                      [&](const Message& one) { return behind(one, viewer.seen); });
  auto column = std::partition_point(columns_.begin(), columns_.end(),
                                     [&](const Column& one) { return behind(one, viewer.seen); });
  const auto say = [&](std::uint64_t number, std::string_view type, std::string_view data) {
    text += fmt::format("id: {}-{}\nevent: {}\ndata: {}\n\n", token_, number, type, data);
    viewer.seen = number;
  };
  if (begin_ && begin_->number > viewer.seen) {
    say(begin_->number, begin_->type, begin_->data);
  }
  while (text.size() < kPieceBytes) {
    const bool has_message = message != messages_.end();
    if (column != columns_.end() && (!has_message || column->number < message->number)) {
      say(column->number, "column", data_of(*column));
      ++column;
    } else if (has_message) {
      say(message->number, message->type, message->data);
      ++message;
    } else {
      break;
    }
  }
  if (text.size() < kPieceBytes && end_ && end_->number > viewer.seen) {
    say(end_->number, end_->type, end_->data);
  }
  return text;
}

std::string RunStream::data_of(const Column& column) {
  const model::SecondSummary& sum = column.sum;
  Json fired = Json::array();
  for (const model::FaultCounts& counts : sum.faults) {
    fired.push_back(counts.fired);
  }
  return dump({{"t", column.start},
               {"width", column.width},
               {"due", sum.counters.due},
               {"started", sum.counters.started},
               {"acked", sum.acked},
               {"errors", errors_of(sum)},
               {"p50", known(sum.response_p50_us)},
               {"p90", known(sum.response_p90_us)},
               {"p99", known(sum.response_p99_us)},
               {"heat", heat_of(all_cells(sum))},
               {"fired", std::move(fired)},
               {"in_flight", sum.in_flight},
               {"connections", sum.connections}});
}

void RunStream::begin(const model::Plan& plan) {
  Json faults = Json::array();
  for (const model::PlannedFault& fault : plan.faults) {
    faults.push_back(fault.name);
  }
  Json told;
  told["plan"] = plan.name;
  told["seed"] = plan.seed;
  told["run_id"] = plan.run_id;
  told["warmup_s"] = to_seconds(plan.load.warmup);
  told["duration_s"] = to_seconds(plan.load.duration);
  told["edges"] = edges();
  told["bands"] = bands_of(plan);
  told["faults"] = std::move(faults);
  std::string data = dump(told);
  {
    const std::lock_guard lock(mutex_);
    messages_.clear();
    columns_.clear();
    end_.reset();
    begin_ = Message{++number_, "begin", std::move(data)};
  }
  if (wake_) {
    wake_();
  }
}

void RunStream::add(std::string_view type, std::string data) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back({++number_, type, std::move(data)});
    if (type == kStage) {
      stage_ = number_;
    }
    if (messages_.size() > kMostMessages) {
      messages_.erase(messages_.begin() + (messages_.front().number == stage_ ? 1 : 0));
    }
  }
  if (wake_) {
    wake_();
  }
}

void RunStream::stage(model::Stage stage, std::string_view detail) {
  const std::string_view text = model::to_string(stage);
  add(kStage,
      dump({{"stage", key_of(stage)},
            {"text", detail.empty() ? std::string(text) : fmt::format("{}: {}", text, detail)}}));
}

void RunStream::second(const model::SecondSummary& second) {
  {
    const std::lock_guard lock(mutex_);
    columns_.push_back({++number_, second.second, 1, second});
    if (columns_.size() > kMostColumns) {
      join_columns();
    }
  }
  if (wake_) {
    wake_();
  }
}

// The older half, in pairs: the last minutes stay as fine as they were told.
void RunStream::join_columns() {
  std::deque<Column> joined;
  const std::size_t half = columns_.size() / 4 * 2;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool second_of_pair = i < half && i % 2 == 1;
    if (!second_of_pair) {
      joined.push_back(std::move(columns_[i]));
      continue;
    }
    Column& into = joined.back();
    join(into.sum, columns_[i].sum);
    into.number = columns_[i].number;
    into.width = columns_[i].start + columns_[i].width - into.start;
  }
  columns_ = std::move(joined);
}

void RunStream::event(const model::RunEvent& event) {
  add("event", dump({{"t", to_seconds(event.at)}, {"kind", event.kind}, {"text", event.text}}));
}

void RunStream::end(const model::RunRecord& record) {
  std::string data = dump({{"verdict", model::to_string(record.verdict)},
                           {"exit_code", static_cast<int>(record.exit_code)},
                           {"reasons", record.reasons}});
  {
    const std::lock_guard lock(mutex_);
    end_ = Message{++number_, "end", std::move(data)};
  }
  if (wake_) {
    wake_();
  }
}

}  // namespace squall::reports
