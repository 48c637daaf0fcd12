// A JSON pointer in the first line, a text behind it: what is found is a part of the text, and a
// value when the text is JSON.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "loadgen/base/check.hpp"
#include "loadgen/expr/json_place.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  const std::string pointer = text.substr(0, line_end);
  const std::string json = text.substr(std::min(line_end + 1, text.size()));
  const bool right = nlohmann::json::accept(json);
  if (const auto found = squall::expr::find_json(json, pointer)) {
    SQUALL_CHECK(!found->empty());
    SQUALL_CHECK(found->data() >= json.data() &&
                 found->data() + found->size() <= json.data() + json.size());
    SQUALL_CHECK(!right || nlohmann::json::accept(*found));
    if (right) {
      // Replaced by another value it is JSON still, and the same place has the new one.
      std::string changed = json;
      changed.replace(static_cast<std::size_t>(found->data() - json.data()), found->size(), "17");
      SQUALL_CHECK(nlohmann::json::accept(changed));
      SQUALL_CHECK(squall::expr::find_json(changed, pointer) == "17");
    }
  }
  SQUALL_CHECK(!right || squall::expr::find_json(json, "").has_value());
  return 0;
}
