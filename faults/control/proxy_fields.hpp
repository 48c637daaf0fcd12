// Fields of a proxy that Toxiproxy does not have: one table, read and shown by all of the API.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "faults/proxy/proxy_settings.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

// A new setting of proxies: its member of ProxyUpdate and ProxySettings, its line in
// settings_of() (request_body.hpp), its entry in the table.
struct ProxyField {
  std::string_view name;
  // Puts what a request says into `into`; says what is wrong with it, or nothing. Null for what is
  // only shown. Never called for null or absent members.
  std::string (*read)(const expr::Value& value, ProxyUpdate& into) = nullptr;
  // What is shown behind Toxiproxy's own fields.
  expr::Value (*show)(const ProxyView& view) = nullptr;
  // Whether it is shown of this proxy. Null: of all.
  bool (*concerns)(const ProxyView& view) = nullptr;
};

// In the order in which they are shown.
[[nodiscard]] const std::vector<ProxyField>& proxy_fields();

}  // namespace squall::faults
