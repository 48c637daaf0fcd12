// What people see while a run goes on.
//
//   ├──────────────●───────────┤  measuring 12s of 30s       a few lines redrawn in place on a
//   terminal started 199/s of 200/s due · p50 4.1ms p90 9ms p99 31ms
//
// Elsewhere plain lines: one for each change of stage and each event, one every few seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/progress.hpp"
#include "reports/live/run_so_far.hpp"
#include "reports/live/writer.hpp"

namespace squall::reports {

struct LiveOptions {
  enum class Mode {
    kRedraw,  // a terminal that understands cursor movements
    kLines,   // anything else
    kQuiet,   // nothing but what went wrong: aborts, breaches, services that ended
  };
  Mode mode = Mode::kLines;
  bool color = false;
  std::function<unsigned()> width;  // columns now; empty: 80
  std::function<bool()> busy;       // true: a redraw is left out this time; empty: never
  Duration line_every = std::chrono::seconds(5);
};

enum class Quietness { kNormal, kQuiet };
// For a descriptor: kRedraw on a terminal unless TERM is "dumb" or empty; colours unless NO_COLOR
// is set to anything.
[[nodiscard]] LiveOptions live_options_for(int fd, Quietness quietness);

// Owns its writer. Calls on the run's thread, one at a time. Each redraw is one write. After the
// writer has said that the other end is gone the view is silent and everything goes on.
class TerminalView final : public model::ProgressView {
 public:
  TerminalView(LiveOptions options, Writer writer);

  void begin(const model::Plan& plan) override;
  void stage(model::Stage stage, std::string_view detail) override;
  void tick(Duration elapsed, const model::SecondSummary& last_second,
            const model::Counters& so_far) override;
  void second(const model::SecondSummary& second) override;
  void event(const model::RunEvent& event) override;
  void end(const model::RunRecord& record) override;

 private:
  [[nodiscard]] unsigned width() const;
  [[nodiscard]] std::vector<std::string> panel() const;
  [[nodiscard]] std::string bar_line() const;
  [[nodiscard]] std::string erase() const;
  void redraw();
  void write(std::string_view text);
  void write_line(std::string_view text);

  LiveOptions options_;
  Writer writer_;
  bool gone_ = false;
  std::size_t lines_drawn_ = 0;

  RunSoFar run_;
  std::optional<std::int64_t> last_line_second_;
};

}  // namespace squall::reports
