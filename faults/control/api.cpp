#include "faults/control/api.hpp"

#include <charconv>
#include <random>
#include <utility>

#include "faults/control/api_reply.hpp"
#include "faults/control/metrics.hpp"
#include "faults/control/populate.hpp"
#include "faults/control/request_body.hpp"
#include "faults/control/view_json.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"

namespace squall::faults {
namespace {

using Name = ApiRoute::Name;
using net::ServerReply;
using net::ServerRequest;

ServerReply refusal(const ProxyError& error) {
  return problem_reply(problem_of(error));
}

ServerReply no_route_reply(NoRoute why) {
  if (why == NoRoute::kNotFound) {
    return text_reply(404, "404 page not found");
  }
  return {.status = 405, .headers = {}, .body = {}};
}

ServerReply proxy_reply(int status, const ProxyView& proxy) {
  std::string json;
  append_proxy(proxy, json);
  return json_reply(status, std::move(json));
}

ServerReply toxic_reply(const ToxicView& toxic) {
  std::string json;
  append_toxic(toxic, json);
  return json_reply(200, std::move(json));
}

ServerReply done_reply(const ProxyResult<void>& done) {
  return done ? empty_reply() : refusal(done.error());
}

// Of two texts of any length; the time it takes tells nothing of where they differ.
bool is_same_secret(std::string_view given, std::string_view secret) {
  unsigned char difference = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = secret.empty() ? '\0' : secret[i % secret.size()];
    difference = static_cast<unsigned char>(difference | (given[i] ^ other));
  }
  return difference == 0;
}

bool is_bearer(std::string_view authorization, std::string_view token) {
  constexpr std::string_view kScheme = "Bearer ";
  return authorization.size() >= kScheme.size() &&
         equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme) &&
         is_same_secret(trim(authorization.substr(kScheme.size())), token);
}

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

Api::Api(ProxyServer& proxies, Options options)
    : proxies_(proxies),
      options_(std::move(options)),
      start_(monotonic_now()),
      id_base_(random_number()) {}

tl::expected<ApiRoute, NoRoute> Api::route_of(const ServerRequest& request) const {
  auto route = find_route(request.method, request.target);
  const bool has_metrics = options_.proxy_metrics || options_.runtime_metrics;
  if (route && route->name == Name::kMetrics && !has_metrics) {
    return tl::unexpected(NoRoute::kNotFound);
  }
  return route;
}

bool Api::may_wait(const ServerRequest& request) const {
  const auto route = route_of(request);
  return route && (route->name == Name::kProxyCreate || route->name == Name::kProxyUpdate ||
                   route->name == Name::kPopulate || route->name == Name::kReset);
}

ServerReply Api::answer(const ServerRequest& request) {
  const auto route = route_of(request);
  ServerReply reply = route ? act(*route, request) : no_route_reply(route.error());
  if (route) {
    reply.headers.emplace_back("X-Toxiproxy-Request-Id", next_request_id());
  }
  std::string date;
  append_http_date(wall_clock_now(), date);
  reply.headers.emplace_back("Date", std::move(date));
  return reply;
}

ServerReply Api::overdue() {
  return {.status = 503,
          .headers = {{"Content-Type", "text/html; charset=utf-8"}},
          .body = "<html><head><title>Timeout</title></head><body><h1>Timeout</h1></body></html>"};
}

bool Api::is_allowed(const ServerRequest& request) const {
  return options_.token.empty() || is_bearer(request.header("Authorization"), options_.token);
}

ServerReply Api::act(const ApiRoute& route, const ServerRequest& request) {
  if (request.header("User-Agent").starts_with("Mozilla/")) {
    return text_reply(403, "User agent not allowed");
  }
  if (!is_allowed(request)) {
    ServerReply reply = problem_reply({401, "missing or wrong token"});
    reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
  }
  switch (route.name) {
    case Name::kToxicIndex:
    case Name::kToxicCreate:
    case Name::kToxicShow:
    case Name::kToxicUpdate:
    case Name::kToxicDelete:
      return act_on_toxics(route, request.body);
    case Name::kVersion:
      return {.status = 200,
              .headers = {{"Content-Type", "application/json;charset=utf-8"}},
              .body = "{\"version\": \"" + options_.version + "\"}\n"};
    case Name::kMetrics:
      return metrics();
    case Name::kEvents:
      return events(route);
    case Name::kReset:
    case Name::kProxyIndex:
    case Name::kProxyCreate:
    case Name::kPopulate:
    case Name::kProxyShow:
    case Name::kProxyUpdate:
    case Name::kProxyDelete:
      return act_on_proxies(route, request);
  }
  SQUALL_CHECK(false);
}

ServerReply Api::act_on_proxies(const ApiRoute& route, const ServerRequest& request) {
  if (route.name == Name::kReset) {
    return done_reply(proxies_.reset());
  }
  if (route.name == Name::kProxyIndex) {
    return json_reply(200, proxies_json(proxies_.list()));
  }
  if (route.name == Name::kProxyCreate) {
    return create_proxy(request.body);
  }
  if (route.name == Name::kPopulate) {
    return populate_proxies(request.body);
  }
  if (route.name == Name::kProxyUpdate) {
    return update_proxy(route, request.body);
  }
  if (route.name == Name::kProxyDelete) {
    return done_reply(proxies_.remove(route.proxy));
  }
  const auto found = proxies_.find(route.proxy);
  return found ? proxy_reply(200, *found) : refusal(found.error());
}

ServerReply Api::act_on_toxics(const ApiRoute& route, const std::string& body) {
  if (route.name == Name::kToxicCreate) {
    return create_toxic(route, body);
  }
  if (route.name == Name::kToxicUpdate) {
    return update_toxic(route, body);
  }
  if (route.name == Name::kToxicDelete) {
    return done_reply(proxies_.remove_toxic(route.proxy, route.toxic));
  }
  if (route.name == Name::kToxicShow) {
    return show_toxic(route);
  }
  const auto proxy = proxies_.find(route.proxy);
  return proxy ? json_reply(200, toxics_json(proxy->toxics)) : refusal(proxy.error());
}

ServerReply Api::create_proxy(const std::string& body) {
  const auto asked = decode_proxy(body);
  if (!asked) {
    return problem_reply(asked.error());
  }
  const auto made = proxies_.create(settings_of(*asked), asked->toxics);
  return made ? proxy_reply(201, *made) : refusal(made.error());
}

ServerReply Api::update_proxy(const ApiRoute& route, const std::string& body) {
  if (const auto found = proxies_.find(route.proxy); !found) {
    return refusal(found.error());
  }
  const auto asked = decode_proxy_update(body);
  if (!asked) {
    return problem_reply(asked.error());
  }
  const auto updated = proxies_.update(route.proxy, asked->changes);
  return updated ? proxy_reply(200, *updated) : refusal(updated.error());
}

ServerReply Api::populate_proxies(const std::string& body) {
  const Populated populated = populate(proxies_, body);
  if (populated.problem.has_value()) {
    return json_reply(populated.problem->status,
                      populated_json(populated.proxies, &*populated.problem));
  }
  return json_reply(201, populated_json(populated.proxies, nullptr));
}

ServerReply Api::create_toxic(const ApiRoute& route, const std::string& body) {
  if (const auto proxy = proxies_.find(route.proxy); !proxy) {
    return refusal(proxy.error());
  }
  const auto asked = decode_toxic(body);
  if (!asked) {
    return problem_reply(asked.error());
  }
  const auto added = proxies_.add_toxic(route.proxy, *asked);
  return added ? toxic_reply(*added) : refusal(added.error());
}

ServerReply Api::show_toxic(const ApiRoute& route) const {
  const auto proxy = proxies_.find(route.proxy);
  if (!proxy) {
    return refusal(proxy.error());
  }
  for (const ToxicView& toxic : proxy->toxics) {
    if (toxic.name == route.toxic) {
      return toxic_reply(toxic);
    }
  }
  return problem_reply({404, "toxic not found"});
}

ServerReply Api::update_toxic(const ApiRoute& route, const std::string& body) {
  if (ServerReply shown = show_toxic(route); shown.status != 200) {
    return shown;
  }
  const auto asked = decode_toxic_update(body);
  if (!asked) {
    return problem_reply(asked.error());
  }
  const auto updated = proxies_.update_toxic(route.proxy, route.toxic, *asked);
  return updated ? toxic_reply(*updated) : refusal(updated.error());
}

ServerReply Api::metrics() const {
  std::string text;
  if (options_.proxy_metrics) {
    append_proxy_metrics(proxies_.list(), text);
  }
  if (options_.runtime_metrics) {
    append_process_metrics(text);
  }
  return {.status = 200,
          .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
          .body = std::move(text)};
}

// "after=<number>" among the query's parts.
ServerReply Api::events(const ApiRoute& route) const {
  constexpr std::string_view kAfter = "after=";
  std::uint64_t after = 0;
  for (const std::string_view part : split(route.query, '&')) {
    if (!part.starts_with(kAfter)) {
      continue;
    }
    const std::string_view digits = part.substr(kAfter.size());
    const char* const end = digits.data() + digits.size();
    const auto [parsed, error] = std::from_chars(digits.data(), end, after);
    if (error != std::errc{} || parsed != end) {
      return problem_reply({400, "after: expected the number of an event"});
    }
  }
  return json_reply(200, events_json(proxies_.events_after(after), start_));
}

// Twenty digits of base 32, the later half counting: unique for this process, unlikely elsewhere.
std::string Api::next_request_id() {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
  constexpr int kHalf = 10;
  std::string id;
  for (std::uint64_t part : {id_base_, ++requests_}) {
    std::string half(kHalf, '0');
    for (int i = kHalf; i-- > 0; part /= kDigits.size()) {
      half[static_cast<std::size_t>(i)] = kDigits[part % kDigits.size()];
    }
    id += half;
  }
  return id;
}

}  // namespace squall::faults
