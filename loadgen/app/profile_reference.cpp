#include "loadgen/app/profile_reference.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "loadgen/app/registries.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/diagnostics.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/key_markdown.hpp"
#include "loadgen/model/profile_file.hpp"
#include "loadgen/plan/shipped_profiles.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::app {
namespace {

using model::IdempotencyProfile;
using model::KeyCarrier;

IdempotencyProfile profile_of(const plan::ShippedProfile& shipped) {
  Diagnostics problems;
  auto profile = model::read_profile(shipped.text, std::string(shipped.file), problems);
  SQUALL_CHECK(profile.has_value());  // compiled in: a contract test reads each
  return *std::move(profile);
}

std::string carrier_cell(const IdempotencyProfile& profile) {
  if (!profile.carrier) {
    return "";
  }
  const KeyCarrier& carrier = *profile.carrier;
  std::string cell = carrier.in == KeyCarrier::In::kHeader ? fmt::format("`{}`", carrier.name)
                     : carrier.in == KeyCarrier::In::kBody
                         ? fmt::format("body `{}`", carrier.name)
                         : fmt::format("query `{}`", carrier.name);
  if (profile.quoted.value_or(false)) {
    cell += ", quoted";
  }
  if (profile.required.value_or(false)) {
    cell += ", required";
  }
  if (profile.max_length) {
    cell += fmt::format(", ≤ {}", *profile.max_length);
  }
  return cell;
}

// "30m", "24h", "31d"
std::string window_cell(const std::optional<Duration>& window) {
  using std::chrono::hours;
  if (!window) {
    return "";
  }
  const bool days = *window % hours(24) == Duration::zero() && *window > hours(24);
  return days ? fmt::format("{}d", *window / hours(24)) : format_duration(*window);
}

template <class Mode>
std::string reaction_cell(const std::optional<Mode>& mode, const std::vector<int>& status) {
  if (!mode) {
    return "";
  }
  std::string codes;
  for (const int code : status) {
    codes += fmt::format("{}{}", codes.empty() ? " " : ", ", code);
  }
  return fmt::format("{}{}", to_string(*mode), codes);
}

std::string stored_cell(const IdempotencyProfile& profile) {
  std::string cell;
  const auto add = [&](std::string_view name, const std::optional<bool>& stored) {
    if (stored) {
      cell += fmt::format("{}{}{}", cell.empty() ? "" : ", ", *stored ? "" : "not ", name);
    }
  };
  add("2xx", profile.stores_2xx);
  add("4xx", profile.stores_4xx);
  add("5xx", profile.stores_5xx);
  return cell;
}

std::string replay_cell(const IdempotencyProfile& profile) {
  std::string cell(profile.replay ? to_string(*profile.replay) : std::string_view());
  if (profile.marker) {
    const std::string& value = profile.marker->value;
    cell += fmt::format("{}`{}{}{}`", cell.empty() ? "" : ", ", profile.marker->header,
                        value.empty() ? "" : ": ", value);
  }
  return cell;
}

std::string scope_cell(const IdempotencyProfile& profile) {
  std::string cell;
  const auto add = [&](std::string_view name, const std::optional<bool>& part) {
    if (part) {
      cell += fmt::format("{}{}{}", cell.empty() ? "" : ", ", *part ? "" : "not ", name);
    }
  };
  add("caller", profile.by_caller);
  add("endpoint", profile.by_endpoint);
  add("method", profile.by_method);
  return cell;
}

void add_key_tables(const expr::TableSpec& table, std::string& out) {
  for (const expr::KeySpec& key : table.keys) {
    if (key.table != nullptr) {
      out += fmt::format("\n### [{}]\n\n{}\n\n{}", key.name, key.table->help,
                         expr::key_table(*key.table));
    }
  }
}

}  // namespace

std::string profile_table() {
  std::string out =
      "| profile | key | window | same key, other payload | in flight | stored | replay | key is "
      "unique within |\n|---|---|---|---|---|---|---|---|\n";
  for (const plan::ShippedProfile& shipped : plan::shipped_profiles()) {
    const IdempotencyProfile profile = profile_of(shipped);
    out += fmt::format("| [{0}]({0}.toml) | {1} | {2} | {3} | {4} | {5} | {6} | {7} |\n",
                       profile.name, carrier_cell(profile), window_cell(profile.window),
                       reaction_cell(profile.mismatch, profile.mismatch_status),
                       reaction_cell(profile.in_flight, profile.in_flight_status),
                       stored_cell(profile), replay_cell(profile), scope_cell(profile));
  }
  return out;
}

std::string profile_keys() {
  const expr::TableSpec& profile = model::profile_spec();
  std::string out = fmt::format("{}\n\n{}", profile.help, expr::key_table(profile));
  add_key_tables(profile, out);
  return out;
}

std::string property_table() {
  std::string out = "| # | property | provoked by | promise |\n|---|---|---|---|\n";
  for (const verify::PropertyKind* kind : verify::by_number(registries().properties)) {
    out += fmt::format("| {} | {} (`{}`) | {} | {} |\n", kind->number, kind->title, kind->name,
                       expr::markdown_cell(kind->provocation), expr::markdown_cell(kind->promise));
  }
  return out;
}

}  // namespace squall::app
