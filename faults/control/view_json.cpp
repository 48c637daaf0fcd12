#include "faults/control/view_json.hpp"

#include <chrono>

#include "faults/control/json_writer.hpp"
#include "faults/control/proxy_fields.hpp"

namespace squall::faults {
namespace {

std::uint64_t milliseconds_of(Duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

void append_problem(const ApiProblem& problem, JsonObject& object) {
  object.text("error", problem.message);
  object.number("status", static_cast<std::uint64_t>(problem.status));
}

void append_event(const ProxyEvent& event, TimePoint start, std::string& out) {
  JsonObject object(out);
  object.number("number", event.number);
  object.member("at_ns") += std::to_string((event.at - start).count());
  object.text("kind", to_string(event.kind));
  object.text("proxy", event.proxy);
  if (!event.toxic.empty()) {
    object.text("toxic", event.toxic);
  }
  if (event.ordinal != ProxyEvent::kNoLink) {
    object.number("link", event.ordinal);
  }
  if (!event.detail.empty()) {
    object.text("detail", event.detail);
  }
  object.end();
}

}  // namespace

void append_toxic(const ToxicView& toxic, std::string& out) {
  JsonObject object(out);
  append_json(toxic.attributes, object.member("attributes"));
  object.text("name", toxic.name);
  object.text("type", toxic.type);
  object.text("stream", to_string(toxic.direction));
  append_json_number(toxic.toxicity, object.member("toxicity"));
  object.number("fired", toxic.counters.fired);
  if (toxic.counters.requests > 0) {  // of toxics that act on HTTP exchanges
    object.number("requests", toxic.counters.requests);
    object.number("planned", toxic.counters.planned);
    object.number("preempted", toxic.counters.preempted);
    object.number("executed", toxic.counters.executed);
  }
  object.number("links", toxic.counters.links);
  object.number("live_links", toxic.live_links);
  if (toxic.ttl.has_value() && toxic.expires_in.has_value()) {
    object.number("ttl", milliseconds_of(*toxic.ttl));
    object.number("expires_in_ms", milliseconds_of(*toxic.expires_in));
  }
  object.end();
}

void append_proxy(const ProxyView& proxy, std::string& out) {
  JsonObject object(out);
  object.text("name", proxy.settings.name);
  object.text("listen", proxy.settings.listen);
  object.text("upstream", proxy.settings.upstream);
  object.boolean("enabled", proxy.settings.enabled);
  object.member("Logger") += "{}";
  append_json_list(proxy.toxics, object.member("toxics"), append_toxic);
  for (const ProxyField& field : proxy_fields()) {
    if (field.show != nullptr && (field.concerns == nullptr || field.concerns(proxy))) {
      append_json(field.show(proxy), object.member(field.name));
    }
  }
  object.end();
}

std::string proxies_json(const std::vector<ProxyView>& proxies) {
  std::string out;
  JsonObject object(out);
  for (const ProxyView& proxy : proxies) {
    append_proxy(proxy, object.member(proxy.settings.name));
  }
  object.end();
  return out;
}

std::string toxics_json(const std::vector<ToxicView>& toxics) {
  std::string out;
  append_json_list(toxics, out, append_toxic);
  return out;
}

std::string populated_json(const std::vector<ProxyView>& proxies, const ApiProblem* problem) {
  std::string out;
  JsonObject object(out);
  if (problem != nullptr) {
    append_problem(*problem, object);
  }
  if (proxies.empty()) {
    object.member("proxies") += "null";
  } else {
    append_json_list(proxies, object.member("proxies"), append_proxy);
  }
  object.end();
  return out;
}

std::string problem_json(const ApiProblem& problem) {
  std::string out;
  JsonObject object(out);
  append_problem(problem, object);
  object.end();
  return out;
}

std::string events_json(const std::vector<ProxyEvent>& events, TimePoint start) {
  std::string out;
  JsonObject object(out);
  append_json_list(
      events, object.member("events"),
      [start](const ProxyEvent& event, std::string& to) { append_event(event, start, to); });
  object.end();
  return out;
}

}  // namespace squall::faults
