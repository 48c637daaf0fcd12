#include "loadgen/app/hit_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "loadgen/app/hit_places.hpp"
#include "loadgen/app/hit_requests.hpp"
#include "loadgen/app/hit_rows.hpp"
#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/http_url.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::app {
namespace {

using expr::Array;
using expr::Table;
using expr::Value;

constexpr unsigned kDefaultUsers = 50;
constexpr const char* kDefaultRate = "50/s";
constexpr const char* kDefaultDuration = "10s";
// For a closed load that ends with its last request: by then something is wrong.
constexpr const char* kLongest = "24h";

Value text(std::string value) {
  return {std::move(value), {}};
}
Value integer(std::uint64_t value) {
  return {static_cast<std::int64_t>(value), {}};
}
void add(Table& table, std::string key, Value value) {
  table.push_back({std::move(key), {}, std::move(value)});
}

// Where the load comes from.
struct Traffic {
  bool closed = false;
  unsigned users = 0;
  Rate rate{};
  std::string duration;
};

Traffic traffic_of(const HitOptions& options) {
  Traffic traffic;
  const bool hey_like = options.rate.empty() && (options.requests || options.connections);
  // What rises or is independent are arrivals.
  const bool open = options.poisson || !options.ramp.empty();
  traffic.closed = options.users.has_value() || (hey_like && !open);
  traffic.users = options.users.value_or(options.connections.value_or(kDefaultUsers));
  if (options.requests) {
    traffic.users =
        static_cast<unsigned>(std::min<std::uint64_t>(traffic.users, *options.requests));
  }
  traffic.rate = parse_rate(options.rate.empty() ? kDefaultRate : options.rate).value();
  traffic.duration = options.duration;
  if (traffic.duration.empty() && options.requests) {
    // The last of n arrivals at equal distances is due after n - 1 of them; half a distance later
    // no other one is.
    const double seconds =
        (static_cast<double>(*options.requests) - 0.5) / std::max(traffic.rate.per_second, 1e-9);
    traffic.duration = traffic.closed ? kLongest : fmt::format("{:.0f}ns", seconds * 1e9);
  } else if (traffic.duration.empty()) {
    traffic.duration = kDefaultDuration;
  }
  return traffic;
}

Value arrivals_of(const HitOptions& options) {
  Table arrivals;
  if (options.ramp.empty()) {
    add(arrivals, "process", text(options.poisson ? "poisson" : "constant"));
    add(arrivals, "rate", text(options.rate.empty() ? kDefaultRate : options.rate));
    return {std::move(arrivals), {}};
  }
  add(arrivals, "process", text("ramp"));
  add(arrivals, "from", text("0/s"));
  add(arrivals, "to", text(options.rate.empty() ? kDefaultRate : options.rate));
  add(arrivals, "over", text(options.ramp));
  if (options.poisson) {
    add(arrivals, "spacing", text("poisson"));
  }
  return {std::move(arrivals), {}};
}

// Who asks: the same keys for one scenario and for [load], which several scenarios share.
void add_source(const HitOptions& options, const Traffic& traffic, Table& table) {
  if (!traffic.closed) {
    add(table, "arrivals", arrivals_of(options));
    return;
  }
  add(table, "users", integer(traffic.users));
  if (!options.think.empty()) {
    add(table, "think", text(options.think));
  }
  if (options.requests) {
    add(table, "iterations", integer(*options.requests));
  }
}

Value load_of(const HitOptions& options, const Traffic& traffic, bool shared) {
  Table load;
  if (!options.warmup.empty()) {
    add(load, "warmup", text(options.warmup));
  }
  add(load, "duration", text(traffic.duration));
  // Whoever is asked to wait so long for an answer must be given that long at the end too.
  const Duration timeout = parse_duration(options.timeout).value();
  add(load, "drain",
      text(fmt::format("{}ms",
                       std::max<std::int64_t>(10'000, timeout / std::chrono::milliseconds(1)))));
  const unsigned connections =
      options.connections.value_or(traffic.closed ? std::max(traffic.users, 1U) : 64U);
  add(load, "connections", integer(connections));
  if (shared) {
    add_source(options, traffic, load);
  }
  return {std::move(load), {}};
}

struct Targets {
  std::vector<std::string> origins;
  [[nodiscard]] std::string name_of(const std::string& origin) {
    auto found = std::find(origins.begin(), origins.end(), origin);
    if (found == origins.end()) {
      found = origins.insert(origins.end(), origin);
    }
    const auto number = found - origins.begin() + 1;
    return number == 1 ? "target" : fmt::format("target-{}", number);
  }
};

// Absolute: a plan that is saved elsewhere means the same files.
void add_file(Table& table, std::string key, const std::string& path) {
  if (!path.empty()) {
    add(table, std::move(key), text(std::filesystem::absolute(path).string()));
  }
}

Table tls_of(const HitOptions& options) {
  Table settings;
  if (options.insecure) {
    add(settings, "insecure", {true, {}});
  }
  add_file(settings, "ca", options.ca_file);
  add_file(settings, "certificate", options.certificate_file);
  add_file(settings, "key", options.key_file.empty() ? options.certificate_file : options.key_file);
  return settings;
}

Value targets_of(const HitOptions& options, Targets& targets) {
  Array list;
  for (const std::string& origin : targets.origins) {
    Table target;
    add(target, "name", text(targets.name_of(origin)));
    add(target, "urls", {Array{text(origin)}, {}});
    add(target, "timeout", text(options.timeout));
    const bool tls = is_https_url(origin);
    if (options.http2) {
      add(target, "http", text(tls ? "2" : "2-prior-knowledge"));
    }
    if (Table settings = tls_of(options); tls && !settings.empty()) {
      add(target, "tls", {std::move(settings), {}});
    }
    list.push_back({std::move(target), {}});
  }
  return {std::move(list), {}};
}

Value step_of(const HitRequest& request) {
  Table step;
  add(step, "name", text(to_lower(request.method)));
  add(step, "request", text(request.method + " " + request.path));
  Table headers;
  for (const auto& [name, value] : request.headers) {
    add(headers, name, text(value));
  }
  if (request.json && !has_field(request.headers, "Content-Type")) {
    add(headers, "Content-Type", text("application/json"));
  }
  if (!headers.empty()) {
    add(step, "headers", {std::move(headers), {}});
  }
  if (!request.body_file.empty()) {
    add(step, "body_file", text(std::filesystem::absolute(request.body_file).string()));
  } else if (request.has_body) {
    add(step, "body", text(request.body));
  }
  return {Array{Value{std::move(step), {}}}, {}};
}

// One group for each request, unless they are too many for that.
Result<std::vector<HitGroup>> groups_of(std::vector<HitRequest> requests) {
  if (requests.size() > kMostWrittenOut) {
    return group_requests(requests);
  }
  std::vector<HitGroup> groups;
  groups.reserve(requests.size());
  for (HitRequest& request : requests) {
    groups.push_back(
        {.request = std::move(request), .requests = 1, .feeder = {}, .file = {}, .csv = {}});
  }
  return groups;
}

Value feeders_of(const std::vector<HitGroup>& groups) {
  Array list;
  for (const HitGroup& group : groups) {
    if (!group.feeder.empty()) {
      Table feeder;
      add(feeder, "name", text(group.feeder));
      add(feeder, "file", text(group.file));
      list.push_back({std::move(feeder), {}});
    }
  }
  return {std::move(list), {}};
}

Value scenarios_of(const HitOptions& options, const Traffic& traffic,
                   const std::vector<HitGroup>& groups, Targets& targets) {
  Array list;
  const bool shared = groups.size() > 1;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Table scenario;
    add(scenario, "name", text(shared ? fmt::format("hit-{}", i + 1) : "hit"));
    if (targets.origins.size() > 1) {
      add(scenario, "target", text(targets.name_of(groups[i].request.origin)));
    }
    if (shared) {
      add(scenario, "weight", integer(groups[i].requests));
    } else {
      add_source(options, traffic, scenario);
    }
    add(scenario, "step", step_of(groups[i].request));
    list.push_back({std::move(scenario), {}});
  }
  return {std::move(list), {}};
}

void add_faults(const HitOptions& options, Table& document) {
  Array faults;
  if (!options.drop.empty()) {
    Table fault;
    add(fault, "name", text("lost-ack"));
    add(fault, "kind", text("drop"));
    add(fault, "at", text("after_send"));
    add(fault, "share", text(options.drop));
    faults.push_back({std::move(fault), {}});
  }
  if (!options.duplicate.empty()) {
    Table fault;
    add(fault, "name", text("twins"));
    add(fault, "kind", text("duplicate"));
    add(fault, "copies", integer(2));
    add(fault, "share", text(options.duplicate));
    faults.push_back({std::move(fault), {}});
  }
  if (!options.latency.empty()) {
    const std::size_t colon = options.latency.find(':');
    Table fault;
    add(fault, "name", text("held-back"));
    add(fault, "kind", text("latency"));
    add(fault, "latency", text(options.latency.substr(0, colon)));
    if (colon != std::string::npos) {
      add(fault, "share", text(options.latency.substr(colon + 1)));
    }
    faults.push_back({std::move(fault), {}});
  }
  if (!faults.empty()) {
    add(document, "fault", {std::move(faults), {}});
  }
}

void add_checks(const HitOptions& options, Table& document) {
  if (options.require.empty()) {
    return;
  }
  Array conditions;
  for (const std::string& condition : options.require) {
    conditions.push_back(text(condition));
  }
  Table checks;
  add(checks, "require", {std::move(conditions), {}});
  add(document, "checks", {std::move(checks), {}});
}

Result<void> check(const HitOptions& options, const Traffic& traffic) {
  const auto refuse = [](std::string why) {
    return fail(ErrorCode::kInvalidArgument, std::move(why));
  };
  if (!traffic.closed && traffic.rate.per_second <= 0) {
    return refuse("--rate: a rate of zero makes no traffic; write for example 200/s");
  }
  if (!options.think.empty() && !traffic.closed) {
    return refuse("--think is the pause of a user, and there are none: add for example --users 50");
  }
  if (options.requests && !traffic.closed && (options.poisson || !options.ramp.empty())) {
    return refuse(
        "-n: how many requests independent or rising arrivals make is not known beforehand; "
        "give --for instead");
  }
  if (options.requests && !traffic.closed && !options.duration.empty()) {
    return refuse("-n and --for both say when an open load ends; give one of them");
  }
  return {};
}

}  // namespace

Result<HitPlan> hit_plan(const HitOptions& options) {
  const Traffic traffic = traffic_of(options);
  if (auto sound = check(options, traffic); !sound) {
    return fail(std::move(sound).error());
  }
  HitPlan plan;
  auto requests = hit_requests(options, plan.secrets);
  if (!requests) {
    return fail(requests.error());
  }
  auto groups = groups_of(*std::move(requests));
  if (!groups) {
    return fail(groups.error());
  }
  Targets targets;
  for (HitGroup& group : *groups) {
    (void)targets.name_of(group.request.origin);
    if (!group.file.empty()) {
      plan.files.emplace(group.file, std::move(group.csv));
    }
  }
  Table document;
  add(document, "format", integer(1));
  add(document, "name",
      text("hit " + targets.origins.front().substr(targets.origins.front().find("://") + 3)));
  add(document, "target", targets_of(options, targets));
  add(document, "load", load_of(options, traffic, groups->size() > 1));
  if (!plan.files.empty()) {
    add(document, "feeder", feeders_of(*groups));
  }
  add(document, "scenario", scenarios_of(options, traffic, *groups, targets));
  add_faults(options, document);
  add_checks(options, document);
  plan.document = {std::move(document), {}};
  plan.toml = expr::to_toml(plan.document);
  set_places(plan.document, options);
  return plan;
}

}  // namespace squall::app
