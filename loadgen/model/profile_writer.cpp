// Profiles back to TOML.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "loadgen/expr/value.hpp"
#include "loadgen/model/profile_file.hpp"

namespace squall::model {
namespace {

using expr::Table;
using expr::Value;

void add(Table& table, std::string_view key, decltype(Value::data) data) {
  table.push_back({std::string(key), {}, Value{std::move(data), {}}});
}

void add_text(Table& table, std::string_view key, std::string_view text) {
  if (!text.empty()) {
    add(table, key, std::string(text));
  }
}

void add_list(Table& table, std::string_view key, const std::vector<std::string>& items) {
  if (items.empty()) {
    return;
  }
  expr::Array list;
  for (const std::string& item : items) {
    list.push_back(Value{item, {}});
  }
  add(table, key, std::move(list));
}

void add_flag(Table& table, std::string_view key, const std::optional<bool>& flag) {
  if (flag) {
    add(table, key, *flag);
  }
}

void add_table(Table& table, std::string_view key, Table inner) {
  if (!inner.empty()) {
    add(table, key, std::move(inner));
  }
}

// Every nanosecond of it: format_duration() rounds.
std::string exact_text(Duration duration) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 6> kUnits{{
      {3'600'000'000'000, "h"},
      {60'000'000'000, "m"},
      {1'000'000'000, "s"},
      {1'000'000, "ms"},
      {1'000, "us"},
      {1, "ns"},
  }};
  std::string text;
  std::int64_t rest = duration.count();
  for (const auto& [size, unit] : kUnits) {
    if (rest >= size) {
      text += fmt::format("{}{}", rest / size, unit);
      rest %= size;
    }
  }
  return text.empty() ? "0" : text;
}

std::string_view key_of(KeyCarrier::In in) {
  switch (in) {
    case KeyCarrier::In::kHeader:
      return "header";
    case KeyCarrier::In::kBody:
      return "body";
    case KeyCarrier::In::kQuery:
      return "query";
  }
  return "header";
}

Table key_table(const IdempotencyProfile& profile) {
  Table key;
  if (profile.carrier) {
    add_text(key, key_of(profile.carrier->in), profile.carrier->name);
  }
  add_flag(key, "quoted", profile.quoted);
  add_flag(key, "required", profile.required);
  if (profile.max_length) {
    add(key, "max_length", std::int64_t{*profile.max_length});
  }
  return key;
}

template <class Mode>
Table reaction_table(const std::optional<Mode>& mode, const std::vector<int>& status) {
  Table table;
  if (!mode) {
    return table;
  }
  add_text(table, "mode", to_string(*mode));
  if (status.size() == 1) {
    add(table, "status", std::int64_t{status.front()});
  } else if (!status.empty()) {
    expr::Array codes;
    for (const int code : status) {
      codes.push_back(Value{std::int64_t{code}, {}});
    }
    add(table, "status", std::move(codes));
  }
  return table;
}

Table marker_table(const std::optional<ReplayMarker>& marker) {
  Table table;
  if (marker) {
    add_text(table, "header", marker->header);
    add_text(table, "value", marker->value);
  }
  return table;
}

}  // namespace

std::string to_toml(const IdempotencyProfile& profile) {
  Table document;
  add(document, "format", std::int64_t{1});
  add_text(document, "name", profile.name);
  add_text(document, "summary", profile.summary);
  add_list(document, "sources", profile.sources);
  add_text(document, "checked", profile.checked);
  add_list(document, "notes", profile.notes);
  if (profile.window) {
    add_text(document, "window", exact_text(*profile.window));
  }
  if (profile.replay) {
    add_text(document, "replay", to_string(*profile.replay));
  }
  add_list(document, "volatile", profile.volatile_fields);
  add_table(document, "key", key_table(profile));
  add_table(document, "mismatch", reaction_table(profile.mismatch, profile.mismatch_status));
  add_table(document, "in_flight", reaction_table(profile.in_flight, profile.in_flight_status));
  Table stored;
  add_flag(stored, "2xx", profile.stores_2xx);
  add_flag(stored, "4xx", profile.stores_4xx);
  add_flag(stored, "5xx", profile.stores_5xx);
  add_table(document, "stored", std::move(stored));
  add_table(document, "marker", marker_table(profile.marker));
  Table scope;
  add_flag(scope, "caller", profile.by_caller);
  add_flag(scope, "endpoint", profile.by_endpoint);
  add_flag(scope, "method", profile.by_method);
  add_table(document, "scope", std::move(scope));
  return expr::to_toml(Value{std::move(document), {}});
}

}  // namespace squall::model
