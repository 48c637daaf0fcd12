// What goes to the user's terminal: the live view on stderr, the result on stdout.
#pragma once

#include <memory>
#include <string>

#include "loadgen/app/live_options.hpp"
#include "loadgen/model/progress.hpp"
#include "loadgen/model/report_format.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

enum class Verbosity { kNormal, kQuiet };
enum class Color { kAuto, kNever };

// Looks at both once. One that is closed or full costs the text, never the verdict.
class Terminal {
 public:
  Terminal(Verbosity verbosity, Color color, const LiveOptions& live = {.shown = Shown::kPanel});

  [[nodiscard]] std::unique_ptr<model::ProgressView> make_view() const;
  // Lines on stdout of a run that goes on; null unless Output::kJson.
  [[nodiscard]] std::unique_ptr<model::ProgressView> make_json_view() const;
  // The final summary (quiet: one line, and why when it is not a pass).
  [[nodiscard]] std::string summary(const model::RunRecord& record,
                                    const std::string& directory) const;
  // The result on stdout: the summary, or with Output::kJson the last line.
  void print_summary(const model::RunRecord& record, const std::string& directory) const;
  // Text for people on stdout; nothing with Output::kJson.
  void print(const std::string& text) const;
  // As print_summary() uses them: colour and width of stdout.
  [[nodiscard]] model::FormatOptions format_options() const;
  // Of a command that came to no run: gives the code back, and says it on stdout with
  // Output::kJson.
  [[nodiscard]] model::ExitCode without_run(model::ExitCode code) const;

 private:
  Verbosity verbosity_;
  Color allowed_;
  Shown shown_;
  Output output_;
  bool color_;  // on stdout
};

}  // namespace squall::app
