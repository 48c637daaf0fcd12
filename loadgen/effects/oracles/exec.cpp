// Counts effects with a program of the user's: it prints a line `key<TAB>count` for each key that
// has effects.
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/text.hpp"
#include "loadgen/effects/command.hpp"
#include "loadgen/effects/counts_by_hand.hpp"
#include "loadgen/effects/effect_page.hpp"
#include "loadgen/effects/json_pointer.hpp"
#include "loadgen/effects/sql_count.hpp"
#include "loadgen/model/oracle.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;

constexpr std::string_view kPlainName =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

struct ExecOracleConfig {
  std::vector<std::string> command;
  Duration timeout{};
};

std::optional<std::uint64_t> parse_line_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() ||
      value > kLargestCount) {
    return std::nullopt;
  }
  return value;
}

// One bad line spoils the reading: whose effects it was to tell is not known.
Result<OracleReading> parse_lines(std::string_view output) {
  OracleReading reading;
  std::size_t number = 0;
  for (std::string_view line : split(output, '\n')) {
    ++number;
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      continue;
    }
    const std::size_t tab = line.rfind('\t');
    const std::optional<std::uint64_t> count =
        tab == std::string_view::npos ? std::nullopt : parse_line_count(line.substr(tab + 1));
    if (!count) {
      return fail(ErrorCode::kMalformed, "line " + std::to_string(number) +
                                             " is not key, tab, count: \"" + printable(line, 60) +
                                             "\"");
    }
    std::uint64_t& total = reading.counts[std::string(line.substr(0, tab))];
    total = add_counts(total, *count);
  }
  return reading;
}

class ExecOracle final : public model::Oracle, public CountsByHand {
 public:
  explicit ExecOracle(ExecOracleConfig config) : config_(std::move(config)) {}

  Result<void> start(const model::OracleContext& context) override {
    run_id_ = context.run_id;
    directory_ = context.working_directory;
    return {};
  }

  Result<OracleReading> read(std::span<const std::string> keys, Duration budget) override {
    Command command;
    command.arguments = config_.command;
    command.environment = {{"SQUALL_RUN_ID", run_id_}};
    command.directory = directory_;
    command.timeout = std::min(config_.timeout, budget);
    for (const std::string& key : keys) {
      command.input += key + "\n";
    }
    const Result<CommandResult> result = run_command(command);
    if (!result) {
      return fail(result.error());
    }
    if (result->exit_status != 0) {
      return fail(ErrorCode::kUnavailable,
                  "\"" + printable(config_.command.front()) + "\" ended with status " +
                      std::to_string(result->exit_status) + said(result->errors));
    }
    return parse_lines(result->output);
  }

  // Whether the program looks at its standard input is not known.
  [[nodiscard]] bool counts_asked_keys_only() const override { return true; }

  [[nodiscard]] std::optional<ShellCount> count_by_hand(std::string_view token,
                                                        const Quote& quote) const override {
    const std::string& program = config_.command.front();
    ShellCount result{.lines = {}, .programs = {"awk"}};
    // Others are looked for in the plan's folder, where they run.
    if (program.find('/') == std::string::npos) {
      if (program.find_first_not_of(kPlainName) != std::string::npos) {
        return std::nullopt;
      }
      result.programs.push_back(program);
    }
    result.lines = "rows=$(printf '%s\\n' " + quote(token) + " | (";
    result.lines += directory_.empty() ? "" : "cd " + quote(directory_) + " && ";
    result.lines += "SQUALL_RUN_ID=" + quote(run_id_);
    for (const std::string& argument : config_.command) {
      result.lines += " " + quote(argument);
    }
    result.lines += ")) || return\n" + sum_of_rows();
    return result;
  }

 private:
  static std::string said(const std::string& errors) {
    const std::string_view text = trim(errors);
    return text.empty() ? "" : ": " + printable(text);
  }

  ExecOracleConfig config_;
  std::string run_id_;
  std::string directory_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "effects.oracle (exec)",
      .help = "Counts effects with a program of yours.",
      .keys = {
          {.name = "command",
           .type = expr::ValueType::kStringList,
           .help =
               "Program and arguments; no shell. A program with a `/` in its name is looked for "
               "from "
               "the plan's folder, in which it runs; others in PATH. It gets the run id as "
               "SQUALL_RUN_ID and the keys "
               "asked for on standard input, one in each line; it prints `key<TAB>count` lines "
               "(a key without a line has no effect) and ends with status 0. Before the load it is "
               "asked for a sample of the run's keys, which must have no effects yet.",
           .required = true,
           .example = R"(["./count-charges.sh", "--run", "{{run}}"])"},
          {.name = "timeout",
           .type = expr::ValueType::kDuration,
           .help = "Of one run of it; then it is killed.",
           .default_value = "10s"},
      }};
  return kKeys;
}

std::unique_ptr<model::Oracle> compile(expr::TableReader& reader) {
  ExecOracleConfig config;
  for (const expr::LocatedText& part : reader.string_list("command")) {
    config.command.push_back(part.text);
  }
  if (reader.has("command") && (config.command.empty() || config.command.front().empty())) {
    reader.error("command", "a command needs a program: [\"./count-charges.sh\"]");
  }
  if (config.command.empty()) {
    config.command.emplace_back("false");
  }
  config.timeout = reader.duration("timeout");
  return std::make_unique<ExecOracle>(std::move(config));
}

}  // namespace

void register_oracle_exec(OracleRegistry& registry) {
  registry.add({
      .name = "exec",
      .summary = "count effects with a program that prints key<TAB>count lines",
      .example = R"([[effects.oracle]]
kind = "exec"
command = ["sqlite3", "-separator", "\t", "shop.db", "select token, count(*) from payments group by token"]
)",
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::effects
