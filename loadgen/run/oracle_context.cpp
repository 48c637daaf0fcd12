#include "loadgen/run/oracle_context.hpp"

#include <filesystem>
#include <utility>

#include "loadgen/base/clock.hpp"

namespace squall::run {

model::OracleContext oracle_context(const model::Plan& plan, const std::string& plan_file) {
  const model::Target& target = plan.targets.front();
  model::OracleContext context;
  context.run_id = plan.run_id;
  context.default_base_url = target.replicas.front().url();
  const expr::RenderContext rendering{
      .key = {}, .sequence = 0, .run_id = plan.run_id, .now = wall_clock_now(), .extracted = {}};
  for (const auto& [name, value] : target.headers) {
    std::string text;
    value.render(rendering, text);
    context.default_headers.emplace_back(name, std::move(text));
  }
  context.default_route = static_cast<const HttpRoute&>(target.curl);
  context.tls = plan.tls_peers();
  context.allowed_hosts = plan.allowed_hosts;
  context.working_directory = std::filesystem::path(plan_file).parent_path().string();
  context.seed = plan.seed;
  return context;
}

}  // namespace squall::run
