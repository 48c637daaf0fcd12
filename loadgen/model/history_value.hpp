// What an operation of the history wrote or saw.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace squall::model {

// Nothing (a register that was never written, JSON's null), a whole number, or text. A number that
// is none of 64 bits stays the text that it was.
using HistoryScalar = std::variant<std::monostate, std::int64_t, std::string>;
using HistoryList = std::vector<HistoryScalar>;
using HistoryMap =
    std::vector<std::pair<std::string, HistoryScalar>>;  // in the order of the answer

// A scalar, the elements of a set or list, or named parts (the accounts of a bank). A value.
using HistoryValue =
    std::variant<std::monostate, std::int64_t, std::string, HistoryList, HistoryMap>;

// Text as a scalar: "17" is the number, so that what a request carried as text equals what an
// answer shows as a number.
[[nodiscard]] HistoryScalar history_scalar(std::string_view text);
[[nodiscard]] HistoryValue history_value(HistoryScalar scalar);

// The value that a JSON text stands for. `each`: a JSON pointer (RFC 6901) into the elements of a
// list or the members of an object, for those that are structured; "" takes them as they are. An
// element that is still structured becomes its JSON text, one without anything at `each` nothing.
// Nothing when the text is no JSON.
[[nodiscard]] std::optional<HistoryValue> history_value_from_json(std::string_view json,
                                                                  std::string_view each = {});
// As JSON; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_json(const HistoryValue& value);

// For people: `nil`, `17`, `"text"`, `[1 2 3]`, `{alice 3, bob 4}`, shortened and printable.
[[nodiscard]] std::string to_text(const HistoryValue& value, std::size_t max_bytes = 60);
[[nodiscard]] std::string to_text(const HistoryScalar& value, std::size_t max_bytes = 60);

}  // namespace squall::model
