// squall-shop uploads: its command line.
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/uploads.hpp"

namespace squall::shop {

void add_uploads_role(CLI::App& app, Action& action) {
  CLI::App* uploads = app.add_subcommand("uploads", "Takes files that clients send in");
  auto options = std::make_shared<UploadsOptions>();
  add_service_options(*uploads, options->http, options->log_level);
  uploads->add_option("--db", options->database_file, "SQLite file (default: a private one)")
      ->type_name("FILE");
  add_choice<UploadsMode>(
      *uploads, "--uploads", options->mode,
      {{"sync", UploadsMode::kSync}, {"named", UploadsMode::kNamed}},
      "What a file that is sent again becomes: another object, or the one of its Upload-Id, which "
      "is made after the answer");
  uploads->footer(
      "\nPOST /uploads?name=NAME   a form with the part \"file\": 201, or 202 with --uploads "
      "named\n"
      "GET  /uploads/{id}        whether it is stored by now\n"
      "GET  /objects             what is stored: {\"items\":[{\"seq\",\"token\"}],\"next\"}\n"
      "GET  /healthz /readyz /metrics\n");
  uploads->callback([options, &action] { action = [options] { return run_uploads(*options); }; });
}

}  // namespace squall::shop
