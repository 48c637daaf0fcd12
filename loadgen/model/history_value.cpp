#include "loadgen/model/history_value.hpp"

#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "loadgen/model/json_digits.hpp"

namespace squall::model {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

HistoryScalar scalar_of(const ordered_json& value) {
  if (value.is_null()) {
    return {};
  }
  if (value.is_string()) {
    return history_scalar(value.get_ref<const std::string&>());
  }
  return history_scalar(dump(value));
}

HistoryScalar element_of(const ordered_json& value, const ordered_json::json_pointer& each) {
  if (each.empty()) {
    return scalar_of(value);
  }
  try {
    return value.contains(each) ? scalar_of(value.at(each)) : HistoryScalar{};
  } catch (const json::out_of_range&) {  // an index of more than 64 bits into a list
    return {};
  }
}

std::optional<ordered_json::json_pointer> pointer_from(std::string_view text) {
  try {
    return ordered_json::json_pointer(std::string(text));
  } catch (const json::parse_error&) {
    return std::nullopt;
  }
}

ordered_json to_document(const HistoryScalar& scalar) {
  return std::visit(
      [](const auto& value) -> ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
          return nullptr;
        } else {
          return value;
        }
      },
      scalar);
}

struct Documents {
  ordered_json operator()(std::monostate /*nothing*/) const { return nullptr; }
  ordered_json operator()(std::int64_t number) const { return number; }
  ordered_json operator()(const std::string& text) const { return text; }
  ordered_json operator()(const HistoryList& list) const {
    ordered_json all = ordered_json::array();
    for (const HistoryScalar& one : list) {
      all.push_back(to_document(one));
    }
    return all;
  }
  ordered_json operator()(const HistoryMap& map) const {
    ordered_json all = ordered_json::object();
    for (const auto& [name, one] : map) {
      all[name] = to_document(one);
    }
    return all;
  }
};

// Shortened in the middle of a list, so that brackets stay closed.
template <class Items, class Write>
std::string joined(const Items& items, const char* brackets, const char* between,
                   std::size_t max_bytes, Write write) {
  std::string text(1, brackets[0]);
  bool first = true;
  for (const auto& item : items) {
    const std::string one = write(item);
    if (text.size() + one.size() + 4 > max_bytes) {
      text += fmt::format("{}… {} in all", first ? "" : between, items.size());
      break;
    }
    text += first ? "" : between;
    text += one;
    first = false;
  }
  return text + brackets[1];
}

}  // namespace

HistoryScalar history_scalar(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  // What prints otherwise ("007", "-0") is another text.
  if (code == std::errc() && end == text.data() + text.size() && std::to_string(number) == text) {
    return number;
  }
  return std::string(text);
}

HistoryValue history_value(HistoryScalar scalar) {
  return std::visit([](auto& value) { return HistoryValue(std::move(value)); }, scalar);
}

std::optional<HistoryValue> history_value_from_json(std::string_view text, std::string_view each) {
  const std::optional<ordered_json> document = json_with_digits<ordered_json>(text);
  const auto pointer = pointer_from(each);
  if (!document || !pointer) {
    return std::nullopt;
  }
  const ordered_json& value = *document;
  if (value.is_array()) {
    HistoryList list;
    list.reserve(value.size());
    for (const ordered_json& one : value) {
      list.push_back(element_of(one, *pointer));
    }
    return list;
  }
  if (value.is_object()) {
    HistoryMap map;
    map.reserve(value.size());
    for (const auto& [name, one] : value.items()) {
      map.emplace_back(name, element_of(one, *pointer));
    }
    return map;
  }
  return history_value(scalar_of(value));
}

std::string to_json(const HistoryValue& value) {
  return dump(std::visit(Documents{}, value));
}

std::string to_text(const HistoryScalar& value, std::size_t max_bytes) {
  return to_text(history_value(value), max_bytes);
}

std::string to_text(const HistoryValue& value, std::size_t max_bytes) {
  if (std::holds_alternative<std::monostate>(value)) {
    return "nil";
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return fmt::format("\"{}\"", printable(*text, max_bytes));
  }
  const auto scalar = [&](const HistoryScalar& one) { return to_text(one, max_bytes); };
  if (const auto* list = std::get_if<HistoryList>(&value)) {
    return joined(*list, "[]", " ", max_bytes, scalar);
  }
  return joined(std::get<HistoryMap>(value), "{}", ", ", max_bytes, [&](const auto& entry) {
    return fmt::format("{} {}", printable(entry.first, max_bytes), scalar(entry.second));
  });
}

}  // namespace squall::model
