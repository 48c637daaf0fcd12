// squall-shop notes: its command line.
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/notes.hpp"

namespace squall::shop {

void add_notes_role(CLI::App& app, Action& action) {
  CLI::App* notes = app.add_subcommand("notes", "Keeps notes, also when the process dies");
  auto options = std::make_shared<NotesOptions>();
  add_service_options(*notes, options->http, options->log_level);
  notes
      ->add_option("--db", options->database_file, "SQLite file, kept from one process to the next")
      ->required()
      ->type_name("FILE");
  add_choice<NotesAck>(*notes, "--ack", options->notes.ack,
                       {{"memory", NotesAck::kMemory}, {"commit", NotesAck::kCommit}},
                       "When a writer gets its answer: once the note is in memory, or committed");
  add_duration(*notes, "--flush", options->notes.flush,
               "memory: from one writing of what has come meanwhile to the next");
  notes->footer(
      "\nPOST /notes {\"token\"}   201\n"
      "GET  /notes             what is committed: {\"items\":[{\"seq\",\"token\"}],\"next\"}\n"
      "GET  /healthz /readyz /metrics\n");
  notes->callback([options, &action] {
    if (options->notes.flush <= Duration::zero()) {
      throw CLI::ValidationError("--flush", "must be longer than 0");
    }
    action = [options] { return run_notes(*options); };
  });
}

}  // namespace squall::shop
