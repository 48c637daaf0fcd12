// The clocks of services: who gets one, and what an action does to it.
#include <algorithm>

#include <fmt/core.h>

#include "faults/process/clock_reach.hpp"
#include "faults/process/guardian_calls.hpp"
#include "faults/process/guardian_protocol.hpp"
#include "faults/process/service_clock.hpp"
#include "faults/process/services.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/clock_estimate.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/net/http_client.hpp"

namespace squall::faults {
namespace {

ClockSetting moved(ClockSetting setting, const model::ClockMove& move, WallTime now) {
  if (move.boundary) {
    setting = stepped_to(setting, now, model::next_boundary(*move.boundary, now));
  } else if (move.to) {
    setting = stepped_to(setting, now, *move.to);
  }
  setting = move.every > Duration::zero() ? strobing(setting, now, move.offset, move.every)
                                          : stepped(setting, now, move.offset);
  return drifting(setting, now, move.rate);
}

// What its answers say, once it has a clock of its own; nothing for a service that has no `ready`
// request or sends no Date.
std::string told_by_answer(const model::Service& service) {
  constexpr std::string_view kGet = "GET ";
  if (!service.ready.starts_with(kGet)) {
    return {};
  }
  net::ClientRequest request;
  request.url = service.ready.substr(kGet.size());
  request.tls = service.ready_tls;
  request.timeout = std::chrono::seconds(1);
  const WallTime asked = wall_clock_now();
  const Result<net::ClientResponse> answer = net::send(request);
  const WallTime answered = wall_clock_now();
  const auto date = answer ? parse_http_date(answer->header("Date")) : std::nullopt;
  if (!date) {
    return {};
  }
  ClockEstimate estimate;
  estimate.add(*date, asked, answered);
  return ", by its Date header " + estimate.text();
}

std::string unreached(const ClockMeasurement& measurement) {
  if (measurement.without.empty()) {
    return {};
  }
  return fmt::format("; {} of its {} processes see the true time: {}", measurement.without.size(),
                     measurement.without.size() + measurement.with.size(),
                     printable(measurement.without.front().program));
}

}  // namespace

void Services::give_clock(Process& process, GuardianCommand& command) {
  const std::string program = command.argv.front();
  process.clock_problem = clock_reach(program).problem;
  if (!process.clock_problem.empty()) {
    return;
  }
  const Result<std::string> shim = find_clock_shim(options_.program_directory);
  if (!shim) {
    process.clock_problem = shim.error().message;
    return;
  }
  if (!process.clock) {
    auto clock = ServiceClock::create(options_.log_directory, process.service.label(), *shim);
    if (!clock) {
      process.clock_problem = clock.error().message;
      return;
    }
    process.clock = std::make_unique<ServiceClock>(*std::move(clock));
  }
  for (const auto& [name, value] : process.clock->environment(command.environment)) {
    std::erase_if(command.environment,
                  [&variable = name](const auto& entry) { return entry.first == variable; });
    command.environment.emplace_back(name, value);
  }
}

Result<void> Services::move_clock(const std::string& label, const model::ClockMove& move) {
  const std::optional<pid_t> pid = pid_of(label);
  if (!pid) {
    return fail(ErrorCode::kNotFound, fmt::format("{} does not run", label));
  }
  Process& process = process_named(label);
  if (!process.clock) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("the clock of {} cannot be set: {}", label, process.clock_problem));
  }
  const ClockMeasurement measurement = measure_clock(*pid);
  if (measurement.with.empty()) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("the clock of {} cannot be set: none of its {} processes has loaded {}",
                            label, measurement.without.size(), kClockShimName));
  }
  const WallTime now = wall_clock_now();
  const ClockSetting setting = moved(process.clock->setting(), move, now);
  process.readings_before = process.clock->activity().readings;
  process.clock->set(setting);
  std::string shown;
  append_iso8601(shown_time(setting, now), shown);
  tell_planned(label, fmt::format("clock of {}: {}; it shows {}{}{}", label, move.text(), shown,
                                  told_by_answer(process.service), unreached(measurement)));
  return {};
}

Result<void> Services::restore_clock(const std::string& label) {
  const Process& process = process_named(label);
  if (!process.clock) {
    return {};
  }
  process.clock->set({});
  const std::uint64_t readings = process.clock->activity().readings - process.readings_before;
  if (readings == 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} did not ask for the time once while its clock was moved", label));
  }
  tell_planned(label, fmt::format("clock of {}: true again, after {} readings", label, readings));
  return {};
}

// Its clock is the timeline's alone, once it runs.
Services::Process& Services::process_named(const std::string& label) {
  const std::lock_guard lock(mutex_);
  Process* const process = find(label);
  SQUALL_CHECK(process != nullptr);
  return *process;
}

void Services::tell_planned(const std::string& label, std::string text) {
  const std::lock_guard lock(mutex_);
  events_.push_back(
      {.at = monotonic_now(), .service = label, .text = std::move(text), .planned = true});
}

}  // namespace squall::faults
