#include "faults/control/request_body.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "faults/control/json_decoder.hpp"
#include "faults/control/members.hpp"
#include "faults/control/proxy_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::faults {
namespace {

constexpr Duration kLongestTtl = std::chrono::hours(24 * 366);

enum class Toxics { kRead, kIgnore };

template <class T>
tl::unexpected<ApiProblem> pass_on(ApiResult<T>& result) {
  return tl::unexpected<ApiProblem>(std::move(result.error()));
}

ApiResult<expr::Value> decode_table(std::string_view json) {
  auto value = decode_json(json);
  if (!value) {
    return refuse_body(value.error().message);
  }
  if (value->as_table() == nullptr) {
    return refuse_body(std::string("expected an object, not ").append(json_type(*value)));
  }
  return std::move(*value);
}

std::optional<double> as_number(const expr::Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    return static_cast<double>(*integer);
  }
  const double* const number = std::get_if<double>(&value.data);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

ApiResult<std::optional<float>> read_toxicity(const expr::Value& toxic) {
  const expr::Value* const found = find_member(toxic, "toxicity");
  if (found == nullptr) {
    return std::optional<float>();
  }
  const auto number = as_number(*found);
  if (!number.has_value()) {
    return refuse_body(type_problem("toxicity", "a number", *found));
  }
  const auto single = static_cast<float>(*number);
  if (!std::isfinite(single)) {
    return refuse_body("toxicity: the number is too large");
  }
  return std::optional(single);
}

// "30s", or milliseconds.
ApiResult<std::optional<Duration>> read_ttl(const expr::Value& toxic) {
  const expr::Value* const found = find_member(toxic, "ttl");
  if (found == nullptr) {
    return std::optional<Duration>();
  }
  Duration ttl{};
  if (const std::string* text = found->as_string()) {
    const auto parsed = parse_duration(*text);
    if (!parsed) {
      return refuse_body("ttl: " + parsed.error().message);
    }
    ttl = *parsed;
  } else if (const auto number = as_number(*found)) {
    constexpr double kMost = 1e12;  // milliseconds; still exact
    if (*number < 0 || *number > kMost) {
      return refuse_body("ttl: expected milliseconds from 0 to a year");
    }
    ttl = std::chrono::milliseconds(std::llround(*number));
  } else {
    return refuse_body(type_problem("ttl", "a time (\"30s\") or milliseconds", *found));
  }
  if (ttl > kLongestTtl) {
    return refuse_body("ttl: at most a year");
  }
  return std::optional(ttl);
}

ApiResult<expr::Value> read_attributes(const expr::Value& toxic) {
  const expr::Value* const found = find_member(toxic, "attributes");
  if (found == nullptr) {
    return expr::Value{expr::Table{}, {}};
  }
  if (found->as_table() == nullptr) {
    return refuse_body(type_problem("attributes", "an object", *found));
  }
  return *found;
}

ApiResult<ToxicUpdate> read_toxic_update(const expr::Value& toxic) {
  auto toxicity = read_toxicity(toxic);
  if (!toxicity) {
    return pass_on(toxicity);
  }
  auto attributes = read_attributes(toxic);
  if (!attributes) {
    return pass_on(attributes);
  }
  auto ttl = read_ttl(toxic);
  if (!ttl) {
    return pass_on(ttl);
  }
  return ToxicUpdate{.toxicity = *toxicity, .attributes = std::move(*attributes), .ttl = *ttl};
}

std::optional<Direction> direction_of(std::string_view stream) {
  if (equals_ignoring_case(stream, "upstream")) {
    return Direction::kUpstream;
  }
  return equals_ignoring_case(stream, "downstream") ? std::optional(Direction::kDownstream)
                                                    : std::nullopt;
}

ApiResult<ToxicSettings> read_toxic(const expr::Value& toxic) {
  auto name = read_text(toxic, "name");
  if (!name) {
    return pass_on(name);
  }
  auto type = read_text(toxic, "type");
  if (!type) {
    return pass_on(type);
  }
  auto stream = read_text(toxic, "stream");
  if (!stream) {
    return pass_on(stream);
  }
  auto rest = read_toxic_update(toxic);
  if (!rest) {
    return pass_on(rest);
  }
  const std::string stream_text = stream->value_or("downstream");
  const auto direction = direction_of(stream_text);
  if (!direction.has_value()) {
    return refuse_with(400, "stream was invalid, can be either upstream or downstream");
  }
  ToxicSettings settings{.name = name->value_or(""),
                         .type = type->value_or(""),
                         .direction = *direction,
                         .toxicity = rest->toxicity.value_or(1),
                         .attributes = std::move(rest->attributes),
                         .ttl = rest->ttl};
  if (settings.name.empty()) {
    settings.name = settings.type + "_" + stream_text;  // in the case in which it was written
  }
  return settings;
}

ApiResult<std::vector<ToxicSettings>> read_toxics(const expr::Value& proxy) {
  std::vector<ToxicSettings> toxics;
  const expr::Value* const found = find_member(proxy, "toxics");
  if (found == nullptr) {
    return toxics;
  }
  if (found->as_array() == nullptr) {
    return refuse_body(type_problem("toxics", "an array", *found));
  }
  for (const expr::Value& one : *found->as_array()) {
    if (one.as_table() == nullptr) {
      return refuse_body(type_problem("toxics", "objects in the array", one));
    }
    auto toxic = read_toxic(one);
    if (!toxic) {
      return pass_on(toxic);
    }
    toxics.push_back(std::move(*toxic));
  }
  return toxics;
}

ApiResult<ProxyBody> read_proxy(const expr::Value& proxy, Toxics toxics) {
  auto name = read_text(proxy, "name");
  if (!name) {
    return pass_on(name);
  }
  auto listen = read_text(proxy, "listen");
  if (!listen) {
    return pass_on(listen);
  }
  auto upstream = read_text(proxy, "upstream");
  if (!upstream) {
    return pass_on(upstream);
  }
  auto enabled = read_boolean(proxy, "enabled");
  if (!enabled) {
    return pass_on(enabled);
  }
  ProxyBody body{.name = name->value_or(""),
                 .changes = {.listen = *listen, .upstream = *upstream, .enabled = *enabled},
                 .toxics = {}};
  for (const ProxyField& field : proxy_fields()) {
    const expr::Value* const value = find_member(proxy, field.name);
    if (field.read != nullptr && value != nullptr) {
      if (const std::string problem = field.read(*value, body.changes); !problem.empty()) {
        return refuse_body(problem);
      }
    }
  }
  if (toxics == Toxics::kRead) {
    auto read = read_toxics(proxy);
    if (!read) {
      return pass_on(read);
    }
    body.toxics = std::move(*read);
  }
  return body;
}

}  // namespace

ApiResult<ProxyBody> decode_proxy(std::string_view json) {
  auto table = decode_table(json);
  return table ? read_proxy(*table, Toxics::kRead) : pass_on(table);
}

ApiResult<ProxyBody> decode_proxy_update(std::string_view json) {
  auto table = decode_table(json);
  return table ? read_proxy(*table, Toxics::kIgnore) : pass_on(table);
}

ApiResult<std::vector<ProxyBody>> decode_proxies(std::string_view json) {
  auto value = decode_json(json);
  if (!value) {
    return refuse_body(value.error().message);
  }
  std::vector<ProxyBody> bodies;
  if (value->as_table() != nullptr && value->as_table()->empty() && json.find('{') == json.npos) {
    return bodies;  // null
  }
  if (value->as_array() == nullptr) {
    return refuse_body(std::string("expected an array of proxies, not ").append(json_type(*value)));
  }
  for (const expr::Value& one : *value->as_array()) {
    if (one.as_table() == nullptr) {
      return refuse_body(std::string("expected objects in the array, not ").append(json_type(one)));
    }
    auto body = read_proxy(one, Toxics::kRead);
    if (!body) {
      return pass_on(body);
    }
    bodies.push_back(std::move(*body));
  }
  return bodies;
}

ApiResult<ToxicSettings> decode_toxic(std::string_view json) {
  auto table = decode_table(json);
  return table ? read_toxic(*table) : pass_on(table);
}

ApiResult<ToxicUpdate> decode_toxic_update(std::string_view json) {
  auto table = decode_table(json);
  return table ? read_toxic_update(*table) : pass_on(table);
}

ProxySettings settings_of(const ProxyBody& body) {
  const ProxyUpdate& given = body.changes;
  const ProxySettings defaults;
  return {.name = body.name,
          .listen = given.listen.value_or(""),
          .upstream = given.upstream.value_or(""),
          .enabled = given.enabled.value_or(defaults.enabled),
          .ends = given.ends.value_or(defaults.ends),
          .tls = given.tls.value_or(defaults.tls),
          .mode = given.mode.value_or(defaults.mode)};
}

}  // namespace squall::faults
