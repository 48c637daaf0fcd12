#include "loadgen/plan/traffic.hpp"

#include <fmt/core.h>

#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/kinds.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::int64_t kMaxUsers = 1'000'000;
constexpr std::size_t kMaxStages = 1000;
constexpr std::int64_t kMaxIterations = 1'000'000'000'000;

// "poisson 200/s": the process and its keys as written, names filled in.
std::string describe_arrivals(const expr::Value& table, const expr::Scope& scope) {
  std::string text = peek_string(table, "process", scope);
  const expr::Table* entries = table.as_table();
  if (entries == nullptr) {
    return text;
  }
  for (const expr::Entry& entry : *entries) {
    const std::string value = peek_string(table, entry.key, scope);
    if (entry.key != "process" && !value.empty()) {
      text += entry.key == "rate" ? " " + value : fmt::format(" {}={}", entry.key, value);
    }
  }
  return text;
}

void read_arrivals(const expr::Value& table, Build& build, Traffic& traffic) {
  const auto kind =
      resolve_kind(table, arrivals_spec(), "process", build.registries.arrivals, build.scope);
  expr::TableReader reader(kind.table, kind.spec, build.scope, build.diagnostics);
  if (kind.kind != nullptr) {
    traffic.arrivals = kind.kind->compile(reader);
    traffic.text = describe_arrivals(table, build.scope);
  }
}

// A number of users that does not change.
model::UserStage read_constant(const expr::Value& value, Build& build) {
  static const expr::TableSpec spec{
      .name = "users",
      .help = "",
      .keys = {{.name = "users", .type = ValueType::kInteger, .help = ""}}};
  const expr::Value table{expr::Table{expr::Entry{"users", value.where, value}}, value.where};
  expr::TableReader reader(table, spec, build.scope, build.diagnostics);
  const auto count = static_cast<std::uint32_t>(reader.integer("users", 1, kMaxUsers));
  return {.from = count, .to = count};
}

// `before`: where the stage before it ended.
model::UserStage read_stage(const expr::Value& table, std::uint32_t before, Build& build) {
  expr::TableReader reader(table, user_stage_spec(), build.scope, build.diagnostics);
  const auto count = [&](std::string_view key) {
    return static_cast<std::uint32_t>(reader.integer(key, 0, kMaxUsers));
  };
  return {.over = reader.duration("over"),
          .from = reader.has("from") ? count("from") : before,
          .to = count("to")};
}

std::vector<model::UserStage> read_stages(const expr::Value& value, expr::TableReader& reader,
                                          Build& build) {
  if (value.as_table() != nullptr) {
    return {read_stage(value, 0, build)};
  }
  const expr::Array* items = value.as_array();
  if (items == nullptr) {
    return {read_constant(value, build)};
  }
  std::vector<model::UserStage> stages;
  for (const expr::Value& item : *items) {
    if (item.as_table() != nullptr && stages.size() < kMaxStages) {
      stages.push_back(read_stage(item, stages.empty() ? 0 : stages.back().to, build));
    }
  }
  if (items->empty() || items->size() > kMaxStages) {
    reader.error("users", fmt::format("a list of 1 to {} stages, for example [{{ to = 100, over = "
                                      "\"30s\" }}]",
                                      kMaxStages));
  }
  return stages;
}

std::optional<model::Users> read_users(const expr::Value& table, expr::TableReader& reader,
                                       Build& build) {
  const expr::Value* value = table.find("users");
  model::Users users;
  users.stages = read_stages(*value, reader, build);
  users.think = reader.distribution("think");
  if (reader.has("iterations")) {
    users.iterations = static_cast<std::uint64_t>(reader.integer("iterations", 1, kMaxIterations));
  }
  if (users.stages.empty()) {
    return std::nullopt;
  }
  if (users.most() == 0) {
    reader.error("users", "no users make no traffic; write for example 50");
    return std::nullopt;
  }
  users.text = model::describe_stages(users.stages);
  if (!(users.think == expr::Distribution::constant(Duration::zero()))) {
    users.text += ", think " + users.think.to_text();
  }
  if (users.iterations > 0) {
    users.text += fmt::format(", {} iterations", users.iterations);
  }
  return users;
}

}  // namespace

std::vector<expr::KeySpec> traffic_keys(const std::string& whose) {
  return {
      {.name = "arrivals",
       .type = ValueType::kTable,
       .help = fmt::format("When iterations {} are due: the open model.", whose),
       .table = &arrivals_spec(),
       .example = "{ process = \"poisson\", rate = \"200/s\" }"},
      {.name = "users",
       .type = ValueType::kUsers,
       .help = fmt::format(
           "The closed model instead: that many virtual users, each of which begins an iteration "
           "{} when its last one has ended and it has thought. Its intended start is that instant, "
           "so a slow target is asked less and nothing it delays is owed: such a run shows no "
           "capacity. A number, a stage, or a list of stages.",
           whose),
       .table = &user_stage_spec(),
       .example = "50"},
      {.name = "think",
       .type = ValueType::kDistribution,
       .help =
           "Of a user between two iterations; before its first one it waits for a part of that, "
           "so that users do not march in step.",
       .default_value = "0s"},
      {.name = "iterations",
       .type = ValueType::kInteger,
       .help = "Of all users together, warm-up included; when they are done the load ends.",
       .example = "10000"},
  };
}

const expr::TableSpec& arrivals_spec() {
  static const expr::TableSpec spec{
      .name = "scenario.arrivals",
      .help =
          "Where intended starts come from. They never wait for answers: a slow target gets the "
          "same traffic as a fast one. What a process says about time counts from t = 0; in the "
          "warm-up before it the rate is the one that the process begins with. The k-th arrival of "
          "a rate that changes is due where the integral of the rate reaches k, so the number of "
          "arrivals is exact and does not depend on the number of threads.",
      .keys = {
          {.name = "process",
           .type = ValueType::kString,
           .help = "Which process; each has keys of its own.",
           .required = true,
           .example = "\"poisson\""},
      }};
  return spec;
}

const expr::TableSpec& user_stage_spec() {
  static const expr::TableSpec spec{
      .name = "scenario.users",
      .help =
          "The number of users along a straight line. A user that is one too many ends the "
          "iteration it is in.",
      .keys = {
          {.name = "from",
           .type = ValueType::kInteger,
           .help = "Users at its begin, and in the warm-up of the first stage; what the stage "
                   "before it ended with, or 0, unless given.",
           .example = "0"},
          {.name = "to",
           .type = ValueType::kInteger,
           .help = "Users at its end; the last stage's stay.",
           .required = true,
           .example = "100"},
          {.name = "over",
           .type = ValueType::kDuration,
           .help = "How long it takes.",
           .default_value = "0s"},
      }};
  return spec;
}

Traffic read_traffic(const expr::Value& table, expr::TableReader& reader, Build& build) {
  Traffic traffic;
  traffic.given = reader.has("arrivals") || reader.has("users");
  for (const expr::Value* arrivals : reader.tables("arrivals")) {
    read_arrivals(*arrivals, build, traffic);
  }
  if (!reader.has("users")) {
    for (const std::string_view key : {"think", "iterations"}) {
      if (reader.has(key)) {
        reader.error(key, fmt::format("\"{}\" is about users, but there are none here; write for "
                                      "example users = 50",
                                      key));
      }
    }
    return traffic;
  }
  if (reader.has("arrivals")) {
    reader.error("users", "arrivals or users, not both: the open or the closed model");
    return traffic;
  }
  traffic.users = read_users(table, reader, build);
  traffic.text = traffic.users ? traffic.users->text : "";
  return traffic;
}

}  // namespace squall::plan
