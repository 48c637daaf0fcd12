#include "loadgen/plan/loader.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/expr/value_shape.hpp"
#include "loadgen/plan/build.hpp"
#include "loadgen/plan/catalogue_page.hpp"
#include "loadgen/plan/command_line.hpp"
#include "loadgen/plan/cross_checks.hpp"
#include "loadgen/plan/hosts.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/overrides.hpp"
#include "loadgen/plan/proxy_address.hpp"
#include "loadgen/plan/service_addresses.hpp"
#include "loadgen/plan/tables.hpp"
#include "loadgen/plan/variables.hpp"

namespace squall::plan {
namespace {

using expr::Value;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kMaxPlanBytes = 4UL * 1024 * 1024;
constexpr std::size_t kMaxPlanName = 100;
constexpr std::size_t kMaxMessage = 4096;

// The entries of a list of tables, in the raw document.
std::vector<const Value*> entries_of(const Value* list) {
  std::vector<const Value*> entries;
  if (list != nullptr && list->as_array() != nullptr) {
    for (const Value& entry : *list->as_array()) {
      entries.push_back(&entry);
    }
  }
  return entries;
}

// A port for one entry, as a name for the rest of the plan: the one that it asks for, else a free
// one.
class Ports {
 public:
  Ports(const LoadOptions& options, expr::Scope& scope, Diagnostics& diagnostics)
      : options_(options), scope_(scope), diagnostics_(diagnostics) {}

  // One that nobody listens on; 0, and reported, when there is none.
  [[nodiscard]] std::uint16_t free_port(const SourceRef& where) {
    const auto free =
        options_.free_port ? options_.free_port() : fail(ErrorCode::kExhausted, "nobody gives any");
    if (!free) {
      diagnostics_.error(where, "no free port: " + free.error().message);
    }
    return free.value_or(0);
  }

  // Defines {{prefix.name}} as `address` and the port.
  void add(const Value& entry, std::string_view prefix, std::string_view name,
           std::string_view address) {
    const Value* asked = entry.find("port");
    const auto* number = asked != nullptr ? std::get_if<std::int64_t>(&asked->data) : nullptr;
    const std::int64_t port = number != nullptr ? *number : free_port(entry.where);
    scope_.define(fmt::format("{}.{}", prefix, name), fmt::format("{}{}", address, port));
  }

 private:
  const LoadOptions& options_;
  expr::Scope& scope_;
  Diagnostics& diagnostics_;
};

const std::string* string_in(const Value& entry, std::string_view key) {
  const Value* value = entry.find(key);
  return value != nullptr ? value->as_string() : nullptr;
}

// {{proxy.NAME}} and {{proxy.NAME.port}}: the address that it asks for, else a free port. One that
// cannot be used is reported where the table is read.
void define_proxy(const Value& entry, const std::string& name, Ports& ports, expr::Scope& scope) {
  const std::string* asked = string_in(entry, "listen");
  const auto listen = asked != nullptr ? parse_proxy_listen(*asked)
                                       : fail(ErrorCode::kNotFound, "a free port is meant");
  const ProxyAddress address =
      listen ? *listen : ProxyAddress{"127.0.0.1", ports.free_port(entry.where), false};
  scope.define(fmt::format("proxy.{}", name), to_text(address));
  scope.define(fmt::format("proxy.{}.port", name), std::to_string(address.port));
}

// {{port.NAME}} for each service, {{proxy.NAME}} for each proxy, {{sink.NAME}} for each oracle that
// listens.
void define_ports(const Value& document, const Registries& registries, const LoadOptions& options,
                  expr::Scope& scope, Diagnostics& diagnostics) {
  Ports ports(options, scope, diagnostics);
  define_services(document, options, scope, diagnostics);
  for (const Value* proxy : entries_of(document.find("proxy"))) {
    if (const std::string* name = string_in(*proxy, "name")) {
      define_proxy(*proxy, *name, ports, scope);
    }
  }
  const Value* effects = document.find("effects");
  for (const Value* oracle : entries_of(effects != nullptr ? effects->find("oracle") : nullptr)) {
    const std::string* word = string_in(*oracle, "kind");
    const model::OracleKind* kind = word != nullptr ? registries.oracles.find(*word) : nullptr;
    if (kind != nullptr && kind->listens) {
      const std::string* name = string_in(*oracle, "name");
      ports.add(*oracle, "sink", name != nullptr ? *name : *word, "127.0.0.1:");
    }
  }
}

void read_head(const Value& document, expr::TableReader& reader, model::Plan& plan) {
  plan.name = reader.string("name");
  const bool printable_name = printable(plan.name, kMaxPlanName) == plan.name;
  const bool is_text =
      document.find("name") != nullptr && document.find("name")->as_string() != nullptr;
  if (is_text && (trim(plan.name).empty() || !printable_name)) {
    reader.error("name",
                 fmt::format("a plan's name is one line of up to {} characters", kMaxPlanName));
  }
  plan.preflight = reader.boolean("preflight");
}

// What --set may do with the guard: add it, or lower it. `own` is the plan's.
void read_max_rate(const Value& document, const std::optional<Value>& own,
                   expr::TableReader& reader, Build& build) {
  if (!reader.has("max_rate")) {
    return;
  }
  const Value& given = *document.find("max_rate");
  const auto names_something = [](const Value& value) {
    return value.as_string() != nullptr && (value.as_string()->find("{{") != std::string::npos ||
                                            value.as_string()->find("${") != std::string::npos);
  };
  if (names_something(given)) {
    reader.error("max_rate",
                 "a guard that a variable could move guards nothing: write the rate itself, for "
                 "example \"500/s\"");
    return;
  }
  const Rate rate = reader.rate("max_rate");
  const std::string* planned = own ? own->as_string() : nullptr;
  const auto before = planned != nullptr ? parse_rate(*planned) : Result<Rate>(rate);
  if (before && rate > *before) {
    reader.error("max_rate",
                 fmt::format("the plan's max_rate is {}, and --set may only lower it; if more is "
                             "meant, change the plan",
                             format_rate(*before)));
  }
  if (rate <= Rate{}) {
    reader.error("max_rate", "a guard of nothing lets nothing through: give a rate above zero");
  }
  build.plan.max_rate = rate;
}

// What follows from faults and actions is not judged when something is wrong with them already.
template <class Read>
void note_completeness(Build& build, Read read) {
  const std::size_t before = build.diagnostics.error_count();
  read();
  build.faults_complete = build.faults_complete && build.diagnostics.error_count() == before;
}

// A plan has traffic, or an [idempotency] that makes its own.
void check_traffic(const Value& document, expr::TableReader& reader, Build& build) {
  const bool any = document.find("load") != nullptr || document.find("scenario") != nullptr;
  build.has_traffic = any || document.find("idempotency") == nullptr;
  if (build.has_traffic) {
    for (const std::string_view key : {"load", "scenario"}) {
      if (document.find(key) == nullptr) {
        expr::KeySpec missing = *plan_spec().find(key);
        missing.required = true;
        build.diagnostics.error(document.where, expr::missing_problem(missing));
      }
    }
    return;
  }
  const auto problem = [](std::string_view key) {
    return fmt::format(
        "`{}` is about the traffic of [load] and [[scenario]], which this plan does not have", key);
  };
  for (const std::string_view key : {"limits", "fault", "skew", "action", "history", "recovery",
                                     "baseline", "detector", "probe"}) {
    if (document.find(key) != nullptr) {
      reader.error(key, problem(key));
    }
  }
  // Findings may be about properties.
  const Value* checks = document.find("checks");
  for (const std::string_view key : {"require", "abort_when"}) {
    if (const Value* given = checks != nullptr ? checks->find(key) : nullptr) {
      build.diagnostics.error(given->where, problem(fmt::format("checks.{}", key)));
    }
  }
}

// The one table of that name; nullptr without any.
const Value* one_table(expr::TableReader& reader, std::string_view key) {
  const std::vector<const Value*> found = reader.tables(key);
  return found.empty() ? nullptr : found.front();
}

// What is judged of the traffic, and what happens beside it.
void read_judging_and_timeline(expr::TableReader& reader, Build& build) {
  read_history(reader.tables("history"), build);
  if (const Value* checks = one_table(reader, "checks")) {
    read_checks(*checks, build);
  }
  if (const Value* recovery = one_table(reader, "recovery")) {
    read_recovery(*recovery, build);
  }
  if (const Value* baseline = one_table(reader, "baseline")) {
    read_baseline(*baseline, build);
  }
  read_probes(reader.tables("probe"), build);
  note_completeness(build, [&] { read_actions(reader.tables("action"), build); });
}

// In the order in which parts refer to each other.
void read_tables(expr::TableReader& reader, Build& build) {
  static const Value no_table{expr::Table{}, {}};
  const auto one = [&](std::string_view key) { return one_table(reader, key); };
  if (const Value* load = one("load")) {
    read_load(*load, build);
  }
  const Value* limits = one("limits");
  read_limits(limits != nullptr ? *limits : no_table, build);
  read_proxies(reader.tables("proxy"), build);
  read_services(reader.tables("service"), build);
  read_feeders(reader.tables("feeder"), build);
  read_targets(reader.tables("target"), build);
  settle_ready_tls(build);
  read_callers(reader.tables("caller"), build);
  if (build.has_traffic) {
    read_scenarios(reader.tables("scenario"), build);
    note_completeness(build, [&] { read_faults(reader.tables("fault"), build); });
    if (const Value* skew = one("skew")) {
      read_skew(*skew, build);
    }
  }
  const Value* effects = one("effects");
  read_effects(effects != nullptr ? *effects : no_table, build);
  if (build.has_traffic) {
    read_judging_and_timeline(reader, build);
  } else if (const Value* checks = one("checks")) {
    read_checks(*checks, build);
  }
  if (const Value* idempotency = one("idempotency")) {
    read_idempotency(*idempotency, build);
  }
  read_setup(reader.tables("setup"), build);
  read_teardown(reader.tables("teardown"), build);
  if (const Value* catalogue = one("catalogue")) {
    // Read for its problems alone: a page that cannot be shown is found before it ships.
    static_cast<void>(read_catalogue(*catalogue, build.scope, build.diagnostics));
  }
  check_hosts(reader.string_list("allow"), build);
}

void check_lists(const Value& document, expr::TableReader& reader) {
  for (const std::string_view key : {"target", "scenario"}) {
    const Value* list = document.find(key);
    if (list != nullptr && list->as_array() != nullptr && list->as_array()->empty()) {
      reader.error(key, fmt::format("a plan needs at least one [[{}]]", key));
    }
  }
}

// A plan of another version would be full of keys that mean nothing here: one message says why.
bool is_readable_format(const Value& document, Diagnostics& diagnostics) {
  const Value* format = document.find("format");
  const auto* version = format != nullptr ? std::get_if<std::int64_t>(&format->data) : nullptr;
  if (version == nullptr || *version == kFormat) {
    return true;
  }
  diagnostics.error(format->where,
                    fmt::format("this squall reads plans of format {}, not {}", kFormat, *version));
  return false;
}

std::uint64_t read_seed(expr::TableReader& reader) {
  if (!reader.has("seed")) {
    return 0;
  }
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::uint64_t>(reader.integer("seed", 0, kMax));
}

std::shared_ptr<model::Plan> read_plan(const Value& document, std::string_view text,
                                       const Registries& registries, const LoadOptions& options,
                                       const std::string& file,
                                       const std::optional<Value>& own_max_rate,
                                       Diagnostics& diagnostics) {
  auto plan = std::make_shared<model::Plan>();
  plan->file = file;
  plan->run_id = choose_run_id(options, diagnostics);
  expr::Scope scope(options.environment);
  scope.set_folder(options.folder.value_or(std::filesystem::path(file).parent_path().string()));
  scope.define("run", plan->run_id);
  define_ports(document, registries, options, scope, diagnostics);
  define_vars(document, scope, diagnostics);
  if (entries_of(document.find("caller")).empty()) {
    scope.refuse("caller",
                 "{{caller}} is the name of one of the plan's callers, and it has none: add a "
                 "[[caller]], or leave {{caller}} out");
  }

  const SourceText source(text, file);
  Build build{.document = document,
              .registries = registries,
              .options = options,
              .scope = scope,
              .diagnostics = diagnostics,
              .plan = *plan,
              .text = source,
              .shared_traffic = {},
              .effect_places = {},
              .fault_places = {},
              .feeder_places = {},
              .foreign_hosts = {},
              .implied_hosts = {}};
  expr::TableReader reader(document, plan_spec(), scope, diagnostics);
  check_traffic(document, reader, build);
  // Before everything that draws: faults derive their streams from it.
  plan->seed = read_seed(reader);
  read_head(document, reader, *plan);
  read_max_rate(document, own_max_rate, reader, build);
  read_tables(reader, build);
  check_lists(document, reader);
  if (build.has_traffic) {
    read_detectors(document, build);
  }
  check_actions(build);
  split_phases(build);
  check_conditions(build);
  check_faults(build);
  check_engines(build);
  check_effects(build);
  check_feeders(build);
  check_max_rate(reader.where("max_rate"), build);
  plan->load.shard = options.shard;
  plan->load.start_at = options.start_at;
  check_shard(build);
  check_bodies(build);
  plan->secrets = scope.secrets();
  return plan;
}

// Messages quote what stands in the plan after names were filled in: secrets and control bytes
// included.
Diagnostics safe_to_print(const Diagnostics& diagnostics, const std::set<std::string>& secrets) {
  Diagnostics clean;
  for (const Diagnostic& item : diagnostics.sorted()) {
    std::string message = printable(model::redact(item.message, secrets), kMaxMessage);
    if (item.severity == Severity::kError) {
      clean.error(item.where, std::move(message));
    } else {
      clean.warning(item.where, std::move(message));
    }
  }
  return clean;
}

// `text` is what the document was read from; empty when there is none.
Loaded load_document(Value document, std::string_view text, const std::string& file,
                     const Registries& registries, const LoadOptions& options) {
  Loaded loaded;
  if (!is_readable_format(document, loaded.diagnostics)) {
    return loaded;
  }
  const Value* const guard = document.find("max_rate");
  const auto own_max_rate = guard != nullptr ? std::optional(*guard) : std::nullopt;
  apply_overrides(document, options.set, loaded.diagnostics);
  apply_command_line(document, options, loaded.diagnostics);
  expand_replicas(document);
  auto plan =
      read_plan(document, text, registries, options, file, own_max_rate, loaded.diagnostics);
  loaded.diagnostics = safe_to_print(loaded.diagnostics, plan->secrets);
  if (!loaded.diagnostics.has_errors()) {
    plan->effective_text = expr::to_toml(document);
    loaded.plan = std::move(plan);
  }
  return loaded;
}

}  // namespace

Loaded load(std::string_view text, std::string file, const Registries& registries,
            const LoadOptions& options) {
  Loaded loaded;
  if (text.size() > kMaxPlanBytes) {
    loaded.diagnostics.error(
        {file, 1, 1}, fmt::format("a plan has at most {}", format_bytes(ByteCount{kMaxPlanBytes})));
    return loaded;
  }
  auto document = expr::parse_toml(text, file);
  if (!document) {
    const Error& error = document.error();
    loaded.diagnostics.error(error.where.value_or(SourceRef{file, 1, 1}), error.message);
    return loaded;
  }
  return load_document(*std::move(document), text, file, registries, options);
}

Loaded load(Value document, std::string file, const Registries& registries,
            const LoadOptions& options) {
  return load_document(std::move(document), {}, file, registries, options);
}

Loaded load_file(const std::string& path, const Registries& registries,
                 const LoadOptions& options) {
  Loaded loaded;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxPlanBytes + 1, '\0');
  if (file) {
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
  }
  // A directory opens and fails to read.
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof())) {
    const int why = errno;
    loaded.diagnostics.error({path, 1, 1}, fmt::format("cannot read the plan: {}",
                                                       std::generic_category().message(why)));
    return loaded;
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return load(text, path, registries, options);
}

}  // namespace squall::plan
