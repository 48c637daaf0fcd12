#include "reports/live/full_screen.hpp"

#include <utility>

#include "reports/live/dashboard_frame.hpp"

namespace squall::reports {

FullScreenView::FullScreenView(FullScreenOptions options, Writer writer)
    : options_(std::move(options)),
      screen_(std::move(writer), options_.color, options_.on_change) {}

FullScreenView::~FullScreenView() {
  leave();
}

void FullScreenView::begin(const model::Plan& plan) {
  run_.begin(plan);
  screen_.print(run_.title() + "\n");
  screen_.enter();
  draw();
}

void FullScreenView::stage(model::Stage stage, std::string_view detail) {
  run_.stage(stage, detail);
  draw();
}

void FullScreenView::tick(Duration elapsed, const model::SecondSummary& last_second,
                          const model::Counters& so_far) {
  run_.tick(elapsed, last_second, so_far);
  draw();
}

void FullScreenView::second(const model::SecondSummary& second) {
  run_.second(second);
}

void FullScreenView::event(const model::RunEvent& event) {
  if (run_.event(event) != nullptr) {
    draw();
  }
}

void FullScreenView::end(const model::RunRecord& /*record*/) {
  leave();
}

void FullScreenView::draw() {
  if (options_.busy && options_.busy()) {
    return;
  }
  look_for_suspension();
  const ScreenSize size = options_.size();
  screen_.show(dashboard_frame(run_, size), size);
}

void FullScreenView::look_for_suspension() {
  if (options_.was_suspended && options_.was_suspended()) {
    screen_.was_left();
  }
}

void FullScreenView::leave() {
  if (!screen_.is_on()) {
    return;
  }
  look_for_suspension();
  screen_.leave();
  std::string told;
  for (const RunSoFar::Event& event : run_.events()) {
    told += event_line(event) + "\n";
  }
  screen_.print(told);
}

}  // namespace squall::reports
