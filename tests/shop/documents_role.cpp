// squall-shop documents: its command line.
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/documents.hpp"

namespace squall::shop {

void add_documents_role(CLI::App& app, Action& action) {
  CLI::App* documents = app.add_subcommand("documents", "Texts that several people change");
  auto options = std::make_shared<DocumentsOptions>();
  add_service_options(*documents, options->http, options->log_level);
  documents->add_option("--db", options->database_file, "SQLite file (default: a private one)")
      ->type_name("FILE");
  add_choice<DocumentsMode>(
      *documents, "--updates", options->mode,
      {{"last-wins", DocumentsMode::kLastWins}, {"versioned", DocumentsMode::kVersioned}},
      "Whether what was changed meanwhile is overwritten, or refused by its version (If-Match)");
  documents->footer(
      "\nGET  /documents/{id}            {\"id\",\"version\",\"text\"}, the version as ETag, too\n"
      "PUT  /documents/{id} {\"text\"}   makes or replaces it; versioned: 412 unless If-Match is "
      "its version\n"
      "GET  /words                     each word of each document\n"
      "GET  /healthz /readyz /metrics\n");
  documents->callback(
      [options, &action] { action = [options] { return run_documents(*options); }; });
}

}  // namespace squall::shop
