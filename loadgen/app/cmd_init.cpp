// squall init [FILE]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/import/import.hpp"
#include "loadgen/plan/loader.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct InitCommand {
  std::string file = "squall.toml";
  bool force = false;
  std::string from_curl;
  std::string from_har;
  std::string from_openapi;
  std::string from_log;
  bool keep_secrets = false;
  import::ImportOptions options;
};

// The whole of a file that a person named. Importers bound what they take.
Result<std::string> read_input(const std::string& path) {
  constexpr std::uintmax_t kLargest = 1024ULL * 1024 * 1024;
  std::error_code error;
  const std::uintmax_t size =
      std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
  if (size > kLargest) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is too large", printable(path)));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(ErrorCode::kNotFound, fmt::format("cannot read {}: {}", printable(path),
                                                  std::generic_category().message(errno)));
  }
  std::string text;
  std::string block(64UL * 1024, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kLargest) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} is too large", printable(path)));
    }
  }
  if (file.bad()) {
    return fail(ErrorCode::kIo, fmt::format("cannot read {}", printable(path)));
  }
  return text;
}

// Names files beside the plan: its own name without the ending, as far as file names and plans
// agree on letters.
std::string stem_of(const std::string& file) {
  std::string stem = std::filesystem::path(file).stem().string();
  std::replace_if(
      stem.begin(), stem.end(),
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '_' || c == '.');
      },
      '-');
  return stem;
}

Result<import::GeneratedPlan> generate(const InitCommand& command) {
  import::ImportOptions options = command.options;
  options.secrets =
      command.keep_secrets ? import::SecretPolicy::kKeep : import::SecretPolicy::kVariables;
  options.stem = stem_of(command.file);
  if (!command.from_curl.empty()) {
    options.file = "--from-curl";
    return import::plan_from(import::Source::kCurl, command.from_curl, options);
  }
  for (const auto& [source, file] : {std::pair{import::Source::kHar, command.from_har},
                                     std::pair{import::Source::kOpenApi, command.from_openapi},
                                     std::pair{import::Source::kLog, command.from_log}}) {
    if (file.empty()) {
      continue;
    }
    options.file = file;
    const auto text = read_input(file);
    return text ? import::plan_from(source, *text, options) : fail(text.error());
  }
  return import::starter(options);
}

// A plan that its own loader refuses would be a defect of squall, or of a file that found one.
// Nobody has set the variables of the plan's secrets yet.
bool is_valid(const std::string& text, const std::string& file) {
  plan::LoadOptions options = load_options({});
  options.environment = [](const std::string&) { return std::optional<std::string>("secret"); };
  const plan::Loaded loaded = plan::load(text, file, registries().for_plans(), options);
  if (loaded.diagnostics.has_errors()) {
    say("{}squall init: the plan that was made is not valid and was not written\n",
        loaded.diagnostics.to_text());
  }
  return !loaded.diagnostics.has_errors();
}

// Writes whole files or says why not; without `force` one that is there stays as it is.
ExitCode write_new_file(const std::string& path, const std::string& text, bool force) {
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL);
  const int descriptor = open(path.c_str(), flags, 0666);
  if (descriptor < 0 && errno == EEXIST) {
    say("squall init: {} is there already; name another file, or overwrite it with "
        "--force\n",
        printable(path));
    return ExitCode::kUsage;
  }
  int error = descriptor < 0 ? errno : write_fully(descriptor, text);
  if (descriptor >= 0 && close(descriptor) != 0) {
    error = errno;
  }
  if (error != 0) {
    say("squall init: cannot write {}: {}\n", printable(path),
        std::generic_category().message(error));
    return ExitCode::kNotWritten;
  }
  return ExitCode::kPass;
}

// The files beside the plan first: the plan is not valid without them.
ExitCode write_files(const InitCommand& command, const import::GeneratedPlan& plan) {
  std::error_code ignored;
  if (!command.force && std::filesystem::exists(command.file, ignored)) {
    return write_new_file(command.file, "", false);
  }
  const std::filesystem::path folder = std::filesystem::path(command.file).parent_path();
  for (const import::SideFile& file : plan.files) {
    const std::string path = (folder / file.name).string();
    if (const ExitCode code = write_new_file(path, file.content, command.force);
        code != ExitCode::kPass) {
      return code;
    }
    say("squall init: wrote {}\n", printable(path));
  }
  if (!is_valid(plan.text, command.file)) {
    return ExitCode::kUsage;
  }
  const ExitCode code = write_new_file(command.file, plan.text, command.force);
  if (code == ExitCode::kPass) {
    say("squall init: wrote {0}; next: squall validate {0}\n", shell_quote(command.file));
  }
  return code;
}

ExitCode print_plan(const import::GeneratedPlan& plan) {
  if (!plan.files.empty()) {
    say("squall init: this plan reads files beside it; name a file instead of -\n");
    return ExitCode::kUsage;
  }
  if (!is_valid(plan.text, "plan")) {
    return ExitCode::kUsage;
  }
  put(plan.text);
  return ExitCode::kPass;
}

ExitCode act(const InitCommand& command) {
  const auto plan = generate(command);
  if (!plan) {
    say("squall init: {}\n", to_string(plan.error()));
    return ExitCode::kUsage;
  }
  for (const std::string& note : plan->notes) {
    say("squall init: {}\n", printable(note, 1000));
  }
  for (const import::DraftSecret& secret : plan->secrets) {
    say("squall init: set {} before a run: {}\n", secret.variable, printable(secret.meaning));
  }
  return command.file == "-" ? print_plan(*plan) : write_files(command, *plan);
}

void add_sources(CLI::App& init, InitCommand& command) {
  const std::string group = "Make the plan of";
  CLI::Option* curl =
      init.add_option("--from-curl", command.from_curl,
                      "A curl command line, or several, as browsers and documentation give them")
          ->type_name("COMMAND")
          ->group(group);
  CLI::Option* har = init.add_option("--from-har", command.from_har,
                                     "A browser's recording (HAR): its requests, with their pauses")
                         ->type_name("FILE")
                         ->group(group);
  CLI::Option* openapi = init.add_option("--from-openapi", command.from_openapi,
                                         "An API description: OpenAPI 3 or Swagger 2, JSON or YAML")
                             ->type_name("FILE")
                             ->group(group);
  CLI::Option* log =
      init.add_option("--from-log", command.from_log,
                      "An access log, common or combined format: its requests at its times")
          ->type_name("FILE")
          ->group(group);
  curl->excludes(har)->excludes(openapi)->excludes(log);
  har->excludes(openapi)->excludes(log);
  openapi->excludes(log);
  init.add_option("--include", command.options.include,
                  "With --from-har: only this type (document, fetch, script, stylesheet, image, "
                  "font, media, other, or static for all that pages are made of), or also this "
                  "host (the first page's own is always in)")
      ->type_name("TYPE|HOST")
      ->group(group)
      ->allow_extra_args(false)
      ->needs(har);
  init.add_option("--exclude", command.options.exclude,
                  "With --from-har: not this type or host; --exclude static leaves the API")
      ->type_name("TYPE|HOST")
      ->group(group)
      ->allow_extra_args(false)
      ->needs(har);
  init.add_flag("--include-destructive", command.options.include_destructive,
                "With --from-openapi: DELETE, too. With --from-log: every method, without bodies")
      ->group(group);
  init.add_flag("--keep-secrets", command.keep_secrets,
                "Leave credentials in the plan instead of reading them from variables")
      ->group(group);
}

constexpr const char* kFooter = R"(
Examples:
  squall init my-plan.toml --url http://127.0.0.1:8080/        a commented plan to start from
  squall init my-plan.toml --from-curl "curl -d a=1 http://127.0.0.1:8080/orders"
  squall init my-plan.toml --from-har shop.har --exclude static
  squall init my-plan.toml --from-openapi api.yaml --url https://staging.example
  squall init my-plan.toml --from-log access.log --url https://staging.example)";

}  // namespace

void add_init_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<InitCommand>();
  CLI::App* init = tree.add_subcommand(
      "init",
      "Write a plan to start from: a commented one, or one made of curl commands, a HAR "
      "recording, an API description or an access log");
  init->footer(kFooter);
  init->add_option("FILE", command->file, "The plan to write; - is the standard output")
      ->capture_default_str();
  init->add_option("--url", command->options.url,
                   "Where the service is, instead of what is imported says")
      ->type_name("URL");
  init->add_flag("--force", command->force, "Overwrite FILE when it is there");
  add_sources(*init, *command);
  init->callback([command, &cli] { cli.action = [command] { return act(*command); }; });
}

}  // namespace squall::app
