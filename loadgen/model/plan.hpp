// A plan, loaded and compiled: everything a run does, with every default filled in. Immutable once
// loaded; shared by all threads as shared_ptr<const Plan>.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/condition.hpp"
#include "loadgen/expr/distribution.hpp"
#include "loadgen/expr/expectation.hpp"
#include "loadgen/expr/extraction.hpp"
#include "loadgen/expr/feeder.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/model/action.hpp"
#include "loadgen/model/arrival_process.hpp"
#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/curl_settings.hpp"
#include "loadgen/model/endpoint.hpp"
#include "loadgen/model/fault_selection.hpp"
#include "loadgen/model/flow_program.hpp"
#include "loadgen/model/observation.hpp"
#include "loadgen/model/operation_index.hpp"
#include "loadgen/model/oracle.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/phase.hpp"
#include "loadgen/model/proxy_fault.hpp"
#include "loadgen/model/proxy_plan.hpp"
#include "loadgen/model/service.hpp"
#include "loadgen/model/shard.hpp"
#include "loadgen/model/skew.hpp"
#include "loadgen/model/tls_settings.hpp"
#include "loadgen/model/users.hpp"

namespace squall::model {

// In headers of their own, which few need: immutable once a plan is loaded.
struct BaselinePlan;
struct HistoryPlan;
struct IdempotencyPlan;
struct StepHistory;

using Header = std::pair<std::string, expr::Template>;

struct Target {
  std::string name;
  std::vector<Endpoint> replicas;  // at least one, all of one scheme; arrivals take turns
  std::optional<TlsSettings> tls;  // when, and only when, the scheme is https
  std::vector<Header> headers;
  Duration
      timeout{};  // of an attempt: from having a connection or asking for one to last byte read
  Duration connect_timeout{};
  Duration idle_limit{};  // a pooled connection idle for longer is closed, not used
  ByteCount max_header;
  ByteCount max_body_kept;  // of an answer's body when a step needs it
  EngineKind engine = EngineKind::kNative;
  std::string engine_why;  // why it is that one, for reports
  CurlSettings curl;       // all at their defaults on the native engine
  bool trace = false;      // requests carry a traceparent, one trace for each operation
};

// A request as written: method and path, headers, body.
struct RequestSpec {
  std::string method;
  std::string shown = {};  // the request line for people; `${env:NAME}` stands in it as written
  expr::Template path;     // with query, as sent in the request line (after the target's base_path)
  std::vector<Header> headers;
  std::optional<expr::Template> body;
  SourceRef where;
  bool json = false;  // the body came from a `json` key: Content-Type application/json unless a
                      // header says otherwise
  std::string content_type = {};  // of another body, unless a header says otherwise; empty: none
};

// What the body of a request says it is, unless a header does; empty: nothing.
[[nodiscard]] std::string_view content_type_of(const RequestSpec& request);

enum class Jitter : std::uint8_t { kNone, kFull };

struct RetryPolicy {
  std::set<AttemptClass> on;
  unsigned attempts = 1;  // in all, the first included
  Duration backoff{};     // before the second; doubles each time
  Duration max_backoff{};
  Jitter jitter = Jitter::kFull;  // kFull: uniform in [0, backoff] (Brooker, "Exponential Backoff
                                  // And Jitter", 2015)
  Share budget{
      1.0};  // retries at most this share of first attempts (token bucket with a burst of 10)
};

struct Step {
  std::string name;            // "charge"
  std::string full_name;       // "buy.charge"
  std::uint16_t index = 0;     // into Plan::steps
  std::uint16_t scenario = 0;  // into Plan::scenarios
  std::uint16_t target = 0;    // into Plan::targets
  RequestSpec request;
  Duration timeout{};  // of an attempt; the target's unless the step has its own
  std::vector<expr::Expectation> expect;
  std::vector<expr::Extraction> extract;     // slot = position in Scenario::extracted of the name
  std::vector<std::uint16_t> extract_slots;  // parallel to `extract`
  RetryPolicy retry;
  bool is_effect = false;        // asks for exactly one effect under its key
  expr::Template effect_key;     // usually {{key}}
  expr::Distribution think;      // before this step, after the previous one
  bool goes_on = false;          // the iteration goes on although this step did not succeed
  std::uint32_t max_visits = 1;  // operations of it in one iteration, at most
  std::optional<std::uint16_t> visit_slot;  // among Scenario::repeated_steps when that is above 1
  std::optional<std::uint16_t> caller;      // into Plan::callers; its own, not the iteration's
  std::shared_ptr<const StepHistory> history;  // null: its attempts are no part of the history

  // What an answer must keep, for people, in the order in which it is judged: the expectations as
  // written, then the values that must be there.
  [[nodiscard]] std::vector<std::string> demands() const;
};

struct Scenario {
  std::string name;
  std::uint16_t index = 0;
  // Where its iterations come from, one of three: arrivals, users, or a weight.
  std::shared_ptr<const ArrivalProcess> arrivals;
  std::optional<Users> users;
  std::uint32_t weight = 0;            // above 0: its share of what Load::arrivals or users give
  std::string arrivals_text;           // "poisson 200/s", "50 users, think 1s", for people
  std::vector<std::uint16_t> steps;    // indices into Plan::steps, in order
  FlowProgram program;                 // without code: the steps one after the other
  std::uint16_t repeated_steps = 0;    // how many steps may be done more than once in an iteration
  std::vector<std::uint16_t> callers;  // into Plan::callers; arrivals take turns
  std::vector<std::string> extracted;  // names of extracted values, by slot
  // Arrivals that the unique feeders of its steps have rows for, and the feeder that has the
  // fewest.
  std::uint64_t arrivals_with_rows = ~std::uint64_t{0};
  std::string shortest_feeder;
};

// An identity with its own credentials.
struct Caller {
  std::string name;
  std::vector<Header> headers;  // win over the target's of the same name; the step's win over these
};

struct PlannedFault {
  std::string name;
  const ClientFaultKind* kind = nullptr;
  FaultSelection selection;
  std::shared_ptr<const ClientFault> fault;
  SourceRef where;
};

enum class PaceMode : std::uint8_t { kAuto, kSpin, kTimer };

struct Load {
  Duration warmup{};
  Duration duration{};
  Duration drain{};
  unsigned connections = 64;      // sockets, all workers together
  std::uint64_t max_waiting = 0;  // arrivals waiting for a connection, all workers together
  unsigned threads = 1;
  PaceMode pace = PaceMode::kAuto;
  // What scenarios with a weight share; at most one of the two.
  std::shared_ptr<const ArrivalProcess> arrivals;
  std::optional<Users> users;
  std::string arrivals_text;  // of either, for people
  Shard shard;                // the part of the arrivals that this process takes up
  // When the first arrival may be due (the warm-up's, if there is one), by the wall clock: the same
  // for all shards. Nothing: as soon as all is ready.
  std::optional<WallTime> start_at;
  bool spans = false;  // operations are kept one by one, for a tracing backend

  [[nodiscard]] LoadSpan span() const { return {.warmup = warmup, .duration = duration}; }
};

// Limits whose breach makes the measurement invalid.
struct MeasurementLimits {
  Duration lag_p99{};  // of any one second
  Share started{};     // of the arrivals due in a second, at least, for reasons of the generator
  double min_idle_share = 0;  // of loop time, spin subtracted
};

struct OracleSpec {
  std::string name;
  const OracleKind* kind = nullptr;
  std::shared_ptr<Oracle> oracle;
  SourceRef where;
};

// A request that is repeated all along, outside the load and with its own connections.
struct Probe {
  std::string name;
  RequestSpec request;
  std::uint16_t target = 0;  // into Plan::targets; its first replica
  Duration every{};
  Duration timeout{};
};

struct Effects {
  std::vector<OracleSpec> oracles;
  Duration settle{};          // between two equal readings
  Duration settle_timeout{};  // after which an oracle that still changes is given up
};

struct Checks {
  std::vector<std::pair<expr::Condition, SourceRef>> require;
  std::vector<std::pair<expr::Condition, SourceRef>> abort_when;
  std::vector<std::pair<std::string, SourceRef>> findings;  // detectors that must stay silent
};

struct Plan {
  std::string name;
  std::string file;            // as given
  std::string effective_text;  // TOML after --set, secrets still as ${env:NAME}
  std::uint64_t seed = 0;
  std::string run_id;
  Load load;
  MeasurementLimits limits;
  std::vector<Target> targets;
  std::vector<Caller> callers;
  std::vector<Scenario> scenarios;
  std::vector<Step> steps;  // of all scenarios
  expr::FeederSet feeders;
  std::vector<PlannedFault> faults;  // on squall's own requests
  std::vector<Service> services;     // each replica is one, in the order in which they start
  std::vector<ProxyPlan> proxies;
  std::vector<PlannedProxyFault> proxy_faults;
  std::vector<PlannedAction> actions;
  std::vector<RequestSpec>
      setup;  // sent one after the other before the preflight, to the first target
  std::vector<RequestSpec> teardown;                   // after everything, also after an abort
  std::optional<SkewPlan> skew;                        // what a sweep before the load finds out
  std::shared_ptr<const HistoryPlan> history;          // null: none is kept
  std::shared_ptr<const BaselinePlan> baseline;        // null: the plan has no [baseline]
  std::shared_ptr<const IdempotencyPlan> idempotency;  // null: the plan has no [idempotency]
  Effects effects;
  Checks checks;
  // Where the measured phase is split: by all that is in the three lists above and in actions.
  PhaseBounds phases;
  RecoverySettings recovery;
  std::vector<Probe> probes;
  DetectorSettings detector_settings;
  std::vector<std::string> allowed_hosts;
  // Most operations a second when a target is not loopback, all scenarios together.
  std::optional<Rate> max_rate;
  bool preflight = true;
  std::set<std::string> secrets;  // values that must not be printed or written

  [[nodiscard]] const Step* find_step(std::string_view full_name) const;
  [[nodiscard]] std::vector<TlsPeer> tls_peers() const;  // every replica behind https
  [[nodiscard]] bool counts_effects() const;             // any step with `effect`
  // Any replica, or anything behind a proxy, that is not loopback.
  [[nodiscard]] bool leaves_loopback() const;
};

// The idempotency key of an operation: a UUID (version 8 layout, RFC 9562) made of (seed, run id,
// step, arrival, visit), so a second run is never a replay of the first and a key tells nothing but
// equality.
inline constexpr std::size_t kKeyLength = 36;
void write_key(const Plan& plan, const Step& step, OperationIndex operation,
               char (&out)[kKeyLength]);
[[nodiscard]] std::string make_key(const Plan& plan, const Step& step, OperationIndex operation);

// Chance in the templates of a step: bits_at(arrival) is RenderContext::chance of that operation.
[[nodiscard]] StreamId template_stream(const Plan& plan, const Step& step);

// Replaces each secret by "***", in its JSON and printable() forms too, and what printable() left
// of one that its cut went through. For everything that squall prints or writes of requests,
// answers and plans.
[[nodiscard]] std::string redact(std::string_view text, const std::set<std::string>& secrets);

// The same, made safe to show and shortened, in this order: the way for every text of a target or a
// host that goes to a report, a message or a file.
[[nodiscard]] std::string safe_to_show(std::string_view outside_text,
                                       const std::set<std::string>& secrets,
                                       std::size_t max_bytes = 200);

}  // namespace squall::model
