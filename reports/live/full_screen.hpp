// The run on the whole screen of a terminal: a picture that is redrawn as it changes.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "loadgen/model/progress.hpp"
#include "reports/live/run_so_far.hpp"
#include "reports/live/screen.hpp"

namespace squall::reports {

struct FullScreenOptions {
  bool color = false;
  std::function<ScreenSize()> size;        // now
  std::function<bool()> busy;              // true: a frame is left out this time; empty: never
  std::function<void(bool on)> on_change;  // as Screen's
  // Since the last call, with kLeaveScreen written by then: the screen is entered again by the next
  // frame.
  std::function<bool()> was_suspended;
};

// Owns its writer. Calls on the run's thread, one at a time. Has the alternate screen from begin()
// to end(), or until it is destroyed; then what it told of events stands on the normal screen, the
// last RunSoFar::kKeptEvents of them.
class FullScreenView final : public model::ProgressView {
 public:
  FullScreenView(FullScreenOptions options, Writer writer);
  ~FullScreenView() override;
  FullScreenView(const FullScreenView&) = delete;
  FullScreenView& operator=(const FullScreenView&) = delete;

  void begin(const model::Plan& plan) override;
  void stage(model::Stage stage, std::string_view detail) override;
  void tick(Duration elapsed, const model::SecondSummary& last_second,
            const model::Counters& so_far) override;
  void second(const model::SecondSummary& second) override;
  void event(const model::RunEvent& event) override;
  void end(const model::RunRecord& record) override;

 private:
  void draw();
  void leave();
  void look_for_suspension();

  FullScreenOptions options_;
  Screen screen_;
  RunSoFar run_;
};

}  // namespace squall::reports
