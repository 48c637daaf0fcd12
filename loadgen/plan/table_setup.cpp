// [[setup]] and [[teardown]].
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/request.hpp"
#include "loadgen/plan/tables.hpp"

namespace squall::plan {
namespace {

constexpr std::size_t kMaxRequests = 1000;

std::vector<model::RequestSpec> read_requests(const std::vector<const expr::Value*>& tables,
                                              const expr::TableSpec& spec, Build& build) {
  std::vector<model::RequestSpec> requests;
  const std::size_t count =
      bounded(tables.size(), kMaxRequests, spec.name + " request", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    expr::TableReader reader(*tables[i], spec, build.scope, build.diagnostics);
    requests.push_back(read_request(*tables[i], reader, {}));
    for (const auto& [token, name] :
         {std::pair{expr::Token::kKey, "{{key}}"}, std::pair{expr::Token::kSequence, "{{seq}}"}}) {
      if (uses(requests.back(), token)) {
        reader.error("request", std::string(name) +
                                    " belongs to an operation of a step; here only "
                                    "{{run}} and {{now}} mean something");
      }
    }
  }
  return requests;
}

}  // namespace

const expr::TableSpec& setup_spec() {
  static const expr::TableSpec spec{
      .name = "setup",
      .help =
          "A request that is sent once before any load, to the first target; in the order of "
          "the plan. One that does not get a status from 200 to 399 ends the run.",
      .keys = request_keys()};
  return spec;
}

const expr::TableSpec& teardown_spec() {
  static const expr::TableSpec spec{
      .name = "teardown",
      .help =
          "A request that is sent once after everything, to the first target, also when the run "
          "was aborted.",
      .keys = request_keys()};
  return spec;
}

void read_setup(const std::vector<const expr::Value*>& tables, Build& build) {
  build.plan.setup = read_requests(tables, setup_spec(), build);
}

void read_teardown(const std::vector<const expr::Value*>& tables, Build& build) {
  build.plan.teardown = read_requests(tables, teardown_spec(), build);
}

}  // namespace squall::plan
