// [idempotency].
#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/integer_list.hpp"
#include "loadgen/expr/json_place.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/profile_file.hpp"
#include "loadgen/plan/idempotency_request.hpp"
#include "loadgen/plan/idempotency_rules.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/profile_lookup.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/core.h>

namespace squall::plan {
namespace {

using model::IdempotencyPlan;
using model::IdempotencyRequest;
using model::kEventSlot;
using model::kIdSlot;
using model::kTokenSlot;
using model::kValueSlot;

constexpr std::int64_t kMaxRounds = 1'000'000;
constexpr std::int64_t kWidestBarrier = 100;
constexpr std::string_view kAuto = "auto";

void read_profile_of(expr::TableReader& reader, Build& build, IdempotencyPlan& planned) {
  planned.profile_name = reader.string("profile");
  planned.learns = planned.profile_name == kAuto;
  if (reader.has("profile") && !planned.learns) {
    if (auto profile = find_profile(planned.profile_name, reader.where("profile"), build)) {
      planned.profile = *std::move(profile);
    }
  }
  for (const expr::Value* table : reader.tables("key")) {
    model::read_profile_key(*table, reader.scope(), reader.diagnostics(), planned.profile);
  }
  planned.carrier = planned.profile.carrier.value_or(model::KeyCarrier{});
}

std::optional<IdempotencyRequest> read_optional(expr::TableReader& reader, std::string_view key,
                                                std::initializer_list<std::size_t> slots,
                                                Build& build) {
  std::optional<IdempotencyRequest> request;
  for (const expr::Value* table : reader.tables(key)) {
    request = read_idempotency_request(*table, slots, build);
  }
  return request;
}

void read_requests(expr::TableReader& reader, Build& build, IdempotencyPlan& planned) {
  planned.has_operation = reader.has("operation");
  if (auto operation = read_optional(reader, "operation", {kTokenSlot}, build)) {
    planned.operation = *std::move(operation);
  }
  planned.read = read_optional(reader, "read", {kTokenSlot, kIdSlot}, build);
  planned.update = read_optional(reader, "update", {kTokenSlot, kIdSlot, kValueSlot}, build);
  planned.remove = read_optional(reader, "remove", {kTokenSlot, kIdSlot}, build);
  planned.other = read_optional(reader, "other", {kTokenSlot}, build);
}

void read_id(expr::TableReader& reader, Build& build, IdempotencyPlan& planned) {
  const std::string text = reader.string("id");
  auto extraction = expr::parse_extraction("id", text);
  if (extraction) {
    planned.id = *std::move(extraction);
    return;
  }
  const auto& at = extraction.error().where;
  const SourceRef where = reader.where("id");
  build.diagnostics.error(at ? build.text.inside({text, where}, at->column) : where,
                          extraction.error().message);
}

std::optional<model::BodyChange> read_change(expr::TableReader& outer, std::string_view key) {
  std::optional<model::BodyChange> change;
  for (const expr::Value* table : outer.tables(key)) {
    expr::TableReader reader(*table, idempotency_change_spec(), outer.scope(), outer.diagnostics());
    change.emplace();
    change->pointer = reader.string("body");
    if (reader.has("body") && !expr::is_json_pointer(change->pointer)) {
      reader.error("body", "a JSON pointer begins with '/': write for example \"/amount\"");
    }
    const expr::Template value = reader.json("to", {});
    if (!value.is_literal()) {
      reader.error("to", "the new value holds no {{names}}: write for example 2999");
    }
    change->json = value.literal();
  }
  return change;
}

void check_proxy(const expr::LocatedText& name, Build& build) {
  std::vector<std::string_view> known;
  for (const model::ProxyPlan& proxy : build.plan.proxies) {
    known.push_back(proxy.name);
  }
  if (std::find(known.begin(), known.end(), name.text) == known.end()) {
    build.diagnostics.error(name.where, unknown_name("proxy", name.text, known));
  }
}

void check_service(const expr::LocatedText& name, Build& build) {
  std::vector<std::string_view> known;
  for (const model::Service& service : build.plan.services) {
    if (service.replica == 1) {
      known.push_back(service.name);
    }
  }
  if (std::find(known.begin(), known.end(), name.text) == known.end()) {
    build.diagnostics.error(name.where, unknown_name("service", name.text, known));
  }
}

// Names of other parts of the plan, each once.
std::vector<std::string> read_names(expr::TableReader& reader, std::string_view key, Build& build,
                                    void (*check)(const expr::LocatedText&, Build&)) {
  std::vector<std::string> names;
  for (const expr::LocatedText& name : reader.string_list(key)) {
    if (std::find(names.begin(), names.end(), name.text) != names.end()) {
      build.diagnostics.error(name.where,
                              fmt::format("\"{}\" stands here twice", printable(name.text)));
      continue;
    }
    check(name, build);
    names.push_back(name.text);
  }
  return names;
}

void read_surroundings(expr::TableReader& reader, Build& build, IdempotencyPlan& planned) {
  planned.callers = read_caller_names(reader, build);
  planned.dependencies = read_names(reader, "dependencies", build, check_proxy);
  planned.restart = read_names(reader, "restart", build, check_service);
  if (reader.has("key_store")) {
    planned.key_store = reader.string("key_store");
    check_proxy({*planned.key_store, reader.where("key_store")}, build);
  }
  if (reader.has("clock")) {
    planned.clock = reader.string("clock");
    check_service({*planned.clock, reader.where("clock")}, build);
    for (model::Service& service : build.plan.services) {
      service.moves_clock = service.moves_clock || service.name == *planned.clock;
    }
  }
}

Duration read_positive(expr::TableReader& reader, std::string_view key, std::string_view example) {
  const Duration duration = reader.duration(key);
  if (reader.has(key) && duration <= Duration::zero()) {
    reader.error(key, fmt::format("\"{}\" must be above zero, for example \"{}\"", key, example));
  }
  return duration;
}

void read_amounts(const expr::Value& table, expr::TableReader& reader, Build& build,
                  IdempotencyPlan& planned) {
  planned.window = planned.profile.window;
  if (reader.has("window")) {
    planned.window = read_positive(reader, "window", "24h");
  }
  planned.lock_time = read_positive(reader, "lock_time", "30s");
  planned.rounds = static_cast<unsigned>(reader.integer("rounds", 1, kMaxRounds));
  for (const std::int64_t width :
       expr::read_integers(table, "barriers", reader, 2, kWidestBarrier, "[2, 5, 20]")) {
    planned.barriers.push_back(static_cast<unsigned>(width));
  }
  if (!reader.has("barriers")) {
    planned.barriers = {2, 5, 20};
  }
  if (reader.has("under_load")) {
    planned.under_load = read_positive(reader, "under_load", "1m");
  }
  planned.load_rate = reader.rate("load_rate");
  if (planned.load_rate <= Rate{}) {
    reader.error("load_rate", "no operation is no load: write for example \"50/s\"");
  }
  const model::Plan& plan = build.plan;
  const bool guarded = plan.max_rate && plan.leaves_loopback();
  if (guarded && planned.under_load > Duration::zero() && planned.load_rate > *plan.max_rate) {
    reader.error("load_rate", fmt::format("the plan's max_rate allows {} to targets that are not "
                                          "loopback",
                                          format_rate(*plan.max_rate)));
  }
}

void read_volatile(expr::TableReader& reader, IdempotencyPlan& planned) {
  for (expr::LocatedText& field : reader.string_list("volatile")) {
    if (!expr::is_json_pointer(field.text)) {
      reader.diagnostics().error(
          field.where, "a JSON pointer begins with '/': write for example \"/updated_at\"");
    }
    planned.volatile_fields.push_back(std::move(field.text));
  }
}

model::WebhookConsumer read_consumer(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, idempotency_consumer_spec(), build.scope, build.diagnostics);
  model::WebhookConsumer consumer;
  consumer.where = reader.where();
  if (auto deliver = read_optional(reader, "deliver", {kTokenSlot, kEventSlot}, build)) {
    consumer.deliver = *std::move(deliver);
  }
  consumer.later = read_optional(reader, "later", {kTokenSlot, kEventSlot}, build);
  return consumer;
}

model::WebhookProducer read_producer(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, idempotency_producer_spec(), build.scope, build.diagnostics);
  model::WebhookProducer producer;
  producer.where = reader.where();
  producer.sink = reader.string("sink");
  producer.within = read_positive(reader, "within", "30s");
  producer.outage = read_positive(reader, "outage", "2s");
  if (reader.has("signed_at")) {
    producer.signed_at = reader.string("signed_at");
    if (!is_token(producer.signed_at)) {
      reader.error("signed_at", fmt::format("\"{}\" is no name of a header: write for example "
                                            "\"Webhook-Timestamp\"",
                                            printable(producer.signed_at)));
    }
  }
  std::vector<std::string_view> sinks;
  for (const model::OracleSpec& oracle : build.plan.effects.oracles) {
    if (oracle.kind->listens) {
      sinks.push_back(oracle.name);
    }
  }
  const bool known = std::find(sinks.begin(), sinks.end(), producer.sink) != sinks.end();
  if (reader.has("sink") && build.oracles_complete && !known) {
    reader.error("sink", unknown_name("oracle of kind sink", producer.sink, sinks));
  }
  return producer;
}

// Only what the target receives can be tested without one.
void demand_operation(expr::TableReader& reader, const IdempotencyPlan& planned) {
  if (planned.has_operation || (planned.consumer && !planned.producer)) {
    return;
  }
  reader.diagnostics().error(planned.where,
                             planned.producer
                                 ? "[idempotency.producer] is about what the target sends when an "
                                   "operation is done; add a table [idempotency.operation]"
                                 : "\"operation\" is missing; add a table [idempotency.operation]");
}

}  // namespace

void read_idempotency(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, idempotency_spec(), build.scope, build.diagnostics);
  const std::size_t problems = build.diagnostics.error_count();
  auto planned = std::make_shared<IdempotencyPlan>();
  planned->where = reader.where();
  read_profile_of(reader, build, *planned);
  read_requests(reader, build, *planned);
  read_id(reader, build, *planned);
  planned->mutate = read_change(reader, "mutate");
  planned->invalid = read_change(reader, "invalid");
  read_surroundings(reader, build, *planned);
  read_amounts(table, reader, build, *planned);
  read_volatile(reader, *planned);
  for (const expr::Value* consumer : reader.tables("consumer")) {
    planned->consumer = read_consumer(*consumer, build);
  }
  for (const expr::Value* producer : reader.tables("producer")) {
    planned->producer = read_producer(*producer, build);
  }
  demand_operation(reader, *planned);
  // What could not be read is missing from the requests.
  if (build.diagnostics.error_count() == problems) {
    check_carrier(*planned, reader.where("key"), build);
    check_requests(*planned, build);
    if (planned->mutate && planned->has_operation) {
      check_change(*planned->mutate, "mutate", reader, planned->operation.request);
    }
    if (planned->invalid && planned->has_operation) {
      check_change(*planned->invalid, "invalid", reader, planned->operation.request);
    }
  }
  build.plan.idempotency = std::move(planned);
}

}  // namespace squall::plan
