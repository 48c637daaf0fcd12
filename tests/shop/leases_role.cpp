// squall-shop leases: its command line.
#include <chrono>
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/leases.hpp"

namespace squall::shop {

void add_leases_role(CLI::App& app, Action& action) {
  CLI::App* leases =
      app.add_subcommand("leases", "Leases by name, for whoever must be the only one");
  auto options = std::make_shared<LeasesOptions>();
  add_service_options(*leases, options->http, options->log_level);
  leases->add_option("--db", options->database_file, "SQLite file, which other replicas may share")
      ->required()
      ->type_name("FILE");
  add_duration(*leases, "--lease-time", options->leases.time, "How long a lease lasts");
  add_choice<LeaseClock>(
      *leases, "--lease-clock", options->leases.clock,
      {{"wall", LeaseClock::kWall}, {"observed", LeaseClock::kObserved}},
      "When somebody else's lease is over: when the time that was written down has come by this "
      "replica's wall clock, or once this replica has seen it unchanged for that long");
  leases->footer(
      "\nPOST /leases/{name} {\"holder\"}   takes the lease, or prolongs the holder's own: 200; "
      "409 "
      "while somebody\n"
      "                                else has it. Either way {\"holder\",\"token\"}; the token "
      "rises with every change\n"
      "GET  /healthz /readyz /metrics\n");
  leases->callback([options, &action] { action = [options] { return run_leases(*options); }; });
}

}  // namespace squall::shop
