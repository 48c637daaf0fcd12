// The run as server-sent events: what the page of a run that goes on is told.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/progress.hpp"

namespace squall::reports {

// Told of the run on its thread, which keeps a little and wakes whoever serves it; next() is for
// any thread. Bounded: seconds are joined in pairs when there are more than kMostColumns, so that a
// viewer who comes late gets the whole run, coarser; of other messages the last kMostMessages stay,
// and the last stage.
//
// Events, each with an id and JSON as data; times in seconds after t = 0, responses in us:
//   begin    plan, seed, run_id, warmup_s, duration_s, edges (us, of rows of `heat`; what was given
//            up is the row above), bands (kind, label, from, to), faults (names)
//   column   t, width (s), due, started, acked, errors (attempts by class), p50, p90, p99 (null:
//            none), heat ([first row, count, count, …]), fired (by fault), in_flight, connections
//   stage    stage, text
//   event    t, kind, text
//   end      verdict, exit_code, reasons
class RunStream final : public model::ProgressView {
 public:
  static constexpr std::size_t kMostColumns = 1200;
  static constexpr std::size_t kMostMessages = 1000;

  // Where a viewer is; the stream alone changes it.
  struct Viewer {
    std::uint64_t seen = 0;  // number of the last message
  };

  // `token` tells this stream's ids from those of another one at the same address.
  explicit RunStream(std::string token);
  // Called after each message, on the run's thread; to be set before the run begins.
  void on_message(std::function<void()> wake) { wake_ = std::move(wake); }

  // From the id that a viewer saw last; from the start for one of another stream, or none.
  // Forgotten when it is dropped.
  [[nodiscard]] std::shared_ptr<Viewer> watch(std::string_view last_event_id);
  // The next messages as an event stream has them, about 64 KiB at most; empty when there is
  // nothing new.
  [[nodiscard]] std::string next(Viewer& viewer) const;
  // Whether every viewer has taken every message.
  [[nodiscard]] bool everybody_knows() const;

  void begin(const model::Plan& plan) override;
  void stage(model::Stage stage, std::string_view detail) override;
  void tick(Duration, const model::SecondSummary&, const model::Counters&) override {}
  void second(const model::SecondSummary& second) override;
  void event(const model::RunEvent& event) override;
  void end(const model::RunRecord& record) override;

 private:
  struct Message {
    std::uint64_t number = 0;
    std::string_view type;  // of static storage
    std::string data;
  };
  // One or more neighbouring seconds.
  struct Column {
    std::uint64_t number = 0;  // of the last one that it holds
    std::int64_t start = 0;
    std::int64_t width = 1;
    model::SecondSummary sum;  // percentiles of one second; recounted from cells when it holds more
  };
  [[nodiscard]] static std::string data_of(const Column& column);
  void add(std::string_view type, std::string data);
  void join_columns();

  const std::string token_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::uint64_t number_ = 0;
  std::optional<Message> begin_;
  std::optional<Message> end_;
  std::deque<Message> messages_;  // stages and events
  std::uint64_t stage_ = 0;       // number of the last stage
  std::deque<Column> columns_;
  std::vector<std::weak_ptr<Viewer>> viewers_;
};

}  // namespace squall::reports
