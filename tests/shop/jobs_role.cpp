// squall-shop jobs: its command line.
#include <chrono>
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/jobs.hpp"

namespace squall::shop {

void add_jobs_role(CLI::App& app, Action& action) {
  CLI::App* jobs =
      app.add_subcommand("jobs", "A scheduler that does at its next tick what is left to it");
  auto options = std::make_shared<JobsOptions>();
  add_service_options(*jobs, options->http, options->log_level);
  jobs->add_option("--db", options->database_file, "SQLite file, which other replicas may share")
      ->required()
      ->type_name("FILE");
  jobs->add_option("--receiver", options->receiver_url, "Where each job is posted to")
      ->required()
      ->type_name("URL");
  add_duration(*jobs, "--period", options->jobs.period, "From one tick to the next");
  add_duration(*jobs, "--lease-time", options->jobs.lease_time,
               "leased: how long a replica that is gone keeps its turn");
  add_choice<JobTurns>(
      *jobs, "--turns", options->jobs.turns,
      {{"each", JobTurns::kEach}, {"leased", JobTurns::kLeased}},
      "Which replicas work at a tick: each, or the one that holds the lease in the "
      "database");
  jobs->footer(
      "\nPOST /jobs {\"token\"}   202; {\"job\",\"token\"} is posted to the receiver at the next "
      "tick\n"
      "GET  /healthz /readyz /metrics\n");
  jobs->callback([options, &action] {
    if (options->jobs.period <= Duration::zero()) {
      throw CLI::ValidationError("--period", "must be longer than 0");
    }
    action = [options] { return run_jobs(*options); };
  });
}

}  // namespace squall::shop
