#include "loadgen/app/live_options.hpp"

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "loadgen/net/listen_address.hpp"

namespace squall::app {
namespace {

constexpr const char* kGroup = "Live";

// Why the text is none, in a sentence; empty when it is one.
std::string no_listen_address(const std::string& text) {
  const auto address = net::parse_listen_address(text);
  return address ? std::string() : to_string(address.error());
}

}  // namespace

void add_live_options(CLI::App& command, LiveOptions& options) {
  static const std::map<std::string, Shown> kShown = {{"auto", Shown::kAuto},
                                                      {"full", Shown::kFull},
                                                      {"panel", Shown::kPanel},
                                                      {"lines", Shown::kLines},
                                                      {"off", Shown::kOff}};
  command
      .add_option("--live", options.shown,
                  "How the run is shown on stderr: full (the whole screen), panel, lines or off; "
                  "auto is full on a terminal of 60 columns and 14 rows or more, else panel, and "
                  "lines elsewhere")
      ->group(kGroup)
      ->type_name("MODE")
      ->transform(CLI::CheckedTransformer(kShown).description("auto|full|panel|lines|off"));
  static const std::map<std::string, Output> kOutput = {{"text", Output::kText},
                                                        {"json", Output::kJson}};
  command
      .add_option("--output", options.output,
                  "What stands on stdout: text (the summary), or json: a line of JSON for each "
                  "second, stage and event, and a last one with verdict and exit code "
                  "(reports/README.md has the keys)")
      ->group(kGroup)
      ->type_name("FORM")
      ->transform(CLI::CheckedTransformer(kOutput).description("text|json"));
  command
      .add_option("--metrics", options.metrics,
                  "Serve /metrics for Prometheus at this address while the run goes on; port 0 "
                  "takes a free one, told on stderr")
      ->group(kGroup)
      ->type_name("HOST:PORT")
      ->check(no_listen_address);
  command
      .add_option("--dashboard", options.dashboard,
                  "Serve a page with charts of the run at this address while it goes on; port 0 "
                  "takes a free one, told on stderr")
      ->group(kGroup)
      ->type_name("HOST:PORT")
      ->check(no_listen_address);
}

}  // namespace squall::app
