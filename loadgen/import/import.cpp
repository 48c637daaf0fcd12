#include "loadgen/import/import.hpp"

#include <fmt/core.h>

#include "loadgen/import/curl.hpp"
#include "loadgen/import/har.hpp"
#include "loadgen/import/log.hpp"
#include "loadgen/import/openapi.hpp"
#include "loadgen/import/outside_url.hpp"
#include "loadgen/import/plan_writer.hpp"
#include "loadgen/import/starter.hpp"

namespace squall::import {
namespace {

Result<Imported> imported(Source source, std::string_view text, const ImportOptions& options) {
  switch (source) {
    case Source::kCurl:
      return import_curl(text, options);
    case Source::kHar:
      return import_har(text, options);
    case Source::kOpenApi:
      return import_openapi(text, options);
    case Source::kLog:
      return import_log(text, options);
  }
  return fail(ErrorCode::kInternal, "an unknown source");
}

// What a step lacks stands beside it in the plan, and is told at once.
void add_step_notes(const PlanDraft& draft, std::vector<std::string>& notes) {
  for (const DraftScenario& scenario : draft.scenarios) {
    for (const DraftStep& step : scenario.steps) {
      for (const std::string& comment : step.comments) {
        if (comment.starts_with("LEFT OUT")) {
          notes.push_back(fmt::format("{}.{}: {}", scenario.name, step.name, comment));
        }
      }
    }
  }
}

// A target's address holds neither query nor credentials.
Result<std::string> target_url(const std::string& url) {
  const auto parsed = parse_outside_url(url);
  if (!parsed) {
    return fail(with_context(parsed.error(), "--url"));
  }
  std::string path = parsed->target.substr(0, parsed->target.find('?'));
  while (path.ends_with('/')) {
    path.pop_back();
  }
  return parsed->origin() + path;
}

}  // namespace

Result<GeneratedPlan> plan_from(Source source, std::string_view text,
                                const ImportOptions& options) {
  ImportOptions with_url = options;
  if (!options.url.empty()) {
    auto url = target_url(options.url);
    if (!url) {
      return fail(url.error());
    }
    with_url.url = std::move(*url);
  }
  auto result = imported(source, text, with_url);
  if (!result) {
    return fail(result.error());
  }
  const PlanDraft& draft = result->draft;
  GeneratedPlan plan;
  plan.text = write_plan(draft);
  if (!draft.scenarios.empty() && !draft.scenarios.front().steps.empty()) {
    plan.text += commented_chaos(draft.scenarios.front().name + "." +
                                 draft.scenarios.front().steps.front().name);
  }
  plan.secrets = draft.secrets;
  plan.files = std::move(result->files);
  plan.notes = std::move(result->notes);
  add_step_notes(draft, plan.notes);
  return plan;
}

Result<GeneratedPlan> starter(const ImportOptions& options) {
  auto text = starter_plan(options.url.empty() ? kStarterUrl : std::string_view(options.url));
  if (!text) {
    return fail(with_context(text.error(), "--url"));
  }
  return GeneratedPlan{.text = std::move(*text)};
}

}  // namespace squall::import
