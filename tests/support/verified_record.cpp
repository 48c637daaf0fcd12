#include "tests/support/verified_record.hpp"

#include <memory>
#include <utility>

namespace squall::testing {
namespace {

using namespace std::chrono_literals;
using model::PropertyHarm;
using model::PropertyResult;
using model::PropertyVerdict;

model::PropertyRequest twin(Duration at, std::string answer) {
  return {.at = at,
          .took = 12ms,
          .caller = "alice",
          .replica = "127.0.0.1:8080",
          .key = "0f5c0000-0000-8000-8000-0000000007c1",
          .what = "held before its last byte, released with the others",
          .request =
              "POST /charges HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: ***\r\n\r\n"
              R"({"amount":1999,"memo":"t-1"})",
          .how = "success",
          .status = 201,
          .answer = std::move(answer)};
}

PropertyResult replay() {
  PropertyResult property;
  property.number = 1;
  property.name = "replay-after-completion";
  property.title = "Replay after completion";
  property.promise = "A request that is sent again has no second effect.";
  property.provocation = "same key, same bytes, 30 times";
  property.trials = 30;
  property.verdict = PropertyVerdict::kPass;
  property.summary = "fewer than 10% of such trials break it (95%, 3/30)";
  property.evidence = {"answered with the first one's bytes"};
  return property;
}

PropertyResult twins() {
  PropertyResult property;
  property.number = 4;
  property.name = "concurrent-twins";
  property.title = "Concurrent twins";
  property.promise = "Requests with one key that arrive together have one effect.";
  property.provocation = "2, 5, 20 at once by last byte, 300 rounds";
  property.trials = 300;
  property.broken = 214;
  property.verdict = PropertyVerdict::kFail;
  property.harm = PropertyHarm::kEffects;
  property.summary = "214 of 300: 2 effects where at most 1 may be";
  property.evidence = {"200 of 300: 2 effects where at most 1 may be",
                       "14 of 300: 3 effects where at most 1 may be"};
  property.remedies = {"claim the key atomically before the work",
                       "let the losers wait for the winner's answer"};
  property.reproducer = "sh DIR/findings/idempotency-4-concurrent-twins.sh";
  property.script = "#!/bin/sh\nexit 1\n";
  property.reproduced = 19;
  property.reproducer_tries = 20;
  property.cases = {{.token = "t-1",
                     .expected = 1,
                     .effects = 2,
                     .counted = true,
                     .problem = "2 effects where at most 1 may be",
                     .requests = {twin(0ms, R"({"id":"ch_1"})"), twin(250us, R"({"id":"ch_2"})")},
                     .acts = {{.at = 13ms, .text = "psp answers again"}}},
                    {.token = "t-2",
                     .expected = 1,
                     .effects = 0,
                     .counted = false,
                     .problem = "answers name 2 resources where at most 1 may be",
                     .requests = {{.at = 0ms,
                                   .took = 3ms,
                                   .caller = "",
                                   .replica = "127.0.0.1:8080",
                                   .key = "",
                                   .what = "cut after_send, 12ms later, without a key",
                                   .request = "",
                                   .how = "cut",
                                   .status = 0,
                                   .answer = ""}},
                     .acts = {}}};
  return property;
}

PropertyResult in_flight() {
  PropertyResult property;
  property.number = 5;
  property.name = "in-flight-retry";
  property.title = "In-flight retry";
  property.promise = "A retry while the first is under way is refused, waits, or gets its answer.";
  property.provocation = "second at 0.1 to 0.9 S, 30 times";
  property.trials = 30;
  property.broken = 30;
  property.verdict = PropertyVerdict::kWarn;
  property.harm = PropertyHarm::kAnswer;
  property.summary = "30 of 30: the retry ends with status 500";
  property.evidence = {"30 of 30: the retry ends with status 500"};
  property.remedies = {"answer 409 while the key is in use"};
  property.reproducer = "squall replay DIR --property 5";
  return property;
}

PropertyResult late_duplicate() {
  PropertyResult property;
  property.number = 22;
  property.name = "late-duplicate";
  property.title = "Late duplicate";
  property.promise = "A late repetition does not bring back what was deleted.";
  property.provocation = "the first request again, after the resource was deleted";
  property.needs = "[idempotency.read]: a request that shows the resource";
  return property;
}

}  // namespace

model::IdempotencyReport sample_verification() {
  model::IdempotencyReport report;
  report.profile = "auto";
  report.learned = "name = \"learnt\"\nquoted = false\n";
  report.service_time = 11ms + 800us;
  report.control_operations = 20;
  report.control_effects = 20;
  report.effects_each = 1;
  report.effects_counted = true;
  report.oracles = {"ledger (http)", "database (sql)"};
  report.disagreements = {"t-9: ledger counts 1, database counts 2"};
  report.disagreement_count = 1;
  report.volatile_fields = {"/updated_at", "/request_id"};
  report.properties = {replay(), twins(), in_flight(), late_duplicate()};
  return report;
}

model::RunRecord verified_record(model::IdempotencyReport report) {
  model::RunRecord record;
  record.squall_version = "0.5.0";
  record.plan_name = "charge is idempotent";
  record.plan_file = "plans/charge.toml";
  record.seed = 7;
  record.run_id = "run-7";
  record.command = "squall idempotency plans/charge.toml --seed 7";
  record.started = WallTime(std::chrono::seconds(1'795'000'000));
  record.measured_duration = 42s;
  record.engine = "native: HTTP/1.1 without TLS";
  record.idempotency = std::make_shared<const model::IdempotencyReport>(std::move(report));
  return record;
}

model::IdempotencyReport hostile_verification(const std::string& poison) {
  model::IdempotencyReport report = sample_verification();
  report.profile = poison;
  report.learned = poison;
  report.oracle_problem = poison;
  report.oracles = {poison, poison};
  report.disagreements = {poison};
  report.volatile_fields = {poison};
  for (PropertyResult& property : report.properties) {
    property.provocation = poison;
    property.summary = poison;
    property.evidence = {poison};
    property.needs = property.needs.empty() ? "" : poison;
    for (model::PropertyCase& one : property.cases) {
      one.token = poison;
      one.problem = poison;
      for (model::PropertyRequest& request : one.requests) {
        request = {.at = request.at,
                   .took = request.took,
                   .caller = poison,
                   .replica = poison,
                   .key = poison,
                   .what = poison,
                   .request = poison,
                   .how = request.how,
                   .status = request.status,
                   .answer = poison};
      }
      one.acts = {{.at = 1ms, .text = poison}};
    }
  }
  return report;
}

}  // namespace squall::testing
