#include "loadgen/plan/table_target_curl.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/request.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;
using model::AuthKind;
using model::EngineKind;
using model::HttpVersion;

constexpr std::int64_t kMaxStreams = 1000;
constexpr std::int64_t kMaxRedirects = 50;

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && port > 0 ? std::optional(port) : std::nullopt;
}

void read_proxy(expr::TableReader& reader, Build& build, model::CurlSettings& curl) {
  if (!reader.has("proxy")) {
    return;
  }
  curl.proxy = reader.string("proxy");
  const std::size_t scheme_end = curl.proxy.find("://");
  const std::string scheme = curl.proxy.substr(0, scheme_end);
  if (scheme_end == std::string::npos ||
      (scheme != "http" && scheme != "socks5h" && scheme != "socks5")) {
    reader.error("proxy",
                 "a proxy is an http, socks5 or socks5h (it resolves the names) address, for "
                 "example \"socks5h://127.0.0.1:1080\"");
    return;
  }
  std::string address = curl.proxy.substr(scheme_end + 3);
  const std::size_t user_end = address.rfind('@');
  if (user_end != std::string::npos) {
    address.erase(0, user_end + 1);
  }
  const auto endpoint = model::parse_endpoint("http://" + address);
  const std::size_t colon = address.rfind(':');
  if (!endpoint || !endpoint->base_path.empty() || colon == std::string::npos ||
      !port_of(std::string_view(address).substr(colon + 1))) {
    reader.error("proxy",
                 "a proxy is scheme, host and port, for example \"socks5h://127.0.0.1:1080\"");
    return;
  }
  build.foreign_hosts.push_back({endpoint->host, endpoint->port, reader.where("proxy")});
}

// The words that a kind of auth needs; any other is an error.
std::vector<std::string_view> words_of(AuthKind kind) {
  switch (kind) {
    case AuthKind::kNone:
      return {};
    case AuthKind::kBasic:
    case AuthKind::kDigest:
      return {"user", "password"};
    case AuthKind::kBearer:
      return {"token"};
    case AuthKind::kAwsSigv4:
      return {"access_key", "secret_key", "region", "service"};
  }
  return {};
}

AuthKind auth_kind(std::string_view word) {
  return word == "basic"    ? AuthKind::kBasic
         : word == "digest" ? AuthKind::kDigest
         : word == "bearer" ? AuthKind::kBearer
                            : AuthKind::kAwsSigv4;
}

void read_auth(expr::TableReader& outer, model::CurlSettings& curl) {
  for (const expr::Value* table : outer.tables("auth")) {
    expr::TableReader reader(*table, auth_spec(), outer.scope(), outer.diagnostics());
    if (!reader.has("kind")) {
      return;
    }
    model::AuthSettings& auth = curl.auth;
    auth.kind = auth_kind(reader.string("kind"));
    const auto words = words_of(auth.kind);
    for (const expr::KeySpec& key : auth_spec().keys) {
      const bool wanted = std::find(words.begin(), words.end(), key.name) != words.end();
      if (wanted && !reader.has(key.name)) {
        reader.error("kind", fmt::format("auth of kind \"{}\" needs {}", reader.string("kind"),
                                         join_or({words.begin(), words.end()})));
        break;
      }
      if (!wanted && key.name != "kind" && reader.has(key.name)) {
        reader.error(key.name, fmt::format("auth of kind \"{}\" has no \"{}\"; it has {}",
                                           reader.string("kind"), key.name,
                                           join_or({words.begin(), words.end()})));
      }
    }
    auth.user = reader.string(auth.kind == AuthKind::kAwsSigv4 ? "access_key" : "user");
    auth.password = reader.string(auth.kind == AuthKind::kAwsSigv4 ? "secret_key" : "password");
    auth.token = reader.string("token");
    auth.region = reader.string("region");
    auth.service = reader.string("service");
  }
}

// "host:port:other-host:other-port", as libcurl's CURLOPT_CONNECT_TO.
void read_connect_to(expr::TableReader& reader, Build& build, model::CurlSettings& curl) {
  constexpr std::size_t kParts = 4;
  const auto entries = reader.string_list("connect_to");
  for (const expr::LocatedText& entry : entries) {
    const auto parts = split(entry.text, ':');
    const auto port = parts.size() == kParts ? port_of(parts[3]) : std::nullopt;
    if (!port || parts[0].empty() || parts[2].empty() || !port_of(parts[1])) {
      build.diagnostics.error(entry.where,
                              fmt::format("\"{}\" is not \"host:port:other-host:other-port\", for "
                                          "example \"shop.example:443:127.0.0.1:8443\"",
                                          printable(entry.text)));
      continue;
    }
    build.foreign_hosts.push_back({to_lower(parts[2]), *port, entry.where});
    curl.connect_to.push_back(entry.text);
  }
}

// "host:port:address", as libcurl's CURLOPT_RESOLVE.
void read_resolve(expr::TableReader& reader, Build& build, model::CurlSettings& curl) {
  const auto entries = reader.string_list("resolve");
  for (const expr::LocatedText& entry : entries) {
    const std::size_t first = entry.text.find(':');
    const std::size_t second = first == std::string::npos ? first : entry.text.find(':', first + 1);
    const auto port =
        second == std::string::npos
            ? std::nullopt
            : port_of(std::string_view(entry.text).substr(first + 1, second - first - 1));
    std::string address = second == std::string::npos ? "" : entry.text.substr(second + 1);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
      address = address.substr(1, address.size() - 2);
    }
    const bool literal = !address.empty() &&
                         address.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos;
    if (first == 0 || !port || !literal) {
      build.diagnostics.error(entry.where,
                              fmt::format("\"{}\" is not \"host:port:address\", for example "
                                          "\"shop.example:443:127.0.0.1\"",
                                          printable(entry.text)));
      continue;
    }
    build.foreign_hosts.push_back({to_lower(address), *port, entry.where});
    curl.resolve.push_back(entry.text);
  }
}

void check_http(expr::TableReader& reader, const model::Target& target) {
  const bool any_plain = std::any_of(target.replicas.begin(), target.replicas.end(),
                                     [](const auto& replica) { return replica.scheme == "http"; });
  const bool any_tls = std::any_of(target.replicas.begin(), target.replicas.end(),
                                   [](const auto& replica) { return replica.scheme == "https"; });
  if (target.curl.http == HttpVersion::k2 && any_plain) {
    reader.error("http",
                 "HTTP/2 is agreed on in the TLS handshake, so \"2\" needs https addresses; a "
                 "server that speaks it without TLS is \"2-prior-knowledge\"");
  } else if (target.curl.http == HttpVersion::k2PriorKnowledge && any_tls) {
    reader.error("http", "\"2-prior-knowledge\" is HTTP/2 without TLS; with https write \"2\"");
  }
}

void choose_engine(expr::TableReader& reader, model::Target& target) {
  const std::string choice = reader.string("engine");
  const std::string need = target.curl.needs_curl();
  if (choice == "native" && !need.empty()) {
    reader.error("engine",
                 fmt::format("the native engine cannot do {}; write engine = \"curl\" or leave the "
                             "key out",
                             need));
    return;
  }
  if (choice != "auto") {
    target.engine = choice == "curl" ? EngineKind::kCurl : EngineKind::kNative;
    target.engine_why = "asked for";
  } else if (!need.empty()) {
    target.engine = EngineKind::kCurl;
    target.engine_why = need;
  }
}

std::vector<expr::KeySpec> curl_keys() {
  return {
      {.name = "engine",
       .type = ValueType::kString,
       .help =
           "`native` is the fast lane and the one that can be cruel on the wire; `curl` does "
           "everything that curl does. `auto` takes native unless a key below needs curl. A plan "
           "with both divides `load.connections` by their numbers of targets.",
       .default_value = "auto",
       .choices = {"auto", "native", "curl"}},
      {.name = "http",
       .type = ValueType::kString,
       .help = "`2` is HTTP/2 agreed on by ALPN (nothing is sent to a server that does not choose "
               "it), `2-prior-knowledge` is HTTP/2 without TLS, on a connection for each request "
               "(libcurl 7.88 "
               "cannot use such a one again). Needs curl.",
       .default_value = "1.1",
       .choices = {"1.1", "2", "2-prior-knowledge"}},
      {.name = "max_streams",
       .type = ValueType::kInteger,
       .help = "Exchanges on one HTTP/2 connection; a further connection is opened when all are "
               "full. Keep it at or below the server's own limit.",
       .default_value = "100"},
      {.name = "proxy",
       .type = ValueType::kString,
       .help = "An `http`, `socks5` or `socks5h` proxy on the way to the target. Needs curl.",
       .example = "\"socks5h://127.0.0.1:1080\""},
      {.name = "auth",
       .type = ValueType::kTable,
       .help = "Credentials. Needs curl; a bearer token alone can also stand in `headers`.",
       .table = &auth_spec(),
       .example = "{ kind = \"digest\", user = \"alice\", password = \"${env:PASSWORD}\" }"},
      {.name = "cookies",
       .type = ValueType::kBoolean,
       .help = "Keep cookies: a jar for each iteration or virtual user. Needs curl.",
       .default_value = "false"},
      {.name = "compression",
       .type = ValueType::kBoolean,
       .help = "Accept compressed answers and decode them; bytes are counted on the wire and "
               "decoded. Needs curl.",
       .default_value = "false"},
      {.name = "unix_socket",
       .type = ValueType::kString,
       .help = "Path of a socket to connect to instead of the host. Needs curl.",
       .example = "\"/run/shop.sock\""},
      {.name = "connect_to",
       .type = ValueType::kStringList,
       .help = "Other places to connect to, `host:port:other-host:other-port`; the request keeps "
               "its host. Needs curl.",
       .example = "[\"shop.example:443:127.0.0.1:8443\"]"},
      {.name = "resolve",
       .type = ValueType::kStringList,
       .help = "Addresses of names, `host:port:address`. Needs curl.",
       .example = "[\"shop.example:443:127.0.0.1\"]"},
      {.name = "redirects",
       .type = ValueType::kInteger,
       .help = "Redirects followed at most, to hosts that squall may send to; one to another host "
               "fails the attempt (`unexpected`). Needs curl.",
       .default_value = "0"},
  };
}

}  // namespace

const expr::TableSpec& auth_spec() {
  static const expr::TableSpec spec{
      .name = "target.auth",
      .help = "How requests to this target say who they are.",
      .keys = {
          {.name = "kind",
           .type = ValueType::kString,
           .help = "`basic` and `digest` need `user` and `password`, `bearer` a `token`, "
                   "`aws_sigv4` `access_key`, `secret_key`, `region` and `service`; libcurl signs "
                   "with the real clock, which no `clock_skew` moves.",
           .required = true,
           .choices = {"basic", "digest", "bearer", "aws_sigv4"}},
          {.name = "user", .help = "Of `basic` and `digest`.", .example = "\"alice\""},
          {.name = "password",
           .help = "Of `basic` and `digest`.",
           .example = "\"${env:PASSWORD}\""},
          {.name = "token", .help = "Of `bearer`.", .example = "\"${env:TOKEN}\""},
          {.name = "access_key", .help = "Of `aws_sigv4`.", .example = "\"${env:AWS_KEY}\""},
          {.name = "secret_key", .help = "Of `aws_sigv4`.", .example = "\"${env:AWS_SECRET}\""},
          {.name = "region", .help = "Of `aws_sigv4`.", .example = "\"eu-central-1\""},
          {.name = "service", .help = "Of `aws_sigv4`.", .example = "\"execute-api\""},
      }};
  return spec;
}

expr::TableSpec with_curl_keys(expr::TableSpec target) {
  for (expr::KeySpec& key : curl_keys()) {
    target.keys.push_back(std::move(key));
  }
  return target;
}

void read_curl_settings(expr::TableReader& reader, Build& build, model::Target& target) {
  model::CurlSettings& curl = target.curl;
  const std::string http = reader.string("http");
  curl.http = http == "2"                   ? HttpVersion::k2
              : http == "2-prior-knowledge" ? HttpVersion::k2PriorKnowledge
                                            : HttpVersion::k1;
  curl.max_streams = static_cast<unsigned>(reader.integer("max_streams", 1, kMaxStreams));
  read_proxy(reader, build, curl);
  read_auth(reader, curl);
  curl.cookies = reader.boolean("cookies");
  curl.compression = reader.boolean("compression");
  curl.unix_socket = reader.string("unix_socket");
  read_connect_to(reader, build, curl);
  read_resolve(reader, build, curl);
  curl.redirects = static_cast<unsigned>(reader.integer("redirects", 0, kMaxRedirects));
  if (!curl.unix_socket.empty() && !curl.proxy.empty()) {
    reader.error("unix_socket",
                 "a target is reached through a socket or through a proxy, not both");
  }
  check_http(reader, target);
  choose_engine(reader, target);
}

void check_streams(const std::vector<const expr::Value*>& tables, Build& build) {
  const model::Target* first = nullptr;
  const auto& targets = build.plan.targets;
  for (std::size_t i = 0; i < targets.size() && i < tables.size(); ++i) {
    if (targets[i].curl.http != HttpVersion::k2) {
      continue;
    }
    if (first != nullptr && first->curl.max_streams != targets[i].curl.max_streams) {
      const expr::Value* written = tables[i]->find("max_streams");
      build.diagnostics.error(
          written != nullptr ? written->where : tables[i]->where,
          fmt::format("all HTTP/2 targets of a plan have one max_streams (\"{}\" has {}): libcurl "
                      "keeps one limit for all its connections",
                      first->name, first->curl.max_streams));
    }
    first = first == nullptr ? &targets[i] : first;
  }
}

}  // namespace squall::plan
