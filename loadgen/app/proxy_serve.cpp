#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "faults/control/api_server.hpp"
#include "faults/control/event_log.hpp"
#include "faults/control/populate.hpp"
#include "faults/proxy/proxy_server.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/proxy_commands.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/model/endpoint.hpp"

namespace squall::app {
namespace {

using faults::LogLevel;
using model::ExitCode;

// How soon a signal is noticed, and events are logged.
constexpr auto kTurn = std::chrono::milliseconds(50);

// Lines on stderr, whole ones whoever writes them.
class StderrLog {
 public:
  explicit StderrLog(LogLevel least) : least_(least) {}

  void write(LogLevel level, const std::string& text) {
    if (level < least_) {
      return;
    }
    std::string line;
    append_strftime(wall_clock_now(), "%Y-%m-%dT%H:%M:%SZ", line);
    line += fmt::format(" {} {}\n", to_string(level), text);
    const std::lock_guard lock(mutex_);
    (void)write_fully(STDERR_FILENO, line);  // whoever closed it does not want to know
  }
  [[nodiscard]] faults::ApiLog function() {
    return [this](LogLevel level, const std::string& text) { write(level, text); };
  }

 private:
  const LogLevel least_;
  std::mutex mutex_;
};

std::uint64_t random_seed() {
  std::random_device device;
  return device();
}

void load_config(const std::string& path, faults::ProxyServer& proxies, StderrLog& log) {
  const faults::Populated populated = faults::populate_from_file(proxies, path);
  log.write(LogLevel::kInfo, fmt::format("config file=\"{}\" proxies={}", printable(path),
                                         populated.proxies.size()));
  if (populated.problem.has_value()) {
    log.write(LogLevel::kError, fmt::format("config file=\"{}\" problem=\"{}\"", printable(path),
                                            printable(populated.problem->message)));
  }
}

faults::ApiServer::Options api_options(const ServeOptions& options, StderrLog& log) {
  return {.host = options.host,
          .port = options.port,
          .api = {.version = options.version,
                  .token = options.token,
                  .proxy_metrics = options.proxy_metrics,
                  .runtime_metrics = options.runtime_metrics},
          .log = log.function()};
}

}  // namespace

ExitCode serve_proxies(const ServeOptions& options, const run::StopSignal& stop) {
  const auto level =
      options.log_level.empty() ? LogLevel::kInfo : faults::parse_log_level(options.log_level);
  StderrLog log(level.value_or(LogLevel::kInfo));
  if (!level.has_value()) {
    log.write(LogLevel::kWarn, fmt::format("log level \"{}\" is none of trace, debug, info, warn, "
                                           "error, disabled: info",
                                           printable(options.log_level)));
  }
  const std::uint64_t seed = options.seed.value_or(random_seed());
  faults::ProxyServer proxies(registries().toxics, {.seed = seed, .kept_exchanges = 0});
  faults::EventLog events(proxies, log.function());
  log.write(LogLevel::kInfo, fmt::format("start seed={}", seed));
  if (!options.config.empty()) {
    load_config(options.config, proxies, log);
  }
  auto api = faults::ApiServer::start(proxies, api_options(options, log));
  if (!api) {
    say("squall: {}\n", printable(api.error().message));
    return ExitCode::kCheckFailed;
  }
  if (options.token.empty() && !model::is_loopback(options.host)) {
    log.write(LogLevel::kWarn,
              "whoever reaches this address can make this machine connect anywhere: give --token");
  }
  print("squall proxy: the control API listens on http://{}:{}\n", options.host, (*api)->port());
  while (!stop.raised()) {
    events.catch_up();
    std::this_thread::sleep_for(kTurn);
  }
  events.catch_up();
  log.write(LogLevel::kInfo, "stop");
  return ExitCode::kPass;
}

}  // namespace squall::app
