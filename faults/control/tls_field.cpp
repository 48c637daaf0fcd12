#include "faults/control/tls_field.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>

#include "faults/control/members.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

struct Key {
  std::string_view name;
  std::variant<std::string ProxyTlsSettings::*, bool ProxyTlsSettings::*> member;
};

const std::array<Key, 7>& keys() {
  static const std::array<Key, 7> kKeys{{
      {"ca", &ProxyTlsSettings::ca_file},
      {"server_name", &ProxyTlsSettings::server_name},
      {"insecure", &ProxyTlsSettings::insecure},
      {"terminate", &ProxyTlsSettings::terminate},
      {"certificate", &ProxyTlsSettings::certificate_file},
      {"key", &ProxyTlsSettings::key_file},
      {"ca_directory", &ProxyTlsSettings::ca_directory},
  }};
  return kKeys;
}

// Nothing when it fits.
std::string read_key(const Key& key, const expr::Value& value, ProxyTlsSettings& into) {
  const std::string path = std::string("tls.").append(key.name);
  if (const auto* text = std::get_if<std::string ProxyTlsSettings::*>(&key.member)) {
    if (value.as_string() == nullptr) {
      return type_problem(path, "a string", value);
    }
    into.*(*text) = *value.as_string();
    return {};
  }
  const bool* const flag = std::get_if<bool>(&value.data);
  if (flag == nullptr) {
    return type_problem(path, "true or false", value);
  }
  into.*std::get<bool ProxyTlsSettings::*>(key.member) = *flag;
  return {};
}

}  // namespace

std::string read_tls(const expr::Value& value, ProxyUpdate& into) {
  if (value.as_table() == nullptr) {
    return type_problem("tls", "an object", value);
  }
  ProxyTlsSettings settings;
  for (const expr::Entry& entry : *value.as_table()) {
    const auto* const key = std::find_if(keys().begin(), keys().end(), [&entry](const Key& one) {
      return equals_ignoring_case(one.name, entry.key);
    });
    if (key == keys().end()) {
      return "tls." + printable(entry.key) +
             ": there is ca, server_name, insecure, terminate, certificate, key, ca_directory";
    }
    if (std::string problem = read_key(*key, entry.value, settings); !problem.empty()) {
      return problem;
    }
  }
  into.tls = std::move(settings);
  return {};
}

expr::Value show_tls(const ProxyView& view) {
  const ProxyTlsSettings& settings = view.settings.tls;
  expr::Table table;
  for (const Key& key : keys()) {
    if (const auto* text = std::get_if<std::string ProxyTlsSettings::*>(&key.member)) {
      if (!(settings.*(*text)).empty()) {
        table.push_back({std::string(key.name), {}, {settings.*(*text), {}}});
      }
    } else if (settings.*std::get<bool ProxyTlsSettings::*>(key.member)) {
      table.push_back({std::string(key.name), {}, {true, {}}});
    }
  }
  return {std::move(table), {}};
}

bool has_tls(const ProxyView& view) {
  return view.settings.tls != ProxyTlsSettings{};
}

}  // namespace squall::faults
