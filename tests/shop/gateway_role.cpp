// squall-shop gateway: its command line.
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/gateway.hpp"

namespace squall::shop {

void add_gateway_role(CLI::App& app, Action& action) {
  CLI::App* gateway =
      app.add_subcommand("gateway", "Passes requests on to the replicas of a service");
  auto options = std::make_shared<GatewayOptions>();
  add_service_options(*gateway, options->http, options->log_level);
  gateway->add_option("--upstream", options->upstreams, "URL of a replica; once for each")
      ->required()
      ->type_name("URL");
  add_limit(*gateway, "--timeout", options->timeout, "How long to wait for a replica's answer");
  add_duration(*gateway, "--probe-interval", options->probe_interval,
               "How often each replica's /readyz is asked");
  gateway->footer(
      "\nPasses every request on to the next replica that is ready, once; to another one only when "
      "it could not be sent at all.\n"
      "503 and 504 are the gateway's own.    GET /readyz /healthz /metrics\n");
  gateway->callback([options, &action] { action = [options] { return run_gateway(*options); }; });
}

}  // namespace squall::shop
