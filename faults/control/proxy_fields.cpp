#include "faults/control/proxy_fields.hpp"

#include <cstdint>

#include "faults/control/members.hpp"
#include "faults/control/tls_field.hpp"

namespace squall::faults {
namespace {

expr::Entry count(std::string key, std::uint64_t value) {
  return {std::move(key), {}, {static_cast<std::int64_t>(value), {}}};
}

std::string read_half_close(const expr::Value& value, ProxyUpdate& into) {
  const bool* const kept = std::get_if<bool>(&value.data);
  if (kept == nullptr) {
    return type_problem("half_close", "true or false", value);
  }
  into.ends = *kept ? Ends::kKept : Ends::kCloseBoth;
  return {};
}

expr::Value show_half_close(const ProxyView& view) {
  return {view.settings.ends == Ends::kKept, {}};
}

std::string read_mode(const expr::Value& value, ProxyUpdate& into) {
  const std::string* const mode = value.as_string();
  if (mode == nullptr) {
    return type_problem("mode", "\"tcp\" or \"http\"", value);
  }
  if (*mode != "tcp" && *mode != "http") {
    return "mode is \"tcp\" or \"http\"";
  }
  into.mode = *mode == "http" ? model::ProxyMode::kHttp : model::ProxyMode::kTcp;
  return {};
}

bool is_http(const ProxyView& view) {
  return view.settings.mode == model::ProxyMode::kHttp;
}

expr::Value show_mode(const ProxyView& view) {
  return {std::string(model::to_string(view.settings.mode)), {}};
}

expr::Value show_http(const ProxyView& view) {
  const HttpCounters& http = view.counters.http;
  return {expr::Table{count("exchanges", http.exchanges),
                      count("untouched_links", http.untouched_links)},
          {}};
}

expr::Value show_links(const ProxyView& view) {
  const ProxyCounters& counters = view.counters;
  return {expr::Table{count("open", view.open_links), count("held", view.held_links),
                      count("accepted", counters.accepted), count("refused", counters.refused),
                      count("accept_failures", counters.accept_failures),
                      count("dial_failures", counters.dial_failures)},
          {}};
}

}  // namespace

const std::vector<ProxyField>& proxy_fields() {
  static const std::vector<ProxyField> kFields{
      {.name = "half_close", .read = read_half_close, .show = show_half_close},
      {.name = "mode", .read = read_mode, .show = show_mode, .concerns = is_http},
      {.name = "tls", .read = read_tls, .show = show_tls, .concerns = has_tls},
      {.name = "links", .show = show_links},
      {.name = "http", .show = show_http, .concerns = is_http},
  };
  return kFields;
}

}  // namespace squall::faults
