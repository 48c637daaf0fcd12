#include "loadgen/import/openapi.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/import/names.hpp"
#include "loadgen/import/openapi_operation.hpp"
#include "loadgen/import/openapi_server.hpp"

namespace squall::import {
namespace {

constexpr DocumentLimits kLimits{.bytes = 32UL * 1024 * 1024, .depth = 100, .values = 1'000'000};
constexpr std::size_t kMaxOperations = 250;  // a plan takes 256 scenarios

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kMethods{{
    {"get", "GET"},
    {"head", "HEAD"},
    {"options", "OPTIONS"},
    {"post", "POST"},
    {"put", "PUT"},
    {"patch", "PATCH"},
    {"delete", "DELETE"},
    {"trace", "TRACE"},
}};

tl::unexpected<Error> no_description(const std::string& file, std::string_view what,
                                     const Node& where) {
  return fail(Error{ErrorCode::kMalformed, fmt::format("this is no API description: {}", what),
                    SourceRef{file, where.where.line, where.where.column}});
}

bool is_json_text(std::string_view text) {
  return trim(text.substr(0, 1000)).starts_with('{');
}

class OpenApiImport {
 public:
  OpenApiImport(const Node& document, const ImportOptions& options)
      : document_(document),
        options_(options),
        references_(document),
        sampler_(references_),
        secrets_(SecretPolicy::kVariables) {}

  void add_path(const std::string& path, const Node& written) {
    const Node* item = references_.resolve(written);
    if (item == nullptr) {
      return;
    }
    for (const auto& [key, method] : kMethods) {
      const Node* operation = item->find(key);
      if (operation != nullptr && operation->as_object() != nullptr) {
        add({std::string(method), path, *item, *operation});
      }
    }
  }

  Result<Imported> finish() {
    for (const std::string& reference : references_.unresolved()) {
      note(fmt::format("LEFT OUT: what {} stands for: only references inside the file are followed",
                       printable(reference)));
    }
    if (result_.draft.scenarios.empty()) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: it describes no operation that may be called{}", options_.file,
                      deleting_.empty() ? "" : "; --include-destructive takes DELETE, too"));
    }
    const Node* info = document_.find("info");
    const std::string title(info != nullptr ? info->text("title") : std::string_view());
    PlanDraft& draft = result_.draft;
    draft.heading = {
        "Made by `squall init --from-openapi` from " + options_.file + ".", "",
        "Each operation is a scenario of its own with sample values from the "
        "description: put in ids that the service knows. Arrivals are shared by weight."};
    add_what_deletes();
    draft.name = plan_name(title, "api");
    draft.secrets = secrets_.all();
    draft.targets.push_back(described_target(document_, options_));
    draft.require = {"error_rate < 1%", "response p99 < 1s"};
    add_default_load(draft, "10/s");
    draft.load.push_back({"arrivals", {poisson_arrivals(), {}}, "of all scenarios together"});
    return std::move(result_);
  }

 private:
  void note(std::string text) { result_.notes.push_back(std::move(text)); }

  void add(const OperationPlace& place) {
    const std::string what = fmt::format("{} {}", place.method, place.path);
    if (place.method == "DELETE" && !options_.include_destructive) {
      deleting_.push_back(what);
      return;
    }
    if (result_.draft.scenarios.size() == kMaxOperations) {
      if (!full_) {
        note(fmt::format("LEFT OUT: operations from {} on: a plan is made of the first {}",
                         printable(what), kMaxOperations));
      }
      full_ = true;
      return;
    }
    DraftScenario scenario;
    const std::string_view id = place.operation.text("operationId");
    scenario.name =
        names_.unique(id.empty() ? words_of_request(place.method, place.path) : id, "operation");
    if (const std::string_view summary = place.operation.text("summary"); !summary.empty()) {
      scenario.comments.emplace_back(summary);
    }
    add_warnings(place, scenario.comments);
    scenario.settings.push_back({"weight", toml_value(std::int64_t{1})});
    DraftStep step = operation_step(place, {document_, references_, sampler_, secrets_});
    step.name = to_lower(place.method);
    scenario.steps.push_back(std::move(step));
    result_.draft.scenarios.push_back(std::move(scenario));
  }

  static void add_warnings(const OperationPlace& place, std::vector<std::string>& comments) {
    const Node* deprecated = place.operation.find("deprecated");
    if (deprecated != nullptr && deprecated->as_bool() != nullptr && *deprecated->as_bool()) {
      comments.emplace_back("Deprecated.");
    }
    if (place.method == "DELETE") {
      comments.emplace_back("CAREFUL: this deletes. Send it where nothing is missed.");
    } else if (place.method == "PUT" || place.method == "PATCH") {
      comments.emplace_back("CAREFUL: this changes what is there.");
    }
  }

  void add_what_deletes() {
    if (deleting_.empty()) {
      return;
    }
    std::vector<std::string>& heading = result_.draft.heading;
    heading.emplace_back();
    heading.emplace_back("LEFT OUT, because they delete (--include-destructive takes them):");
    for (const std::string& operation : deleting_) {
      heading.push_back("  " + operation);
    }
    note(fmt::format("LEFT OUT: {} operation{} that delete{}; --include-destructive takes them",
                     deleting_.size(), deleting_.size() == 1 ? "" : "s",
                     deleting_.size() == 1 ? "s" : ""));
  }

  const Node& document_;
  const ImportOptions& options_;
  References references_;
  Sampler sampler_;
  Secrets secrets_;
  Names names_;
  std::vector<std::string> deleting_;
  bool full_ = false;
  Imported result_;
};

}  // namespace

Result<Imported> import_openapi(std::string_view text, const ImportOptions& options) {
  const auto document = is_json_text(text) ? read_json(text, options.file, kLimits)
                                           : read_yaml(text, options.file, kLimits);
  if (!document) {
    return fail(document.error());
  }
  if (document->find("openapi") == nullptr && document->find("swagger") == nullptr) {
    return no_description(options.file, "it has neither \"openapi\" nor \"swagger\"", *document);
  }
  const Node* paths = document->find("paths");
  const Node::Object* all = paths != nullptr ? paths->as_object() : nullptr;
  if (all == nullptr) {
    return no_description(options.file, "it has no \"paths\"", *document);
  }
  OpenApiImport import(*document, options);
  for (const Member& path : *all) {
    if (path.key.starts_with('/')) {
      import.add_path(path.key, path.value);
    }
  }
  return import.finish();
}

}  // namespace squall::import
