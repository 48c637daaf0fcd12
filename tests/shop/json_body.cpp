#include "tests/shop/json_body.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace squall::shop {
namespace {

constexpr std::size_t kMaxText = 200;

tl::unexpected<Error> malformed(std::string message) {
  return fail(ErrorCode::kMalformed, std::move(message));
}

}  // namespace

Result<nlohmann::json> parse_object(std::string_view body) {
  nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_discarded()) {
    return malformed("the body is not JSON");
  }
  if (!json.is_object()) {
    return malformed("the body is not a JSON object");
  }
  return json;
}

Result<std::string> text_field(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_string()) {
    return malformed(fmt::format("\"{}\" must be a text", name));
  }
  auto text = field->get<std::string>();
  if (text.empty() || text.size() > kMaxText || text.find('\0') != std::string::npos) {
    return malformed(fmt::format("\"{}\" must have 1 to {} bytes and no NUL", name, kMaxText));
  }
  return text;
}

Result<std::string> text_or_number_field(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  if (field != object.end() && field->is_number_integer()) {
    return field->dump();
  }
  return text_field(object, name);
}

Result<std::int64_t> integer_field(const nlohmann::json& object, const char* name,
                                   std::int64_t lowest, std::int64_t highest) {
  const auto field = object.find(name);
  const bool fits = field != object.end() && field->is_number_integer() &&
                    !(field->is_number_unsigned() && field->get<std::uint64_t>() > INT64_MAX);
  if (!fits || field->get<std::int64_t>() < lowest || field->get<std::int64_t>() > highest) {
    return malformed(fmt::format("\"{}\" must be an integer from {} to {}", name, lowest, highest));
  }
  return field->get<std::int64_t>();
}

}  // namespace squall::shop
