#include "loadgen/app/live_options.hpp"

#include <map>
#include <string>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/model/endpoint.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/net/listen_address.hpp"

namespace squall::app {
namespace {

constexpr const char* kGroup = "Live";

std::string no_http_url(const std::string& text) {
  const auto endpoint = model::parse_endpoint(text);
  return endpoint ? std::string() : endpoint.error().message;
}

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

void add_otlp_option(CLI::App& command, LiveOptions& options) {
  command
      .add_option("--otlp", options.otlp,
                  "Send figures and one span for each operation to this collector (OTLP over HTTP, "
                  "JSON), for example http://127.0.0.1:4318; requests carry a traceparent that "
                  "makes the target's spans children of the operation's")
      ->group(kGroup)
      ->type_name("URL")
      ->check(no_http_url);
}

std::vector<std::string> settings_for(const LiveOptions& options) {
  return options.otlp.empty() ? std::vector<std::string>{}
                              : std::vector<std::string>{"load.spans=true"};
}

Result<void> check_hosts(const LiveOptions& options, const model::Plan& plan) {
  if (options.otlp.empty()) {
    return {};
  }
  const auto endpoint = model::parse_endpoint(options.otlp);
  if (!endpoint) {
    return fail(endpoint.error());
  }
  if (!model::may_send_to(endpoint->host, endpoint->port, plan.allowed_hosts)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--otlp: {0} is neither loopback nor a target of the plan; if squall "
                            "may send there, say so with --allow {0}",
                            model::with_brackets(endpoint->host)));
  }
  return {};
}

}  // namespace squall::app
