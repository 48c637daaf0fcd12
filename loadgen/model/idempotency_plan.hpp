// The [idempotency] table of a plan: what `squall idempotency` needs to know of an API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/expr/expectation.hpp"
#include "loadgen/expr/extraction.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/model/idempotency_profile.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/wire_script.hpp"

namespace squall::model {

// Values that requests of [idempotency] may use beside the built-in names, by slot of
// TemplateNames::extracted:
//   {{token}}  unique for each operation; what oracles count under
//   {{id}}     of the resource that the operation made; only where one is known
//   {{value}}  what an update writes; only in `update`
//   {{event}}  of a webhook that is delivered: the event's id
inline constexpr std::size_t kTokenSlot = 0;
inline constexpr std::size_t kIdSlot = 1;
inline constexpr std::size_t kValueSlot = 2;
inline constexpr std::size_t kEventSlot = 3;
inline constexpr std::size_t kIdempotencySlots = 4;

// A request and what is a success of it. Its headers never carry the key: the lab puts it where the
// carrier says.
struct IdempotencyRequest {
  RequestSpec request;
  std::uint16_t target = 0;               // into Plan::targets
  std::vector<expr::Expectation> expect;  // all must hold; default: status in 200..299
};

// How the target, as a consumer, is told of events, and what a provider would send.
struct WebhookConsumer {
  IdempotencyRequest deliver;  // one event; {{token}} and {{event}} (the event's id)
  // A later event of the same thing, for deliveries out of order.
  std::optional<IdempotencyRequest> later;
  SourceRef where;
};

// Webhooks that the target sends when the operation is done.
struct WebhookProducer {
  std::string sink;   // the oracle of kind sink that receives them, by name
  Duration outage{};  // how long the sink fails before it heals
  Duration within{};  // after which, once the sink has healed, a webhook that did not come is lost
  // The header that says when a webhook was signed; empty: not known.
  std::string signed_at;
  SourceRef where;
};

// REQUIRES of all requests: none carries the key itself; the lab puts it where the carrier says.
struct IdempotencyPlan {
  // As given: the profile's file or "auto".
  std::string profile_name;
  bool learns = false;  // "auto"
  IdempotencyProfile profile;
  KeyCarrier carrier;  // the plan's own, else the profile's, else the default

  // A plan about webhooks that the target receives may be without: then `operation` is empty.
  bool has_operation = true;
  IdempotencyRequest operation;
  // Of the resource, in the operation's answer.
  std::optional<expr::Extraction> id;
  std::optional<BodyChange> mutate;          // "same key, other payload"
  std::optional<BodyChange> invalid;         // a payload that the operation refuses with a 4xx
  std::optional<IdempotencyRequest> read;    // {{id}}: shows the resource
  std::optional<IdempotencyRequest> update;  // {{id}}, {{value}}: writes it; carries a key
  std::optional<IdempotencyRequest> remove;  // {{id}}
  std::optional<IdempotencyRequest> other;   // another endpoint that takes keys
  std::vector<std::uint16_t> callers;        // into Plan::callers; none: the plan has none
  std::vector<std::string> dependencies;     // proxies between the target and what it calls
  std::optional<std::string> key_store;      // the proxy in front of where keys are kept
  std::vector<std::string> restart;          // services that may be killed and started again
  std::optional<std::string> clock;          // the service whose clock may be moved
  std::optional<WebhookConsumer> consumer;
  std::optional<WebhookProducer> producer;

  std::optional<Duration>
      window;             // how long keys are remembered: the plan's own, else the profile's
  Duration lock_time{};   // a key must be usable again within this after a crash
  unsigned rounds = 300;  // of the race properties
  std::vector<unsigned> barriers;            // requests that leave together: 2, 5, 20
  Duration under_load{};                     // of property 28; zero: left out
  Rate load_rate;                            // operations of it
  std::vector<std::string> volatile_fields;  // the plan's own, beside what is learnt
  SourceRef where;
};

}  // namespace squall::model
