#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/expr/generated_bytes.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/plan/cross_checks.hpp"

namespace squall::plan {
namespace {

bool use_body(const std::vector<model::Header>& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const model::Header& header) {
    return header.second.uses(expr::Token::kBody);
  });
}

bool head_needs_body(const model::Plan& plan, const model::Step& step) {
  return use_body(step.request.headers) || use_body(plan.targets[step.target].headers) ||
         std::any_of(plan.callers.begin(), plan.callers.end(),
                     [](const model::Caller& caller) { return use_body(caller.headers); });
}

void check_size(const model::RequestSpec& request, std::string_view why, Build& build) {
  const std::uint64_t bytes = request.body ? request.body->generated_bytes() : 0;
  if (bytes > expr::kMostGeneratedInMemory) {
    build.diagnostics.error(
        request.where,
        fmt::format("{}, so its body must be in memory as a whole: it generates {}, and at most {} "
                    "are held",
                    why, format_bytes(ByteCount{bytes}),
                    format_bytes(ByteCount{expr::kMostGeneratedInMemory})));
  }
}

void check_idempotency(const model::IdempotencyPlan& planned, Build& build) {
  const auto check = [&](const std::optional<model::IdempotencyRequest>& request) {
    if (request) {
      check_size(request->request, "squall idempotency takes this request apart", build);
    }
  };
  if (planned.has_operation) {
    check(planned.operation);
  }
  check(planned.read);
  check(planned.update);
  check(planned.remove);
  check(planned.other);
  if (planned.consumer) {
    check(planned.consumer->deliver);
    check(planned.consumer->later);
  }
}

}  // namespace

void check_bodies(Build& build) {
  for (const model::Step& step : build.plan.steps) {
    if (step.target < build.plan.targets.size() && head_needs_body(build.plan, step)) {
      check_size(step.request, "{{body}} stands in a header of this request", build);
    }
  }
  if (build.plan.idempotency != nullptr) {
    check_idempotency(*build.plan.idempotency, build);
  }
  for (const auto* requests : {&build.plan.setup, &build.plan.teardown}) {
    for (const model::RequestSpec& request : *requests) {
      check_size(request, "this request is sent outside the load", build);
    }
  }
}

}  // namespace squall::plan
