#include "loadgen/effects/json_number.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "loadgen/effects/decimal.hpp"
#include "loadgen/effects/json_pointer.hpp"
#include "loadgen/model/json_digits.hpp"

namespace squall::effects {
namespace {

using nlohmann::json;

// As it is written: of a number, or of a text that may be one.
std::string written(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : "";
}

}  // namespace

Result<std::string> decimal_at(std::string_view text, std::string_view pointer) {
  const Result<json> document = parse_json(text);  // bounds the nesting, too
  if (!document) {
    return fail(document.error());
  }
  const auto with_digits = model::json_with_digits<json>(text);
  const json* place = with_digits ? find_json(*with_digits, pointer) : nullptr;
  if (std::string number = place != nullptr ? written(*place) : ""; is_decimal(number)) {
    return number;
  }
  const json* value = find_json(*document, pointer);
  return fail(ErrorCode::kMalformed,
              value == nullptr
                  ? "there is nothing at \"" + std::string(pointer) + "\": " + shown(*document)
                  : shown(*value) + " is no decimal number");
}

}  // namespace squall::effects
