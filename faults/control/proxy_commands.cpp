#include "faults/control/proxy_commands.hpp"

#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "faults/control/json_writer.hpp"
#include "faults/control/proxy_listing.hpp"

namespace squall::faults {
namespace {

Error failed(std::string_view what, const Error& why) {
  return {why.code, fmt::format("{}: {}", what, why.message), {}};
}

Result<expr::Value> retrieve(const ToxiproxyClient& client, const std::string& name) {
  auto proxy = client.get(ToxiproxyClient::proxy_path(name));
  if (!proxy) {
    return fail(failed("Failed to retrieve proxy " + name, proxy.error()));
  }
  return proxy;
}

// toxiproxy-cli looks a proxy up before it changes its toxics.
Result<void> look_up(const ToxiproxyClient& client, const std::string& name) {
  auto proxy = client.get(ToxiproxyClient::proxy_path(name));
  if (!proxy) {
    return fail(
        failed(fmt::format("failed to retrieve proxy with name `{}`", name), proxy.error()));
  }
  return {};
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || parsed != end || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

Result<void> append_attribute(const std::string& text, JsonObject& object) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("attribute \"{}\": write key=value, for example latency=100", text));
  }
  const std::string value = text.substr(equals + 1);
  std::string& out = object.member(text.substr(0, equals));
  if (const auto number = parse_number(value)) {
    append_json_number(*number, out);
  } else if (value == "true" || value == "false") {
    out += value;
  } else {
    append_json_string(value, out);
  }
  return {};
}

// Of the request that adds or changes the toxic: what both have.
Result<void> append_common(const ToxicArguments& toxic, JsonObject& object) {
  if (!toxic.toxicity.empty()) {
    const auto toxicity = parse_number(toxic.toxicity);
    if (!toxicity || *toxicity < 0 || *toxicity > 1) {
      return fail(ErrorCode::kInvalidArgument, "toxicity should be a float between 0 and 1.");
    }
    append_json_number(*toxicity, object.member("toxicity"));
  }
  if (!toxic.ttl.empty()) {
    object.text("ttl", toxic.ttl);
  }
  JsonObject attributes(object.member("attributes"));
  for (const std::string& one : toxic.attributes) {
    if (auto appended = append_attribute(one, attributes); !appended) {
      return appended;
    }
  }
  attributes.end();
  return {};
}

std::string text_of(const expr::Value& table, std::string_view name) {
  const expr::Value* const found = table.find(name);
  return found != nullptr && found->as_string() != nullptr ? *found->as_string() : "";
}

}  // namespace

Result<std::string> list_proxies(const ToxiproxyClient& client, ListStyle style) {
  const auto proxies = client.get("/proxies");
  if (!proxies) {
    return fail(failed("Failed to retrieve proxies", proxies.error()));
  }
  return proxy_listing(*proxies, style);
}

Result<std::string> inspect_proxy(const ToxiproxyClient& client, const std::string& name,
                                  ListStyle style) {
  auto proxy = retrieve(client, name);
  if (!proxy) {
    return fail(std::move(proxy.error()));
  }
  return toxic_listing(*proxy, style);
}

Result<std::string> create_proxy(const ToxiproxyClient& client, const NewProxy& proxy) {
  std::string body;
  JsonObject object(body);
  object.text("name", proxy.name);
  object.text("listen", proxy.listen);
  object.text("upstream", proxy.upstream);
  object.boolean("enabled", true);
  if (proxy.half_close) {
    object.boolean("half_close", true);
  }
  object.end();
  if (const auto made = client.post("/proxies", body); !made) {
    return fail(failed("Failed to create proxy: create", made.error()));
  }
  return fmt::format("Created new proxy {}\n", proxy.name);
}

Result<std::string> toggle_proxy(const ToxiproxyClient& client, const std::string& name) {
  auto proxy = retrieve(client, name);
  if (!proxy) {
    return fail(std::move(proxy.error()));
  }
  const expr::Value* const enabled = proxy->find("enabled");
  const bool* const before = enabled == nullptr ? nullptr : std::get_if<bool>(&enabled->data);
  const bool after = before == nullptr || !*before;
  std::string body;
  JsonObject object(body);
  object.boolean("enabled", after);
  object.end();
  if (const auto saved = client.post(ToxiproxyClient::proxy_path(name), body); !saved) {
    return fail(failed("Failed to toggle proxy " + name, saved.error()));
  }
  return fmt::format("Proxy {} is now {}\n", name, after ? "enabled" : "disabled");
}

Result<std::string> delete_proxy(const ToxiproxyClient& client, const std::string& name) {
  if (auto proxy = retrieve(client, name); !proxy) {
    return fail(std::move(proxy.error()));
  }
  if (const auto removed = client.remove(ToxiproxyClient::proxy_path(name)); !removed) {
    return fail(failed("Failed to delete proxy", removed.error()));
  }
  return fmt::format("Deleted proxy {}\n", name);
}

Result<std::string> add_toxic(const ToxiproxyClient& client, const ToxicArguments& toxic) {
  std::string body;
  JsonObject object(body);
  if (!toxic.name.empty()) {
    object.text("name", toxic.name);
  }
  object.text("type", toxic.type);
  object.text("stream", toxic.stream);
  if (auto common = append_common(toxic, object); !common) {
    return fail(std::move(common.error()));
  }
  object.end();
  if (const auto known = look_up(client, toxic.proxy); !known) {
    return fail(failed("Failed to add toxic", known.error()));
  }
  const auto added = client.post(ToxiproxyClient::proxy_path(toxic.proxy) + "/toxics", body);
  if (!added) {
    return fail(
        failed("Failed to add toxic: failed to add toxic to proxy " + toxic.proxy, added.error()));
  }
  return fmt::format("Added {} {} toxic '{}' on proxy '{}'\n", text_of(*added, "stream"),
                     text_of(*added, "type"), text_of(*added, "name"), toxic.proxy);
}

Result<std::string> update_toxic(const ToxiproxyClient& client, const ToxicArguments& toxic) {
  std::string body;
  JsonObject object(body);
  if (auto common = append_common(toxic, object); !common) {
    return fail(std::move(common.error()));
  }
  object.end();
  if (const auto known = look_up(client, toxic.proxy); !known) {
    return fail(failed("Failed to update toxic", known.error()));
  }
  const auto updated = client.post(ToxiproxyClient::toxic_path(toxic.proxy, toxic.name), body);
  if (!updated) {
    return fail(
        failed(fmt::format("Failed to update toxic: failed to update toxic '{}' of proxy '{}'",
                           toxic.name, toxic.proxy),
               updated.error()));
  }
  return fmt::format("Updated toxic '{}' on proxy '{}'\n", text_of(*updated, "name"), toxic.proxy);
}

Result<std::string> remove_toxic(const ToxiproxyClient& client, const std::string& proxy,
                                 const std::string& toxic) {
  if (const auto known = look_up(client, proxy); !known) {
    return fail(failed("Failed to remove toxic", known.error()));
  }
  if (const auto removed = client.remove(ToxiproxyClient::toxic_path(proxy, toxic)); !removed) {
    return fail(
        failed(fmt::format("Failed to remove toxic: failed to remove toxic '{}' from proxy '{}'",
                           toxic, proxy),
               removed.error()));
  }
  return fmt::format("Removed toxic '{}' on proxy '{}'\n", toxic, proxy);
}

}  // namespace squall::faults
