// JSON whose numbers keep their digits: a double has too few of them for some, and 12.50 is not how
// it would print.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace squall::model {

// The document, with every number that is none of 64 bits as the text that it is. Of members with
// one name the last counts. Nothing when it is no JSON. `Json` is nlohmann's json or ordered_json.
template <class Json>
[[nodiscard]] std::optional<Json> json_with_digits(std::string_view text);

}  // namespace squall::model
