// squall proxy serve
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "faults/control/api.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/proxy_commands.hpp"

namespace squall::app {

void add_proxy_serve(CLI::App& proxy, Cli& cli) {
  auto options = std::make_shared<ServeOptions>();
  options->version = faults::kToxiproxyVersion;
  CLI::App* serve = proxy.add_subcommand(
      "serve", "Run a fault proxy that clients of Toxiproxy can control, until it is stopped");
  serve->add_option("--host", options->host, "Where the control API listens")
      ->capture_default_str();
  serve->add_option("--port", options->port, "Its port; 0 takes a free one")->capture_default_str();
  serve
      ->add_option("--config", options->config, "Proxies to begin with: a JSON file as Toxiproxy's")
      ->type_name("FILE");
  serve->add_option("--seed", options->seed, "Seed of every random decision (printed when random)");
  serve->add_flag("--proxy-metrics", options->proxy_metrics, "GET /metrics tells of the proxies");
  serve->add_flag("--runtime-metrics", options->runtime_metrics,
                  "GET /metrics tells of the process");
  serve
      ->add_option("--token", options->token,
                   "Refuse requests without \"Authorization: Bearer TOKEN\"")
      ->envname("SQUALL_PROXY_TOKEN")
      ->type_name("TOKEN");
  serve->add_option("--version-string", options->version, "What GET /version answers")
      ->capture_default_str();
  serve
      ->add_option("--log-level", options->log_level,
                   "trace, debug, info, warn, error or disabled (default info)")
      ->envname("LOG_LEVEL")
      ->type_name("LEVEL");
  serve->callback([options, &cli] {
    cli.action = [options, &cli] { return serve_proxies(*options, cli.stop); };
  });
}

}  // namespace squall::app
