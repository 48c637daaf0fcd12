#include "loadgen/app/verification_session.hpp"

#include <memory>
#include <utility>

#include <fmt/core.h>

#include "faults/process/services.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/verification_world.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/profile_file.hpp"

namespace squall::app {
namespace {

std::string event_text(const model::PropertyResult& result) {
  return fmt::format("{} {}: {}{}{}", result.number, result.title, model::to_string(result.verdict),
                     result.summary.empty() ? "" : ", ", result.summary);
}

// One that ended by itself; what a property killed is none.
void tell_ended_services(SessionTools& tools) {
  for (const faults::ServiceEvent& event : tools.services.poll()) {
    if (!event.planned) {
      tools.notes.event(event.as_run_event(TimePoint{}).kind.c_str(), event.text);
    }
  }
}

Result<void> verify_target(SessionTools& tools, model::RunRecord& record,
                           const verify::VerificationOptions& options) {
  VerificationWorld world(tools.plan, tools.proxies, tools.services);
  auto verified = verify::verify(
      {.plan = tools.plan,
       .properties = registries().properties,
       .world = world,
       .stop = tools.stop,
       .progress = [&](std::string_view text) { tools.view.stage(model::Stage::kVerify, text); },
       .result =
           [&](const model::PropertyResult& result, const model::IdempotencyReport& so_far) {
             tell_ended_services(tools);
             tools.notes.event("property", event_text(result));
             tools.notes.idempotency(std::make_shared<const model::IdempotencyReport>(so_far));
           }},
      options);
  if (!verified) {
    return fail(verified.error());
  }
  model::IdempotencyReport& report = verified->report;
  if (tools.plan.idempotency->learns) {
    report.learned = model::to_toml(verified->learned);
  }
  record.interrupted = tools.stop.raised();
  record.idempotency = std::make_shared<const model::IdempotencyReport>(std::move(report));
  tools.notes.idempotency(record.idempotency);
  return {};
}

}  // namespace

std::set<unsigned> property_numbers(const std::vector<std::string>& texts) {
  std::set<unsigned> numbers;
  for (const std::string& text : texts) {
    const verify::PropertyKind* kind = verify::find_property(registries().properties, text);
    SQUALL_CHECK(kind != nullptr);
    numbers.insert(kind->number);
  }
  return numbers;
}

SessionResult run_verification(const std::shared_ptr<const model::Plan>& plan,
                               SessionOptions options,
                               const verify::VerificationOptions& verification,
                               model::ProgressView& view, const run::StopSignal& stop) {
  options.instead_of_load = [&](SessionTools& tools, model::RunRecord& record) {
    return verify_target(tools, record, verification);
  };
  return run_session(plan, options, view, stop);
}

}  // namespace squall::app
