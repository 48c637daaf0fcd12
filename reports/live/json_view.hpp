// The run as lines of JSON (NDJSON) while it goes on, for programs. reports/README.md has the
// schema: each line is an object with `type`; keys are never renamed, new ones may come.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/progress.hpp"
#include "reports/live/writer.hpp"

namespace squall::reports {

// Owns its writer, which gets one whole line at a time, or kPieceBytes of a longer one. Calls on
// the run's thread, one at a time. After the writer has said that the other end is gone the view is
// silent and everything goes on. A reader that takes nothing does not hold the run up: while `busy`
// says that a write would block, the rest of a line that was begun waits, and others are left out;
// the next one that is written says how many.
class JsonView final : public model::ProgressView {
 public:
  // What a descriptor takes at once that is not busy: a pipe has room for a page then.
  static constexpr std::size_t kPieceBytes = 4096;

  // An empty `busy` is never so.
  explicit JsonView(Writer writer, std::function<bool()> busy = {});

  void begin(const model::Plan& plan) override;
  void stage(model::Stage stage, std::string_view detail) override;
  void tick(Duration, const model::SecondSummary&, const model::Counters&) override {}
  void second(const model::SecondSummary& second) override;
  void event(const model::RunEvent& event) override;
  // Waits for the reader, to end the line and to tell what it has missed; json_end_line() follows.
  void end(const model::RunRecord& record) override;

 private:
  void write(const std::string& line);
  bool write_rest();
  [[nodiscard]] std::string take_lost();

  Writer writer_;
  std::function<bool()> busy_;
  bool gone_ = false;
  std::string rest_;                 // of the line that was begun
  std::uint64_t lost_ = 0;           // lines since the last one that was begun
  std::vector<std::string> faults_;  // names
};

// The last line: what the run came to, and where its results are.
[[nodiscard]] std::string json_end_line(const model::RunRecord& record,
                                        const std::string& directory);
// The last line of a command that came to no run: what it exits with.
[[nodiscard]] std::string json_refusal_line(model::ExitCode code);

// "services", "warmup": stable names of stages for programs.
[[nodiscard]] std::string_view key_of(model::Stage stage);

}  // namespace squall::reports
