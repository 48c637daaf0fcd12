#include "loadgen/plan/estimate.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include <fmt/core.h>

#include "loadgen/model/load_model.hpp"

namespace squall::plan {
namespace {

using model::PlannedFault;
using model::Scenario;
using model::Step;

// Linux keeps the side that closed first in TIME_WAIT for this long (TCP_TIMEWAIT_LEN).
constexpr double kTimeWaitSeconds = 60;

// Descriptors beside sockets: standard streams, journal, ledger, logs, and per worker the loop's
// epoll, timer and wake-up.
constexpr std::uint64_t kDescriptorsBase = 48;
constexpr std::uint64_t kDescriptorsPerThread = 8;
constexpr std::uint64_t kDescriptorsPerService = 6;
// Two for each link, and as many links as the target opens.
constexpr std::uint64_t kDescriptorsPerProxy = 128;
constexpr std::uint64_t kDescriptorsPerOracle =
    64;  // a sink takes as many connections as the target opens

constexpr std::uint64_t kBufferPerConnection = 16UL * 1024;
constexpr std::uint64_t kBytesPerWaiting = 64;
// One histogram of response, queue, service and lag, and the interval's own counts of each.
constexpr std::uint64_t kBytesPerCell = 4UL * (184 + 92) * 1024;
// Exposure times the outcome classes that a step usually shows.
constexpr std::uint64_t kCellsPerStep = 8;
constexpr std::uint64_t kBytesPerLedgerLine = 256;
constexpr std::uint64_t kBytesBase = std::uint64_t{32} * 1024 * 1024;

// Requests per second that one worker can be expected to send on a common core.
constexpr double kRatePerThread = 100'000;

double total_seconds(const model::Load& load) {
  return to_seconds(load.warmup + load.duration);
}

bool names(const PlannedFault& fault, const Step& step) {
  const auto& steps = fault.selection.steps;
  return std::find(steps.begin(), steps.end(), step.index) != steps.end();
}

const model::ArrivalProcess* arrivals_of(const model::Plan& plan, const Scenario& scenario) {
  return scenario.weight > 0 ? plan.load.arrivals.get() : scenario.arrivals.get();
}

// Of a closed scenario nobody knows it: its users start when they are answered.
double peak_rate(const model::Plan& plan, const Scenario& scenario) {
  const model::ArrivalProcess* arrivals = arrivals_of(plan, scenario);
  return arrivals != nullptr
             ? arrivals->peak_rate(plan.load.span()).per_second * model::share_of(plan, scenario)
             : 0;
}

// What is known beforehand: for bounds that must not be guessed.
double known_iterations(const model::Plan& plan, const Scenario& scenario) {
  return expected_iterations(plan, scenario).value_or(0);
}

// How many requests the faults of a step make of one attempt: read off the script that they
// compose.
double copies_of(const model::Plan& plan, const Step& step) {
  double copies = 1;
  for (const PlannedFault& fault : plan.faults) {
    if (!fault.kind->traits.sends_copies || !names(fault, step)) {
      continue;
    }
    model::WireScript script;
    model::FaultDraw draw(fault.selection.stream, 0, 0);
    if (fault.fault->apply(script, {}, draw)) {
      copies += fault.selection.share.fraction * (script.copies.count - 1);
    }
  }
  return copies;
}

double most_attempts(const Step& step) {
  if (step.retry.on.empty()) {
    return 1;
  }
  // The budget counts retries against first attempts; each operation has one.
  return 1 + std::min(step.retry.budget.fraction, static_cast<double>(step.retry.attempts - 1));
}

// Connections per second that faults close or open beside the pool; each leaves a port in
// TIME_WAIT.
double churn_rate(const model::Plan& plan) {
  double churn = 0;
  for (const PlannedFault& fault : plan.faults) {
    const auto& traits = fault.kind->traits;
    if (!traits.cuts && !traits.sends_copies) {
      continue;
    }
    for (const Step& step : plan.steps) {
      if (names(fault, step)) {
        churn += fault.selection.share.fraction * peak_rate(plan, plan.scenarios[step.scenario]) *
                 (traits.sends_copies ? copies_of(plan, step) : 1);
      }
    }
  }
  return churn;
}

void count_scenarios(const model::Plan& plan, Estimate& result) {
  for (const Scenario& scenario : plan.scenarios) {
    const model::Users* users = model::users_of(plan, scenario);
    const auto iterations = expected_iterations(plan, scenario);
    double steps = 0;
    for (const std::uint16_t index : scenario.steps) {
      steps += plan.steps[index].max_visits;
    }
    result.scenarios.push_back(
        {.name = scenario.name,
         .load_model = model::load_model_of(plan, scenario),
         .iterations = iterations,
         .operations = iterations ? std::optional(*iterations * steps) : std::nullopt,
         .users = users != nullptr ? users->most() : 0});
  }
  for (const model::Users* users : model::user_pools(plan)) {
    result.users += users->most();
  }
}

void count_traffic(const model::Plan& plan, Estimate& result) {
  for (const Scenario& scenario : plan.scenarios) {
    const double arrivals = known_iterations(plan, scenario);
    const double rate = peak_rate(plan, scenario);
    result.arrivals += arrivals;
    result.peak_arrivals.per_second += rate;
    double visits = 0;
    for (const std::uint16_t index : scenario.steps) {
      const Step& step = plan.steps[index];
      visits += step.max_visits;
      result.requests_most +=
          arrivals * step.max_visits * most_attempts(step) * copies_of(plan, step);
    }
    result.operations += arrivals * visits;
    result.peak_operations.per_second += rate * visits;
    if (visits > static_cast<double>(scenario.steps.size())) {
      result.notes.push_back(fmt::format(
          "an iteration of {} has up to {:.0f} operations, and so many are counted here",
          scenario.name, visits));
    }
  }
}

void count_sockets(const model::Plan& plan, Estimate& result) {
  result.sockets = plan.load.connections;
  result.descriptors =
      result.sockets + kDescriptorsBase + kDescriptorsPerThread * plan.load.threads +
      kDescriptorsPerService * plan.services.size() + kDescriptorsPerProxy * plan.proxies.size() +
      kDescriptorsPerOracle * plan.effects.oracles.size();
  const double seconds = std::min(kTimeWaitSeconds, total_seconds(plan.load));
  result.ports = result.sockets + static_cast<std::uint64_t>(churn_rate(plan) * seconds);
}

// Of a request that is filled in for each operation, and therefore held once for each: those that
// wait for a connection, too. Small ones are part of what is counted for a connection.
std::uint64_t bytes_for_each(const model::Plan& plan, const Step& step) {
  constexpr std::uint64_t kSmall = 64UL * 1024;
  const auto changes = [](const std::vector<model::Header>& headers) {
    return std::any_of(headers.begin(), headers.end(),
                       [](const model::Header& header) { return !header.second.is_literal(); });
  };
  const model::RequestSpec& request = step.request;
  const auto signs = [](const std::vector<model::Header>& headers) {
    return std::any_of(headers.begin(), headers.end(), [](const model::Header& header) {
      return header.second.uses(expr::Token::kBody);
    });
  };
  std::uint64_t bytes = request.body ? request.body->literal_bytes() : 0;
  if (request.body && (signs(request.headers) || signs(plan.targets[step.target].headers))) {
    bytes += request.body->generated_bytes();
  }
  const bool shared = request.body && request.body->is_literal() && request.path.is_literal() &&
                      !changes(request.headers) && !changes(plan.targets[step.target].headers);
  return shared || bytes < kSmall ? 0 : bytes;
}

ByteCount bound_memory(const model::Plan& plan, const Estimate& traffic) {
  std::uint64_t per_connection = kBufferPerConnection;
  std::uint64_t kept = 0;
  for (const model::Target& target : plan.targets) {
    per_connection = std::max(per_connection, kBufferPerConnection + target.max_header.bytes);
  }
  double ledger_lines = 0;
  std::uint64_t largest_request = 0;
  for (const Step& step : plan.steps) {
    const bool looks = !step.extract.empty() || std::any_of(step.expect.begin(), step.expect.end(),
                                                            [](const auto& expectation) {
                                                              return expectation.needs_body();
                                                            });
    if (looks) {
      kept = std::max(kept, plan.targets[step.target].max_body_kept.bytes);
    }
    largest_request = std::max(largest_request, bytes_for_each(plan, step));
    if (step.is_effect) {
      ledger_lines += known_iterations(plan, plan.scenarios[step.scenario]) * step.max_visits *
                      most_attempts(step) * copies_of(plan, step);
    }
  }
  const std::uint64_t waiting = std::min<std::uint64_t>(
      plan.load.max_waiting, static_cast<std::uint64_t>(traffic.arrivals) + traffic.users + 1);
  std::uint64_t data = 0;
  for (const auto& feeder : plan.feeders.all()) {
    data += feeder->rows().bytes();
  }
  return {kBytesBase + data + plan.load.connections * (per_connection + kept) +
          waiting * kBytesPerWaiting + (plan.load.connections + waiting) * largest_request +
          plan.steps.size() * kCellsPerStep * kBytesPerCell * (plan.load.threads + 1) +
          static_cast<std::uint64_t>(ledger_lines) * kBytesPerLedgerLine};
}

// A run raises its soft limit to the hard one.
std::uint64_t usable_descriptors(const HostLimits& host) {
  return std::max(host.descriptors, host.descriptors_hard);
}

void compare_descriptors(const HostLimits& host, Estimate& result) {
  const std::uint64_t limit = usable_descriptors(host);
  if (limit == 0 || result.descriptors <= limit) {
    return;
  }
  result.reasons.push_back(
      fmt::format("{} file descriptors are needed for {} connections, the hard limit is {}: lower "
                  "load.connections, or have it raised",
                  result.descriptors, result.sockets, limit));
}

void compare_ports(const model::Plan& plan, const HostLimits& host, Estimate& result) {
  if (host.ephemeral_ports == 0 || result.ports <= host.ephemeral_ports) {
    return;
  }
  if (plan.load.connections > host.ephemeral_ports) {
    result.reasons.push_back(
        fmt::format("{} connections need as many local ports, net.ipv4.ip_local_port_range has {}",
                    plan.load.connections, host.ephemeral_ports));
    return;
  }
  result.reasons.push_back(fmt::format(
      "up to {} local ports are in use at once ({} connections, and those that faults closed "
      "during the "
      "last {:.0f} s), net.ipv4.ip_local_port_range has {}: lower the rate or the faults' shares",
      result.ports, plan.load.connections, kTimeWaitSeconds, host.ephemeral_ports));
}

void compare_users(const model::Plan& plan, Estimate& result) {
  if (result.users > plan.load.connections) {
    result.notes.push_back(
        fmt::format("{} users share {} connections, so they will wait for each other: give "
                    "load.connections as many as there are users",
                    result.users, plan.load.connections));
  }
  for (const ScenarioEstimate& scenario : result.scenarios) {
    const bool counts = std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
      return step.is_effect && plan.scenarios[step.scenario].name == scenario.name;
    });
    if (!scenario.iterations && counts) {
      result.notes.push_back(
          fmt::format("the answers decide how many effects the users of {} ask for, so the memory "
                      "of their ledger is not counted here; `iterations` bounds it",
                      scenario.name));
    }
  }
}

void compare_cpu(const model::Plan& plan, const HostLimits& host, Estimate& result) {
  const double per_thread = result.peak_operations.per_second / plan.load.threads;
  if (per_thread > kRatePerThread) {
    result.notes.push_back(fmt::format(
        "{} a worker is more than one core usually sends; give load.threads more than {}",
        format_rate(Rate{per_thread}), plan.load.threads));
  }
  if (host.cores == 0) {
    return;
  }
  if (plan.load.threads > host.cores) {
    result.notes.push_back(
        fmt::format("{} workers share {} cores: expect lag", plan.load.threads, host.cores));
  } else if (plan.load.pace == model::PaceMode::kSpin && plan.load.threads == host.cores) {
    result.notes.push_back(
        fmt::format("pace \"spin\" takes all {} cores of this host: the rest of squall, and a "
                    "target that runs here, "
                    "get what is left",
                    host.cores));
  }
}

std::uint64_t read_memory_available() {
  std::ifstream file("/proc/meminfo");
  std::string word;
  while (file >> word) {
    std::uint64_t kilobytes = 0;
    if (word == "MemAvailable:" && file >> kilobytes) {
      return kilobytes * 1024;
    }
  }
  return 0;
}

std::uint64_t read_ephemeral_ports() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  return file >> low >> high && high >= low ? high - low + 1 : 0;
}

}  // namespace

std::optional<double> expected_iterations(const model::Plan& plan,
                                          const model::Scenario& scenario) {
  const double share = model::share_of(plan, scenario);
  if (const model::Users* users = model::users_of(plan, scenario)) {
    return users->iterations > 0 ? std::optional(static_cast<double>(users->iterations) * share)
                                 : std::nullopt;
  }
  const model::ArrivalProcess* arrivals = arrivals_of(plan, scenario);
  return arrivals != nullptr ? arrivals->expected_count(plan.load.span()) * share : 0;
}

HostLimits read_host_limits() {
  HostLimits host;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    host.descriptors = limit.rlim_cur;
    host.descriptors_hard = limit.rlim_max;
  }
  host.ephemeral_ports = read_ephemeral_ports();
  host.memory = ByteCount{read_memory_available()};
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof cpus, &cpus) == 0) {
    host.cores = static_cast<unsigned>(CPU_COUNT(&cpus));
  }
  return host;
}

Estimate estimate(const model::Plan& plan, const HostLimits& host) {
  Estimate result;
  count_scenarios(plan, result);
  count_traffic(plan, result);
  count_sockets(plan, result);
  result.memory = bound_memory(plan, result);
  compare_descriptors(host, result);
  compare_ports(plan, host, result);
  if (host.memory.bytes > 0 && result.memory.bytes > host.memory.bytes) {
    result.reasons.push_back(fmt::format("up to {} of memory may be needed, {} are available",
                                         format_bytes(result.memory), format_bytes(host.memory)));
  }
  compare_users(plan, result);
  compare_cpu(plan, host, result);
  return result;
}

namespace {

std::string scenario_line(const ScenarioEstimate& scenario) {
  const bool closed = scenario.load_model == model::LoadModel::kClosed;
  std::string text =
      fmt::format("scenario     {}: {}", scenario.name, model::to_string(scenario.load_model));
  if (closed) {
    text += fmt::format(", at most {} users at a time", scenario.users);
  }
  if (scenario.operations) {
    text += fmt::format(", {} {:.0f} operations", closed ? "at most" : "expects",
                        std::round(*scenario.operations));
  } else {
    text += ", as many operations as they are answered";
  }
  return text + "\n";
}

// What closed scenarios without a number of iterations do depends on the answers.
std::string traffic_lines(const Estimate& estimate, bool unknown) {
  if (unknown && estimate.operations <= 0) {
    return "operations   as many as are answered: every scenario is closed, without a number of "
           "iterations\n";
  }
  const char* beside = unknown ? ", beside what closed scenarios do" : "";
  const std::string peak =
      estimate.peak_operations.per_second > 0
          ? fmt::format(", at most {} at a time of peak", format_rate(estimate.peak_operations))
          : "";
  return fmt::format(
      "operations   {:.0f} expected{}{}\n"
      "requests     at most {:.0f}{}, retries and copies included\n",
      std::round(estimate.operations), beside, peak, std::ceil(estimate.requests_most), beside);
}

}  // namespace

std::string to_text(const Estimate& estimate, const HostLimits& host) {
  const auto of = [](std::uint64_t limit) {
    return limit == 0 ? std::string("unknown") : fmt::format("{}", limit);
  };
  std::string text;
  for (const ScenarioEstimate& scenario : estimate.scenarios) {
    text += scenario_line(scenario);
  }
  const bool unknown = std::any_of(estimate.scenarios.begin(), estimate.scenarios.end(),
                                   [](const auto& one) { return !one.iterations; });
  text += traffic_lines(estimate, unknown);
  text += fmt::format(
      "descriptors  {} of {}, {} of them connections\n"
      "local ports  {} of {}\n"
      "memory       at most {}\n",
      estimate.descriptors, of(usable_descriptors(host)), estimate.sockets, estimate.ports,
      of(host.ephemeral_ports), format_bytes(estimate.memory));
  for (const std::string& note : estimate.notes) {
    text += fmt::format("note: {}\n", note);
  }
  for (const std::string& reason : estimate.reasons) {
    text += fmt::format("this host cannot honour the plan: {}\n", reason);
  }
  return text;
}

}  // namespace squall::plan
