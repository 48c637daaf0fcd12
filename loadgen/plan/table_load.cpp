// [load] and [limits].
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/tables.hpp"
#include "loadgen/plan/traffic.hpp"

#include <fmt/core.h>

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::int64_t kMaxConnections = 100'000;
constexpr std::int64_t kMaxWaiting = 100'000'000;
constexpr std::int64_t kMaxThreads = 256;

model::PaceMode pace_from(std::string_view word) {
  if (word == "spin") {
    return model::PaceMode::kSpin;
  }
  return word == "timer" ? model::PaceMode::kTimer : model::PaceMode::kAuto;
}

}  // namespace

const expr::TableSpec& load_spec() {
  static const expr::TableSpec spec = [] {
    expr::TableSpec result{
        .name = "load",
        .help = "How long traffic runs and what it may use. Everything is a total of all threads.",
        .keys = {
            {.name = "warmup",
             .type = ValueType::kDuration,
             .help = "Traffic before t = 0; recorded and flagged, outside thresholds.",
             .default_value = "0s"},
            {.name = "duration",
             .type = ValueType::kDuration,
             .help = "The measured phase, after the warm-up.",
             .required = true,
             .example = "\"30s\""},
            {.name = "drain",
             .type = ValueType::kDuration,
             .help = "After the last arrival, how long to wait for answers and for arrivals that "
                     "still wait for a connection; what never starts is counted as dropped.",
             .default_value = "10s"},
            {.name = "connections",
             .type = ValueType::kInteger,
             .help = "Most sockets open at one time.",
             .default_value = "64"},
            {.name = "max_waiting",
             .type = ValueType::kInteger,
             .help = "Most arrivals that wait for a connection; further ones are dropped at once.",
             .default_value = "100000"},
            {.name = "threads",
             .type = ValueType::kInteger,
             .help = "Workers, each with its own loop and share of the connections.",
             .default_value = "1"},
            {.name = "pace",
             .type = ValueType::kString,
             .help = "How a worker waits for the next intended start: `spin` is on time within a "
                     "microsecond and takes a core, `timer` saves it, `auto` looks at the cores.",
             .default_value = "auto",
             .choices = {"auto", "spin", "timer"}},
            {.name = "spans",
             .type = ValueType::kBoolean,
             .help = "Whether each operation is kept as a span, and every target has `trace`: what "
                     "`--otlp` needs and sets.",
             .default_value = "false"},
        }};
    const std::vector<expr::KeySpec> traffic = traffic_keys("of the scenarios with a `weight`");
    result.keys.insert(result.keys.end(), traffic.begin(), traffic.end());
    return result;
  }();
  return spec;
}

const expr::TableSpec& limits_spec() {
  static const expr::TableSpec spec{
      .name = "limits",
      .help =
          "When the generator misses one of these the measurement is invalid from that second "
          "on: latency is not judged, effects still are.",
      .keys = {
          {.name = "lag_p99",
           .type = ValueType::kDuration,
           .help = "The generator's own lateness, 99th percentile of any 1,000 starts in a row or "
                   "more: "
                   "of a second that has as many, else of that second and those before it. At "
                   "least ten starts must be later.",
           .default_value = "10ms"},
          {.name = "started",
           .type = ValueType::kShare,
           .help = "Of the arrivals due in a second, the share that must be started, as far as "
                   "it is the generator's doing.",
           .default_value = "99%"},
          {.name = "min_idle_share",
           .type = ValueType::kShare,
           .help = "Idle share of a worker's loop (spinning counts as idle) below which growing "
                   "lag means that the generator is the bottleneck.",
           .default_value = "2%"},
      }};
  return spec;
}

void read_load(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, load_spec(), build.scope, build.diagnostics);
  model::Load& load = build.plan.load;
  load.warmup = reader.duration("warmup");
  load.duration = reader.duration("duration");
  load.drain = reader.duration("drain");
  load.connections = static_cast<unsigned>(reader.integer("connections", 1, kMaxConnections));
  load.max_waiting = static_cast<std::uint64_t>(reader.integer("max_waiting", 0, kMaxWaiting));
  load.threads = static_cast<unsigned>(reader.integer("threads", 1, kMaxThreads));
  load.pace = pace_from(reader.string("pace"));
  load.spans = reader.boolean("spans");
  Traffic traffic = read_traffic(table, reader, build);
  load.arrivals = std::move(traffic.arrivals);
  load.users = std::move(traffic.users);
  load.arrivals_text = std::move(traffic.text);
  if (traffic.given) {
    build.shared_traffic = reader.where(reader.has("arrivals") ? "arrivals" : "users");
  }
  if (reader.has("duration") && load.duration <= Duration::zero()) {
    reader.error("duration", "a run needs a duration above zero, for example \"30s\"");
  }
  if (load.threads > load.connections) {
    reader.error("threads",
                 fmt::format("{} threads cannot share {} connections: each needs one of its own",
                             load.threads, load.connections));
  }
}

void read_limits(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, limits_spec(), build.scope, build.diagnostics);
  model::MeasurementLimits& limits = build.plan.limits;
  limits.lag_p99 = reader.duration("lag_p99");
  limits.started = reader.share("started");
  limits.min_idle_share = reader.share("min_idle_share").fraction;
  if (limits.lag_p99 <= Duration::zero()) {
    reader.error("lag_p99",
                 "no generator is never late: give a limit above zero, for example \"10ms\"");
  }
}

}  // namespace squall::plan
