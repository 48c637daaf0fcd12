// [[service]]
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/request.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace squall::plan {
namespace {

using expr::ValueType;

void read_command(expr::TableReader& reader, model::Service& service) {
  for (const expr::LocatedText& word : reader.string_list("command")) {
    if (word.text.find('\0') != std::string::npos) {
      reader.diagnostics().error(word.where, "a word of a command cannot hold a NUL byte");
    }
    service.command.push_back(word.text);
  }
  if (reader.has("command") && (service.command.empty() || service.command.front().empty())) {
    reader.error("command",
                 "a command needs a program, for example [\"squall-shop\", \"psp\", \"--port\", "
                 "\"{{port.psp}}\"]");
  }
}

void read_environment(expr::TableReader& reader, model::Service& service) {
  if (!reader.has("environment")) {
    return;
  }
  for (const auto& [name, value] : reader.template_map("environment", {})) {
    if (!value.is_literal()) {
      reader.error("environment",
                   fmt::format("{} = \"{}\": a service starts before any request, so "
                               "only {{{{var.…}}}}, {{{{port.…}}}} and {{{{run}}}} exist",
                               name, value.source()));
    }
    if (name.empty() || name.find_first_of(std::string("=\0", 2)) != std::string::npos) {
      reader.error("environment", fmt::format("\"{}\" cannot be the name of a variable", name));
    }
    service.environment.emplace_back(name, value.literal());
  }
}

void read_ready(expr::TableReader& reader, Build& build, model::Service& service) {
  service.ready = reader.string("ready");
  if (service.ready.empty()) {
    return;
  }
  const auto probe = parse_probe(service.ready);
  if (!probe) {
    reader.error("ready", probe.error().message);
    return;
  }
  build.foreign_hosts.push_back(
      {probe->endpoint.host, probe->endpoint.port, reader.where("ready")});
}

std::uint16_t port_of(const std::string& name, const Build& build) {
  const std::string text =
      build.scope.substitute(fmt::format("{{{{port.{}}}}}", name)).value_or(std::string());
  return static_cast<std::uint16_t>(std::strtoul(text.c_str(), nullptr, 10));
}

}  // namespace

const expr::TableSpec& service_spec() {
  static const expr::TableSpec spec{
      .name = "service",
      .help =
          "A process that squall starts before the run, watches, and ends with everything it "
          "started. Each gets a free port, `{{port.NAME}}`. Services start in the order of the "
          "plan, each when the one before is ready.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "Names its port and its log, `services/NAME.log`.",
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
          {.name = "environment",
           .type = ValueType::kTemplateMap,
           .help = "Variables beside squall's own environment.",
           .example = "{ LOG_LEVEL = \"debug\" }"},
          {.name = "ready",
           .type = ValueType::kString,
           .help = "Probe that answers with 2xx when the service is ready; without it a service "
                   "counts as ready once it runs.",
           .example = "\"GET http://127.0.0.1:{{port.shop}}/readyz\""},
          {.name = "ready_timeout",
           .type = ValueType::kDuration,
           .help = "After which a service that is not ready ends the run.",
           .default_value = "10s"},
      }};
  return spec;
}

void read_services(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("service", build.diagnostics);
  const std::size_t count =
      bounded(tables.size(), kMaxServices, "service", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    expr::TableReader reader(*tables[i], service_spec(), build.scope, build.diagnostics);
    model::Service service;
    service.where = reader.where();
    service.name = reader.string("name");
    if (reader.has("name")) {
      names.add(service.name, reader.where("name"));
    }
    read_command(reader, service);
    read_environment(reader, service);
    read_ready(reader, build, service);
    service.ready_timeout = reader.duration("ready_timeout");
    service.port = port_of(service.name, build);
    build.plan.services.push_back(std::move(service));
  }
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
