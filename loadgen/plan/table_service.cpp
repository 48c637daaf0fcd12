// [[service]]
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/kinds.hpp"
#include "loadgen/plan/request.hpp"
#include "loadgen/plan/service_addresses.hpp"
#include "loadgen/plan/tables.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/braces.hpp"
#include "loadgen/model/limit_keys.hpp"
#include "loadgen/model/signal_name.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::string_view kTcp = "tcp ";

// What is filled in while the plan is read has been by now: a dotted name that is left is none of
// them, and the program would get it as it stands. Other words in braces may be its own language.
void check_braces(expr::TableReader& reader, const expr::LocatedText& word) {
  std::size_t from = 0;
  while (true) {
    const auto braces = expr::find_braces(word.text, from);
    if (!braces || !*braces) {
      return;
    }
    const std::string_view name = (*braces)->inside;
    const std::size_t dot = name.find('.');
    if (dot != std::string_view::npos && is_plain_name(name.substr(0, dot)) &&
        is_plain_name(name.substr(dot + 1))) {
      reader.diagnostics().error(
          word.where, fmt::format("{{{{{}}}}} is not defined; a command knows {{{{port.NAME}}}}, "
                                  "{{{{dir.NAME}}}}, {{{{proxy.NAME}}}}, {{{{var.NAME}}}} and "
                                  "{{{{run}}}}",
                                  printable(name)));
    }
    from = (*braces)->end;
  }
}

std::vector<std::string> read_command(expr::TableReader& reader, std::string_view key) {
  std::vector<std::string> command;
  for (const expr::LocatedText& word : reader.string_list(key)) {
    if (word.text.find('\0') != std::string::npos) {
      reader.diagnostics().error(word.where, "a word of a command cannot hold a NUL byte");
    }
    check_braces(reader, word);
    command.push_back(word.text);
  }
  if (reader.has(key) && (command.empty() || command.front().empty())) {
    reader.error(key,
                 "a command needs a program, for example [\"squall-shop\", \"psp\", \"--port\", "
                 "\"{{port.psp}}\"]");
  }
  return command;
}

void check_ready_host(std::string_view host, std::uint16_t port, expr::TableReader& reader,
                      Build& build) {
  build.foreign_hosts.push_back({std::string(host), port, reader.where("ready")});
}

void read_tcp_ready(std::string_view place, expr::TableReader& reader, Build& build) {
  const auto endpoint = model::parse_endpoint(fmt::format("http://{}", place));
  const bool has_port = place.rfind(':') != std::string_view::npos;
  if (!endpoint || !has_port || !endpoint->base_path.empty()) {
    reader.error("ready", fmt::format("\"{}\" is not an address; write for example \"tcp "
                                      "127.0.0.1:{{{{port.db}}}}\"",
                                      place));
    return;
  }
  check_ready_host(endpoint->host, endpoint->port, reader, build);
}

void read_ready(expr::TableReader& reader, Build& build, model::Service& service) {
  service.ready = reader.string("ready");
  service.ready_timeout = reader.duration("ready_timeout");
  if (reader.has("ready_command")) {
    service.ready_command = read_command(reader, "ready_command");
    if (reader.has("ready")) {
      reader.error("ready_command", "a service has one way to be ready: `ready` or this");
    }
  }
  if (service.ready.starts_with(kTcp)) {
    read_tcp_ready(std::string_view(service.ready).substr(kTcp.size()), reader, build);
    return;
  }
  if (service.ready.empty()) {
    return;
  }
  const auto probe = parse_probe(service.ready);
  if (!probe) {
    reader.error("ready", probe.error().message +
                              ", or \"tcp 127.0.0.1:{{port.db}}\" for what "
                              "only accepts connections");
    return;
  }
  check_ready_host(probe->endpoint.host, probe->endpoint.port, reader, build);
}

void read_prepare(expr::TableReader& reader, model::Service& service) {
  for (const expr::Value* table : reader.tables("prepare")) {
    expr::TableReader step(*table, service_prepare_spec(), reader.scope(), reader.diagnostics());
    model::PreparedCommand prepared{read_command(step, "command"), step.duration("timeout"),
                                    step.where()};
    if (prepared.timeout <= Duration::zero()) {
      step.error("timeout", "nothing is done in no time: write for example \"60s\"");
    }
    service.prepare.push_back(std::move(prepared));
  }
}

void read_limits_of(expr::TableReader& reader, model::Service& service) {
  const std::vector<const expr::Value*> tables = reader.tables("limits");
  if (tables.empty()) {
    return;
  }
  expr::TableReader limits(*tables.front(), service_limits_spec(), reader.scope(),
                           reader.diagnostics());
  service.limits = model::read_limit_keys(limits);
  if (service.limits.processes && ::geteuid() == 0 &&
      (service.user.empty() || service.user == "root")) {
    limits.error("processes",
                 "the kernel exempts root from this limit: give the service a `user`, or run "
                 "squall as somebody else");
  }
}

void read_stop(expr::TableReader& reader, model::Service& service) {
  const std::string name = reader.string("stop_signal");
  if (const auto signal = model::signal_named(name)) {
    service.stop_signal = *signal;
  } else {
    reader.error("stop_signal",
                 fmt::format("\"{}\" is no signal; write for example \"SIGINT\"", name));
  }
  constexpr Duration kMost = std::chrono::seconds(60);
  service.stop_timeout = reader.duration("stop_timeout");
  if (service.stop_timeout > kMost) {
    reader.error("stop_timeout", "at most \"60s\": so long a run would wait for its own end");
  }
}

void read_replica_count(const expr::Value& table, expr::TableReader& reader) {
  const expr::Value* asked = table.find("replicas");
  if (asked != nullptr && asked->as_string() != nullptr) {
    reader.error("replicas",
                 "ports are given before variables are known: write the number itself; `--set "
                 "service.NAME.replicas=3` changes it");
    return;
  }
  (void)reader.integer("replicas", 1, kMaxReplicasOfService);
}

std::string directory_of(expr::TableReader& reader) {
  return reader.has("directory") ? reader.scope().resolve_path(reader.string("directory")) : "";
}

model::Service read_replica(const expr::Value& table, expr::TableReader& reader, Build& build) {
  model::Service service;
  service.where = reader.where();
  service.name = reader.string("name");
  service.command = read_command(reader, "command");
  service.environment = read_environment(reader, "environment");
  read_ready(reader, build, service);
  service.user = reader.string("user");
  service.directory = directory_of(reader);
  read_prepare(reader, service);
  read_limits_of(reader, service);
  read_stop(reader, service);
  read_replica_count(table, reader);
  const auto own = [&](const char* prefix) {
    return reader.scope()
        .substitute(fmt::format("{{{{{}.{}}}}}", prefix, service.name))
        .value_or(std::string());
  };
  service.port = static_cast<std::uint16_t>(std::strtoul(own("port").c_str(), nullptr, 10));
  if (uses_directory(build.document, service.name)) {
    service.data_directory = own("dir");
  }
  return service;
}

// "shop" with two replicas has a process that is called as the service "shop-2" is.
void check_labels(Build& build) {
  for (const model::Service& one : build.plan.services) {
    for (const model::Service& other : build.plan.services) {
      if (one.replicas > 1 && other.replicas == 1 && one.label() == other.name) {
        build.diagnostics.error(
            other.where, fmt::format("\"{}\" is what replica {} of service \"{}\" is called: "
                                     "give this service another name",
                                     other.name, one.replica, one.name));
      }
    }
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_environment(expr::TableReader& reader,
                                                                  std::string_view key) {
  std::vector<std::pair<std::string, std::string>> environment;
  if (!reader.has(key)) {
    return environment;
  }
  for (const auto& [name, value] : reader.template_map(key, {})) {
    if (!value.is_literal()) {
      reader.error(key, fmt::format("{} = \"{}\": a service starts before any request, so "
                                    "only {{{{var.…}}}}, {{{{port.…}}}} and {{{{run}}}} exist",
                                    name, value.source()));
    }
    if (name.empty() || name.find_first_of(std::string("=\0", 2)) != std::string::npos) {
      reader.error(key, fmt::format("\"{}\" cannot be the name of a variable", name));
    }
    environment.emplace_back(name, value.literal());
  }
  return environment;
}

const expr::TableSpec& service_prepare_spec() {
  static const expr::TableSpec spec{
      .name = "service.prepare",
      .help =
          "A command that runs to its end before the service starts, with its environment, user "
          "and directory; its output is in `services/NAME.prepare.log`. One that does not exit "
          "with 0 ends the run.",
      .keys = {{.name = "command",
                .type = ValueType::kStringList,
                .help = "Program and arguments, as of the service.",
                .required = true,
                .example = "[\"initdb\", \"-D\", \"{{dir.db}}/data\"]"},
               {.name = "timeout",
                .type = ValueType::kDuration,
                .help = "After which it is killed.",
                .default_value = "60s"}}};
  return spec;
}

const expr::TableSpec& service_limits_spec() {
  static const expr::TableSpec spec{
      .name = "service.limits",
      .help = "What the kernel lets each process of the service use; it cannot raise that itself.",
      .keys = model::limit_keys()};
  return spec;
}

// NOLINTNEXTLINE(readability-function-size): a table
const expr::TableSpec& service_spec() {
  static const expr::TableSpec spec{
      .name = "service",
      .help =
          "A process that squall starts before the run, watches, and ends with everything it "
          "started. Each gets a free port, `{{port.NAME}}`. Services start in the order of the "
          "plan, each when the one before is ready. With `replicas`, each process has a port of "
          "its own: in the service's own table `{{port.NAME}}` is that of the process and "
          "`{{replica}}` its number; elsewhere `{{port.NAME.2}}` is that of the second, and an "
          "address with `{{port.NAME}}` in the `urls` of a target stands for all of them.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "Names its port and its log, `services/NAME.log`, with replicas "
                   "`services/NAME-1.log` and so on.",
           .required = true,
           .example = "\"shop\""},
          {.name = "command",
           .type = ValueType::kStringList,
           .help = "Program and arguments; the program is looked up beside `squall`, then in PATH; "
                   "one with a slash is a path from the plan's folder, where the "
                   "service runs: relative paths among its arguments start there too. No shell is "
                   "involved.",
           .required = true,
           .example = "[\"squall-shop\", \"shop\", \"--port\", \"{{port.shop}}\"]"},
          {.name = "replicas",
           .type = ValueType::kInteger,
           .help = "How many processes of it run, up to 64.",
           .default_value = "1"},
          {.name = "environment",
           .type = ValueType::kTemplateMap,
           .help = "Variables beside squall's own environment.",
           .example = "{ LOG_LEVEL = \"debug\" }"},
          {.name = "directory",
           .type = ValueType::kString,
           .help = "Where it runs, a path from the plan's folder; that folder unless given. "
                   "`{{dir.NAME}}` is a fresh directory of its own, made before it starts, owned "
                   "by its user and removed with the run, also when squall is killed.",
           .example = "\"{{dir.db}}\""},
          {.name = "user",
           .type = ValueType::kString,
           .help = "Whom it runs as when squall is root; otherwise it runs as whoever runs squall.",
           .example = "\"postgres\""},
          {.name = "prepare",
           .type = ValueType::kTableList,
           .help = "Commands before it, one after the other.",
           .table = &service_prepare_spec()},
          {.name = "ready",
           .type = ValueType::kString,
           .help = "Probe that answers with 2xx when the service is ready, or `tcp HOST:PORT` for "
                   "one that is ready when it accepts a connection; without it a service "
                   "counts as ready once it runs.",
           .example = "\"GET http://127.0.0.1:{{port.shop}}/readyz\""},
          {.name = "ready_command",
           .type = ValueType::kStringList,
           .help = "Instead of `ready`: a command that exits with 0 when the service is ready.",
           .example = "[\"pg_isready\", \"-p\", \"{{port.db}}\"]"},
          {.name = "ready_timeout",
           .type = ValueType::kDuration,
           .help = "After which a service that is not ready ends the run.",
           .default_value = "10s"},
          {.name = "limits",
           .type = ValueType::kTable,
           .help = "What it may use.",
           .table = &service_limits_spec(),
           .example = "{ memory = \"256MB\", open_files = 64 }"},
          {.name = "stop_signal",
           .type = ValueType::kString,
           .help = "Asks it, and what it started, to end.",
           .default_value = "SIGTERM"},
          {.name = "stop_timeout",
           .type = ValueType::kDuration,
           .help = "From that signal to SIGKILL.",
           .default_value = "1s"},
      }};
  return spec;
}

void read_services(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("service", build.diagnostics);
  const std::size_t count =
      bounded(tables.size(), kMaxServices, "service", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t replicas = replicas_of(*tables[i]);
    for (std::size_t replica = 1; replica <= replicas; ++replica) {
      const std::string name = peek_string(*tables[i], "name", build.scope);
      const expr::Scope scope = scope_of_replica(build.scope, name, replica, replicas);
      expr::TableReader reader(*tables[i], service_spec(), scope, build.diagnostics);
      if (replica == 1 && reader.has("name")) {
        names.add(name, reader.where("name"));
      }
      model::Service service = read_replica(*tables[i], reader, build);
      service.replica = static_cast<unsigned>(replica);
      service.replicas = static_cast<unsigned>(replicas);
      build.plan.services.push_back(std::move(service));
      for (const std::string& secret : scope.secrets()) {
        build.scope.add_secret(secret);
      }
    }
  }
  check_labels(build);
}

void settle_ready_tls(Build& build) {
  const std::vector<model::TlsPeer> peers = build.plan.tls_peers();
  for (model::Service& service : build.plan.services) {
    const auto probe = parse_probe(service.ready);
    if (probe && probe->endpoint.is_tls()) {
      service.ready_tls = model::tls_for(peers, probe->endpoint.host, probe->endpoint.port);
    }
  }
}

}  // namespace squall::plan
