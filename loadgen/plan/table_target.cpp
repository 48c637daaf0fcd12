// [[target]]
#include "loadgen/base/check.hpp"
#include "loadgen/base/header_fields.hpp"
#include "loadgen/plan/command_line.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/request.hpp"
#include "loadgen/plan/table_target_curl.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::size_t kMaxReplicas = 1024;

void read_urls(const expr::Value& table, expr::TableReader& reader, Build& build,
               model::Target& target) {
  const std::vector<expr::LocatedText> urls = reader.string_list("urls");
  for (const expr::LocatedText& url : urls) {
    auto endpoint = model::parse_endpoint(url.text);
    if (!endpoint) {
      build.diagnostics.error(url.where, endpoint.error().message);
      continue;
    }
    // Whoever wrote the plan vouches for its targets; an address from the command line points an
    // unchanged plan elsewhere.
    if (url.where.file == kTargetOption) {
      build.foreign_hosts.push_back({endpoint->host, endpoint->port, url.where});
    } else {
      build.implied_hosts.push_back(endpoint->host);
    }
    if (!target.replicas.empty() && target.replicas.front().is_tls() != endpoint->is_tls()) {
      build.diagnostics.error(url.where,
                              "the replicas of a target are all http or all https: what one "
                              "encrypts the others must not send open");
      continue;
    }
    target.replicas.push_back(std::move(*endpoint));
  }
  if (const expr::Value* written = table.find("urls");
      written != nullptr && written->as_array() != nullptr && written->as_array()->empty()) {
    reader.error("urls",
                 "a target needs at least one address, for example [\"http://127.0.0.1:8080\"]");
  }
  if (target.replicas.size() > kMaxReplicas) {
    reader.error("urls", fmt::format("a target has at most {} addresses", kMaxReplicas));
  }
}

// Reads `tls` also when it does not belong there, to find what else is wrong with it.
void read_target_tls(expr::TableReader& reader, Build& build, model::Target& target) {
  const std::vector<const expr::Value*> tables = reader.tables("tls");
  const TlsSettings written = tables.empty() ? TlsSettings{} : read_tls(*tables.front(), build);
  if (target.replicas.empty()) {
    return;  // reported, or nothing is known of it
  }
  if (target.replicas.front().is_tls()) {
    target.tls = written;
  } else if (!tables.empty()) {
    reader.error("tls",
                 fmt::format("the target is not behind TLS; write its address as \"https://{}\", "
                             "or leave `tls` out",
                             target.replicas.front().authority()));
  }
}

// A `traceparent` that the plan writes itself is left alone.
void add_trace(expr::TableReader& reader, const Build& build, model::Target& target) {
  // A span that nobody's parent-id names would stand alone.
  target.trace = reader.boolean("trace") || build.plan.load.spans;
  if (!target.trace || has_field(target.headers, "traceparent")) {
    return;
  }
  auto value = expr::Template::parse(
      "{{traceparent}}", {.extracted = {}, .feeders = &build.plan.feeders, .scope = &build.scope});
  SQUALL_CHECK(value);
  value->set_place("header traceparent");
  target.headers.emplace_back("traceparent", *std::move(value));
}

void check_limits(expr::TableReader& reader, const model::Target& target) {
  for (const auto& [key, value] : {std::pair{"timeout", target.timeout},
                                   std::pair{"connect_timeout", target.connect_timeout}}) {
    if (value <= Duration::zero()) {
      reader.error(key, fmt::format("\"{}\" must be above zero, for example \"2s\"", key));
    }
  }
  constexpr std::uint64_t kMinHeader = 256;
  if (target.max_header.bytes < kMinHeader) {
    reader.error(
        "max_header",
        fmt::format("\"max_header\" must be at least {} bytes, for example \"64KiB\"", kMinHeader));
  }
}

}  // namespace

const expr::TableSpec& target_spec() {
  static const expr::TableSpec spec{
      .name = "target",
      .help =
          "An address under load. Several are possible; a scenario or step names its own, else "
          "it is the first.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "For `target` of a scenario or step and for `--target NAME=URL`.",
           .required = true,
           .example = "\"shop\""},
          {.name = "urls",
           .type = ValueType::kStringList,
           .help = "Replicas: scheme, host, port and perhaps a path that goes before each step's; "
                   "arrivals take turns. All http or all https.",
           .required = true,
           .example = "[\"http://127.0.0.1:8080\"]"},
          {.name = "tls",
           .type = ValueType::kTable,
           .help = "How to speak TLS with an https target.",
           .table = &tls_spec(),
           .example = "{ ca = \"staging-ca.pem\" }"},
          {.name = "headers",
           .type = ValueType::kTemplateMap,
           .help = "Sent with each request to this target.",
           .example = "{ Authorization = \"Bearer ${env:TOKEN}\" }"},
          {.name = "trace",
           .type = ValueType::kBoolean,
           .help = "Whether requests carry a `traceparent` (W3C Trace Context), one trace for each "
                   "operation: then a proxy in HTTP mode tells which calls to a dependency an "
                   "operation led to.",
           .default_value = "false"},
          {.name = "timeout",
           .type = ValueType::kDuration,
           .help = "Of an attempt, from the moment at which it has a connection, or opens one, to "
                   "the last byte read. Waiting for a free connection does not count.",
           .default_value = "10s"},
          {.name = "connect_timeout",
           .type = ValueType::kDuration,
           .help = "Until a new connection is there, its TLS handshake included.",
           .default_value = "3s"},
          {.name = "idle_limit",
           .type = ValueType::kDuration,
           .help =
               "A pooled connection that was idle for longer is closed instead of used; keep it "
               "below the server's own limit.",
           .default_value = "4s"},
          {.name = "max_header",
           .type = ValueType::kBytes,
           .help = "Of an answer; beyond it the attempt counts as `oversized`.",
           .default_value = "64KiB"},
          {.name = "max_body_kept",
           .type = ValueType::kBytes,
           .help = "Of an answer's body when a step looks into it; the rest is read and forgotten.",
           .default_value = "1MiB"},
      }};
  static const expr::TableSpec whole = with_curl_keys(spec);
  return whole;
}

void read_targets(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("target", build.diagnostics);
  const std::size_t count =
      bounded(tables.size(), kMaxTargets, "target", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    expr::TableReader reader(*tables[i], target_spec(), build.scope, build.diagnostics);
    model::Target target;
    target.name = reader.string("name");
    if (reader.has("name")) {
      names.add(target.name, reader.where("name"));
    }
    read_urls(*tables[i], reader, build, target);
    read_target_tls(reader, build, target);
    target.headers = read_headers(*tables[i], "headers", reader,
                                  {.extracted = {}, .feeders = &build.plan.feeders});
    add_trace(reader, build, target);
    target.timeout = reader.duration("timeout");
    target.connect_timeout = reader.duration("connect_timeout");
    target.idle_limit = reader.duration("idle_limit");
    target.max_header = reader.bytes("max_header");
    target.max_body_kept = reader.bytes("max_body_kept");
    check_limits(reader, target);
    read_curl_settings(reader, build, target);
    build.plan.targets.push_back(std::move(target));
  }
  check_streams(tables, build);
}

}  // namespace squall::plan
