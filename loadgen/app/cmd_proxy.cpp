// squall proxy …: the stand-alone fault proxy and its control from the command line.
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/proxy_commands.hpp"

namespace squall::app {

void add_proxy_command(CLI::App& tree, Cli& cli) {
  CLI::App* proxy = tree.add_subcommand(
      "proxy", "A fault proxy with Toxiproxy's HTTP API: serve it, or control one that runs");
  proxy->require_subcommand(1);
  add_proxy_serve(*proxy, cli);
  add_proxy_clients(*proxy, cli);
  add_proxy_ca(*proxy, cli);
}

}  // namespace squall::app
