// What goes to the user's terminal: the live view on stderr, the result on stdout.
#pragma once

#include <memory>
#include <string>

#include "loadgen/model/progress.hpp"
#include "loadgen/model/report_format.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

enum class Verbosity { kNormal, kQuiet };
enum class Color { kAuto, kNever };

// Looks at both once. One that is closed or full costs the text, never the verdict.
class Terminal {
 public:
  Terminal(Verbosity verbosity, Color color);

  [[nodiscard]] std::unique_ptr<model::ProgressView> make_view() const;
  // The final summary (quiet: one line, and why when it is not a pass).
  [[nodiscard]] std::string summary(const model::RunRecord& record,
                                    const std::string& directory) const;
  void print_summary(const model::RunRecord& record, const std::string& directory) const;
  void print(const std::string& text) const;
  // As print_summary() uses them: colour and width of stdout.
  [[nodiscard]] model::FormatOptions format_options() const;

 private:
  Verbosity verbosity_;
  Color allowed_;
  bool color_;  // on stdout
};

}  // namespace squall::app
