// The keys of [idempotency] and its tables.
#include "loadgen/plan/idempotency_request.hpp"
#include "loadgen/plan/key_tables.hpp"

#include "loadgen/model/profile_file.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

const expr::KeySpec& request_key(std::string_view name) {
  static const expr::TableSpec keys{
      .name = {},
      .help = {},
      .keys = {{.name = "operation",
                .type = ValueType::kTable,
                .help = "What is done once however often it is asked for under one key. A plan "
                        "may be without it when it has `consumer`: then nothing but property 26 "
                        "is tested.",
                .table = &idempotency_request_spec()},
               {.name = "read",
                .type = ValueType::kTable,
                .help = "Shows the resource that the operation made; for properties 7, 22, 23 and "
                        "25, and to learn volatile fields.",
                .table = &idempotency_request_spec()},
               {.name = "update",
                .type = ValueType::kTable,
                .help = "Writes `{{value}}` to that resource, under a key: for property 23.",
                .table = &idempotency_request_spec()},
               {.name = "remove",
                .type = ValueType::kTable,
                .help = "Removes that resource: for properties 22 and 25.",
                .table = &idempotency_request_spec()},
               {.name = "other",
                .type = ValueType::kTable,
                .help = "Another endpoint that takes keys: for property 14.",
                .table = &idempotency_request_spec()}}};
  return *keys.find(name);
}

}  // namespace

const expr::TableSpec& idempotency_change_spec() {
  static const expr::TableSpec spec{
      .name = "idempotency.mutate",
      .help =
          "One value of the operation's JSON body that becomes another. `invalid` is a table "
          "of the same keys.",
      .keys = {{.name = "body",
                .type = ValueType::kString,
                .help = "JSON pointer of the value (RFC 6901).",
                .required = true,
                .example = "\"/amount\""},
               {.name = "to",
                .type = ValueType::kJson,
                .help = "What stands there instead; no `{{names}}`.",
                .required = true,
                .example = "2999"}}};
  return spec;
}

const expr::TableSpec& idempotency_consumer_spec() {
  static const expr::TableSpec spec{
      .name = "idempotency.consumer",
      .help =
          "The target as a receiver of webhooks: for property 26. squall delivers events as a "
          "provider would.",
      .keys = {{.name = "deliver",
                .type = ValueType::kTable,
                .help = "One event, with its id `{{event}}`.",
                .required = true,
                .table = &idempotency_request_spec()},
               {.name = "later",
                .type = ValueType::kTable,
                .help = "A later event of the same thing, for deliveries out of order.",
                .table = &idempotency_request_spec()}}};
  return spec;
}

const expr::TableSpec& idempotency_producer_spec() {
  static const expr::TableSpec spec{
      .name = "idempotency.producer",
      .help =
          "The target as a sender of webhooks, one for each operation: for property 27. The "
          "sink that receives them fails, and heals.",
      .keys = {{.name = "sink",
                .type = ValueType::kString,
                .help = "Name of the oracle that receives them, one of kind `sink`.",
                .required = true,
                .example = "\"hooks\""},
               {.name = "within",
                .type = ValueType::kDuration,
                .help = "After which, once the sink has healed, a webhook that did not come is "
                        "lost.",
                .default_value = "30s"},
               {.name = "outage",
                .type = ValueType::kDuration,
                .help = "How long the sink fails in trials in which it fails all calls for a "
                        "while.",
                .default_value = "2s"},
               {.name = "signed_at",
                .type = ValueType::kString,
                .help = "The header in which a webhook says when it was signed, in seconds since "
                        "1970: alone, or as `t=…` among others.",
                .example = "\"Webhook-Timestamp\""}}};
  return spec;
}

// NOLINTNEXTLINE(readability-function-size): a table
const expr::TableSpec& idempotency_spec() {
  static const expr::TableSpec spec{
      .name = "idempotency",
      .help =
          "What `squall idempotency` needs to know of an API. A plan with this table needs neither "
          "[load] nor [[scenario]]; without them there is nothing for `squall run`. What is left "
          "out leaves properties untested, which the report says of each.",
      .keys = {
          {.name = "profile",
           .type = ValueType::kString,
           .help = "What the API says about its keys: the name of a profile that squall has "
                   "(`squall list profiles`), a file, relative to the plan's folder, or `auto`, "
                   "which learns it. Without one, status codes are told and never judged.",
           .example = "\"ietf\""},
          {.name = "key",
           .type = ValueType::kTable,
           .help = "How a request carries its key, where that differs from the profile.",
           .table = &model::profile_key_spec(),
           .example = "{ header = \"Idempotency-Key\" }"},
          request_key("operation"),
          {.name = "id",
           .type = ValueType::kString,
           .help = "Where the operation's answer says which resource it made, as of `extract`.",
           .default_value = "json /id",
           .example = "\"header \\\"Location\\\"\""},
          {.name = "mutate",
           .type = ValueType::kTable,
           .help = "What \"same key, other payload\" changes: for properties 7 and 8.",
           .table = &idempotency_change_spec(),
           .example = "{ body = \"/amount\", to = 2999 }"},
          {.name = "invalid",
           .type = ValueType::kTable,
           .help = "What makes the operation refuse the payload with a 4xx: for property 15.",
           .table = &idempotency_change_spec(),
           .example = "{ body = \"/amount\", to = -1 }"},
          request_key("read"),
          request_key("update"),
          request_key("remove"),
          request_key("other"),
          {.name = "callers",
           .type = ValueType::kStringList,
           .help = "Who asks; all of the plan's callers unless given. Two of them make property 13 "
                   "testable.",
           .example = "[\"alice\", \"bob\"]"},
          {.name = "dependencies",
           .type = ValueType::kStringList,
           .help = "Proxies in front of what the target calls to do its work: for properties 5, 16 "
                   "and 18.",
           .example = "[\"psp\"]"},
          {.name = "key_store",
           .type = ValueType::kString,
           .help = "The proxy in front of where the target keeps its keys: for property 20.",
           .example = "\"redis\""},
          {.name = "restart",
           .type = ValueType::kStringList,
           .help =
               "Services that may be killed and started again: for properties 17, 19, 26 and 27.",
           .example = "[\"shop\"]"},
          {.name = "clock",
           .type = ValueType::kString,
           .help = "The service whose wall clock may be moved: for property 21.",
           .example = "\"shop\""},
          {.name = "window",
           .type = ValueType::kDuration,
           .help = "How long a key is remembered; the profile's unless given.",
           .example = "\"24h\""},
          {.name = "lock_time",
           .type = ValueType::kDuration,
           .help = "After which a key must be usable again, whatever happened to the request that "
                   "had it: for properties 6 and 17.",
           .default_value = "30s"},
          {.name = "rounds",
           .type = ValueType::kInteger,
           .help = "Trials of each property that is about a race; no failure in n of them bounds "
                   "its rate below 3/n.",
           .default_value = "300"},
          {.name = "barriers",
           .type = ValueType::kJson,
           .help = "How many requests are let go at once, in turn; 2, 5 and 20 unless given.",
           .example = "[2, 5, 20]"},
          {.name = "under_load",
           .type = ValueType::kDuration,
           .help = "How long property 28 runs: duplicates among ordinary traffic.",
           .example = "\"1m\""},
          {.name = "load_rate",
           .type = ValueType::kRate,
           .help = "Operations a second meanwhile.",
           .default_value = "50/s"},
          {.name = "volatile",
           .type = ValueType::kStringList,
           .help = "JSON pointers of what differs between an answer and its replay, beside what "
                   "the profile says and squall learns.",
           .example = "[\"/updated_at\"]"},
          {.name = "consumer",
           .type = ValueType::kTable,
           .help = "Webhooks that the target receives.",
           .table = &idempotency_consumer_spec()},
          {.name = "producer",
           .type = ValueType::kTable,
           .help = "Webhooks that the target sends.",
           .table = &idempotency_producer_spec(),
           .example = "{ sink = \"hooks\", within = \"30s\" }"},
      }};
  return spec;
}

}  // namespace squall::plan
