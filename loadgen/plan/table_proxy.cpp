// [[proxy]]
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/pem_file.hpp"
#include "loadgen/plan/proxy_address.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace squall::plan {
namespace {

using expr::ValueType;

// Where the loader has said that it listens: {{proxy.NAME}}.
void take_listen(expr::TableReader& reader, const Build& build, model::ProxyPlan& proxy) {
  if (reader.has("listen")) {
    if (const auto asked = parse_proxy_listen(reader.string("listen")); !asked) {
      reader.error("listen", asked.error().message);
      return;
    }
  }
  proxy.listen =
      build.scope.substitute(fmt::format("{{{{proxy.{}}}}}", proxy.name)).value_or(std::string());
  if (const auto listen = parse_proxy_listen(proxy.listen)) {
    proxy.port = listen->port;
  }
}

void read_upstream(expr::TableReader& reader, Build& build, model::ProxyPlan& proxy) {
  if (!reader.has("upstream")) {
    return;
  }
  const auto upstream = parse_proxy_upstream(reader.string("upstream"));
  if (!upstream) {
    reader.error("upstream", upstream.error().message);
    return;
  }
  proxy.upstream = to_text(*upstream);
  proxy.upstream_host = upstream->host;
  proxy.upstream_port = upstream->port;
  build.foreign_hosts.push_back({upstream->host, upstream->port, reader.where("upstream")});
}

void check_addresses(const expr::TableReader& reader, const model::ProxyPlan& proxy, Build& build) {
  if (proxy.port == 0) {
    return;
  }
  if (model::is_loopback(proxy.upstream_host) && proxy.upstream_port == proxy.port) {
    build.diagnostics.error(reader.where("upstream"),
                            fmt::format("proxy \"{}\" would send to itself", proxy.name));
  }
  for (const model::ProxyPlan& other : build.plan.proxies) {
    if (other.port == proxy.port) {
      build.diagnostics.error(
          reader.where("listen"),
          fmt::format("proxy \"{}\" listens at port {} already", other.name, other.port));
    }
  }
}

// Of the plan's folder; what is in it, the proxy finds out when it starts.
std::string read_directory(expr::TableReader& reader, std::string_view key) {
  return reader.has(key) ? reader.scope().resolve_path(reader.string(key)) : std::string();
}

void read_proxy_tls(const expr::Value& table, bool upstream_is_tls, Build& build,
                    model::ProxyPlan& proxy) {
  expr::TableReader reader(table, proxy_tls_spec(), build.scope, build.diagnostics);
  proxy.tls = {.ca_file = read_pem_file(reader, "ca", "CERTIFICATE"),
               .server_name = reader.string("server_name"),
               .insecure = reader.boolean("insecure"),
               .terminate = reader.boolean("terminate"),
               .certificate_file = read_pem_file(reader, "certificate", "CERTIFICATE"),
               .key_file = read_pem_file(reader, "key", "PRIVATE KEY"),
               .ca_directory = read_directory(reader, "ca_directory")};
  for (const std::string_view key : {"ca", "server_name", "insecure"}) {
    if (reader.has(key) && !upstream_is_tls) {
      reader.error(key, fmt::format("`{}` is about an upstream that speaks TLS: write it as "
                                    "\"https://host:port\"",
                                    key));
    }
  }
  for (const std::string_view key : {"certificate", "key", "ca_directory"}) {
    if (reader.has(key) && !proxy.tls.terminate) {
      reader.error(key, fmt::format("`{}` is for proxies that speak TLS with their clients: add "
                                    "terminate = true",
                                    key));
    }
  }
  if (reader.has("certificate") != reader.has("key")) {
    reader.error(reader.has("key") ? "key" : "certificate", "`certificate` and `key` go together");
  }
}

}  // namespace

const expr::TableSpec& proxy_tls_spec() {
  static const expr::TableSpec spec{
      .name = "proxy.tls",
      .help =
          "TLS at the two ends of a proxy. Without it bytes pass as they are, TLS inside them "
          "included. Files are relative to the plan's folder.",
      .keys = {
          {.name = "ca",
           .type = ValueType::kString,
           .help = "File (PEM) with the certificates of who may vouch for an upstream written "
                   "`https://…`, instead of the system's.",
           .example = "\"staging-ca.pem\""},
          {.name = "server_name",
           .type = ValueType::kString,
           .help = "Name that is asked of that upstream and that its certificate must have; by "
                   "default its host.",
           .example = "\"db.example\""},
          {.name = "insecure",
           .type = ValueType::kBoolean,
           .help = "Accepts any certificate of that upstream.",
           .default_value = "false"},
          {.name = "terminate",
           .type = ValueType::kBoolean,
           .help = "Clients speak TLS with the proxy.",
           .default_value = "false"},
          {.name = "certificate",
           .type = ValueType::kString,
           .help = "File (PEM) with the certificate, and its chain, that they see. Without it "
                   "squall's own CA signs one for each name that they ask for.",
           .example = "\"proxy.pem\""},
          {.name = "key",
           .type = ValueType::kString,
           .help = "File (PEM) with the private key of `certificate`.",
           .example = "\"proxy-key.pem\""},
          {.name = "ca_directory",
           .type = ValueType::kString,
           .help = "Where squall's CA is, when that is not its usual place.",
           .example = "\"ca\""},
      }};
  return spec;
}

const expr::TableSpec& proxy_spec() {
  static const expr::TableSpec spec{
      .name = "proxy",
      .help =
          "A fault proxy in front of anything that speaks TCP. It listens on this host from before "
          "the services start until they have ended, and connects to what is behind it only when "
          "somebody connects to it. Its address is `{{proxy.NAME}}`, `127.0.0.1:41234`, and "
          "`{{proxy.NAME.port}}` the port alone: for services, targets and oracles.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "Names its address, and what faults with `proxy` refer to.",
           .required = true,
           .example = "\"psp\""},
          {.name = "upstream",
           .type = ValueType::kString,
           .help =
               "What is behind it: host and port, with `https://` in front when the proxy is to "
               "speak TLS with it. Outside this host it must be allowed, as "
               "`allow` says.",
           .required = true,
           .example = "\"127.0.0.1:{{port.psp}}\""},
          {.name = "listen",
           .type = ValueType::kString,
           .help = "Where it listens, when that must not be a free port: an address of this host "
                   "alone, written out.",
           .example = "\"127.0.0.1:15432\""},
          {.name = "mode",
           .type = ValueType::kString,
           .help = "`tcp` passes bytes on; `http` sees HTTP/1.1 exchanges besides, which faults "
                   "named `http_…` need and detectors learn from. What is no HTTP passes as bytes.",
           .default_value = "tcp",
           .choices = {"tcp", "http"}},
          {.name = "half_close",
           .type = ValueType::kString,
           .help = "What becomes of a connection whose one direction has ended: `kept` passes that "
                   "on and lets the other go on, `closed` ends both, as Toxiproxy does.",
           .default_value = "kept",
           .choices = {"kept", "closed"}},
          {.name = "tls",
           .type = ValueType::kTable,
           .help = "How it speaks TLS.",
           .table = &proxy_tls_spec(),
           .example = "{ terminate = true }"},
      }};
  return spec;
}

void read_proxies(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("proxy", build.diagnostics);
  const std::size_t count = bounded(tables.size(), kMaxProxies, "proxy", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    expr::TableReader reader(*tables[i], proxy_spec(), build.scope, build.diagnostics);
    model::ProxyPlan proxy;
    proxy.where = reader.where();
    proxy.name = reader.string("name");
    if (reader.has("name")) {
      names.add(proxy.name, reader.where("name"));
    }
    take_listen(reader, build, proxy);
    read_upstream(reader, build, proxy);
    proxy.mode = reader.string("mode") == "http" ? model::ProxyMode::kHttp : model::ProxyMode::kTcp;
    proxy.ends = reader.string("half_close") == "closed" ? model::ProxyEnds::kClose
                                                         : model::ProxyEnds::kKept;
    for (const expr::Value* tls : reader.tables("tls")) {
      read_proxy_tls(*tls, proxy.upstream.starts_with("https://"), build, proxy);
    }
    check_addresses(reader, proxy, build);
    build.plan.proxies.push_back(std::move(proxy));
  }
}

}  // namespace squall::plan
