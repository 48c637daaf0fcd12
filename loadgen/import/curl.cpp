#include "loadgen/import/curl.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/import/curl_command.hpp"
#include "loadgen/import/curl_request.hpp"
#include "loadgen/import/curl_target.hpp"
#include "loadgen/import/names.hpp"
#include "loadgen/import/shell_words.hpp"
#include "loadgen/import/targets.hpp"

namespace squall::import {
namespace {

constexpr std::size_t kMaxRequests = 1000;
constexpr std::string_view kScenario = "requests";

tl::unexpected<Error> wrong(std::string message, const SourceRef& where) {
  return fail(Error{ErrorCode::kInvalidArgument, std::move(message), where});
}

bool is_curl(std::string_view word) {
  const std::string_view name = word.substr(word.rfind('/') + 1);  // npos + 1: all of it
  return name == "curl" || name == "curl.exe";
}

class CurlImport {
 public:
  explicit CurlImport(const ImportOptions& options)
      : secrets_(options.secrets), targets_(options) {}

  Result<void> add(const ShellCommand& command) {
    const ShellWord& program = command.words.front();
    if (!is_curl(program.text)) {
      result_.notes.push_back(
          fmt::format("LEFT OUT: the command {}, which is not curl", printable(program.text)));
      return {};
    }
    auto requests = read_curl_command(command);
    if (!requests) {
      return fail(requests.error());
    }
    for (const CurlRequest& request : *requests) {
      if (request.urls.empty()) {
        return wrong("the command has no URL", program.where);
      }
      for (const ShellWord& url : request.urls) {
        if (auto ok = add(request, url); !ok) {
          return ok;
        }
      }
    }
    return {};
  }

  [[nodiscard]] bool is_empty() const { return scenario_.steps.empty(); }

  Imported finish(const std::vector<std::string>& left_out) {
    for (const std::string& what : left_out) {
      result_.notes.push_back(fmt::format("LEFT OUT: {}", what));
    }
    PlanDraft& draft = result_.draft;
    draft.heading = {"Made by `squall init --from-curl`."};
    draft.name = plan_name(scenario_.steps.front().name, "from curl");
    draft.secrets = secrets_.all();
    draft.targets = targets_.take();
    draft.require = {"error_rate < 1%", fmt::format("{} response p99 < 1s", kScenario)};
    add_default_load(draft, "10/s");
    scenario_.name = kScenario;
    scenario_.arrivals = poisson_arrivals();
    draft.scenarios.push_back(std::move(scenario_));
    return std::move(result_);
  }

 private:
  Result<void> add(const CurlRequest& request, const ShellWord& word) {
    if (scenario_.steps.size() == kMaxRequests) {
      return wrong(fmt::format("more than {} requests", kMaxRequests), word.where);
    }
    auto exchange = curl_exchange(request, word);
    if (!exchange) {
      return fail(exchange.error());
    }
    DraftStep step;
    fill_step(exchange->request, secrets_, step);
    step.comments.insert(step.comments.end(), exchange->left_out.begin(), exchange->left_out.end());
    if (request.max_time) {
      set_timeout("timeout", *request.max_time, step);
    }
    step.target = targets_.name_in_step(exchange->url);
    set_connection(request, targets_.of(exchange->url), step.comments);
    std::string path = exchange->url.target;
    std::replace(path.begin(), path.end(), kVariableMark, '-');
    step.name = names_.unique(words_of_request(step.method, path), "request");
    scenario_.steps.push_back(std::move(step));
    return {};
  }

  // Seconds with a fraction.
  static void set_timeout(std::string_view key, const std::string& text, DraftStep& step) {
    const auto timeout = parse_duration(text + "s");
    if (timeout && *timeout > Duration::zero()) {
      step.settings.push_back({std::string(key), toml_value(text + "s")});
    } else {
      step.comments.push_back(
          fmt::format("LEFT OUT: the timeout \"{}\", which is no number of seconds", text));
    }
  }

  Secrets secrets_;
  Targets targets_;
  Names names_;
  DraftScenario scenario_;
  Imported result_;
};

Result<Imported> import_commands(std::string_view text, const ImportOptions& options) {
  const auto shell = split_shell(text);
  if (!shell) {
    return fail(shell.error());
  }
  CurlImport import(options);
  for (const ShellCommand& command : shell->commands) {
    // Chrome's "Copy as cURL (cmd)" quotes for another shell.
    for (const ShellWord& word : command.words) {
      if (word.text.starts_with('^')) {
        return wrong("this is quoted for cmd.exe; copy the command as \"cURL (bash)\"", word.where);
      }
    }
    if (auto ok = import.add(command); !ok) {
      return fail(ok.error());
    }
  }
  if (import.is_empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "there is no curl command in it; give for example "
                "'curl -H \"Accept: application/json\" http://127.0.0.1:8080/items'");
  }
  return import.finish(shell->left_out);
}

}  // namespace

Result<Imported> import_curl(std::string_view text, const ImportOptions& options) {
  auto imported = import_commands(text, options);
  if (!imported && imported.error().where) {
    imported.error().where->file = options.file;
  }
  return imported;
}

}  // namespace squall::import
