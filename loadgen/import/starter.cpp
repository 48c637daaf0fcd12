#include "loadgen/import/starter.hpp"

#include <fmt/core.h>

#include "loadgen/import/outside_url.hpp"
#include "loadgen/import/plan_text.hpp"
#include "loadgen/import/plan_writer.hpp"

namespace squall::import {

Result<std::string> starter_plan(std::string_view url) {
  const auto parsed = parse_outside_url(url);
  if (!parsed) {
    return fail(parsed.error());
  }
  // What stands behind the host is what to ask for.
  const std::string request = "GET " + PlanText(parsed->target).source();
  return fmt::format(
      R"(# A plan: what traffic squall sends, what goes wrong on purpose meanwhile, and what must hold in the end.
#
#   squall validate PLAN                 every mistake at once, and what the plan would do
#   squall run PLAN --once --debug       one iteration, request and answer printed whole
#   squall run PLAN                      the run; its exit code is the verdict
#   squall run PLAN --set vars.rate=200/s --set load.duration=2m
#
# plans/README.md is the reference of all keys.
format = 1
name = "first plan"

# Values to change from the command line: {{{{var.rate}}}} below, --set vars.rate=… there.
[vars]
rate = "20/s"

# The service under load. squall sends to targets and to loopback, nowhere else.
[[target]]
name = "api"
urls = [{0}]
timeout = "5s"
# headers = {{ Authorization = "Bearer ${{env:TOKEN}}" }}   # a secret: printed nowhere

[load]
warmup = "2s"            # traffic before t = 0, outside of the checks
duration = "20s"         # the measured phase
connections = 64         # most sockets at one time, all threads together

# One workload: arrivals, and the steps that each of them goes through in order. Arrivals come when they
# are due, whether the target keeps up or not, and response times count from then.
[[scenario]]
name = "browse"
arrivals = {{ process = "poisson", rate = "{{{{var.rate}}}}" }}   # independent users; `squall list arrivals`

  [[scenario.step]]
  name = "get"
  request = {1}
  expect = ["status in 200..299"]
  # A further step sends what this answer gave:
  # extract = {{ id = "json /items/0/id" }}
  #
  # [[scenario.step]]
  # name = "create"
  # request = "POST /items"
  # headers = {{ Idempotency-Key = "{{{{key}}}}" }}
  # json = {{ parent = "{{{{id}}}}", number = "{{{{seq}}}}" }}
  # retry = {{ on = ["timeout", "reset", "closed", "cut", "5xx"], attempts = 3, backoff = "100ms" }}

[checks]
require = [
  "error_rate < 1%",
  "browse.get response p99 < 500ms",
]
# findings = ["double-charge"]             # detectors that must stay silent; `squall list detectors`
# abort_when = ["error_rate > 50% for 5s"]
{2})",
      toml_text(parsed->origin()), toml_text(request), commented_chaos("browse.get"));
}

}  // namespace squall::import
