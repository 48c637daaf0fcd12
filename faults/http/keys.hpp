// Keys that several HTTP faults have.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/proxy/http/http_fault.hpp"
#include "faults/proxy/toxic.hpp"
#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {

inline expr::KeySpec close_key(std::string default_value) {
  return {.name = "close",
          .type = expr::ValueType::kString,
          .help = "how the client's connection ends: in order (`fin`) or torn (`reset`)",
          .default_value = std::move(default_value),
          .choices = {"fin", "reset"}};
}

inline HttpClose read_close(expr::TableReader& reader) {
  return reader.string("close") == "reset" ? HttpClose::kReset : HttpClose::kFin;
}

inline expr::KeySpec message_key() {
  return {.name = "message",
          .type = expr::ValueType::kString,
          .help = "which one is changed: the request before it goes upstream, or the answer",
          .default_value = "answer",
          .choices = {"request", "answer"}};
}

inline bool read_is_request(expr::TableReader& reader) {
  return reader.string("message") == "request";
}

// Whether the text can stand in a head without becoming another line of it.
inline bool is_field_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// A list of "Name: value".
inline std::vector<std::pair<std::string, std::string>> read_fields(expr::TableReader& reader,
                                                                    std::string_view key) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const expr::LocatedText& line : reader.string_list(key)) {
    const std::size_t colon = line.text.find(':');
    const std::string_view name = trim(std::string_view(line.text).substr(0, colon));
    if (colon == std::string::npos || !is_token(name) || !is_field_value(line.text)) {
      reader.error(key, std::string(key) + ": \"" + printable(line.text, 60) +
                            "\" is no field; an example: \"X-Reason: maintenance\"");
      continue;
    }
    fields.emplace_back(name, trim(std::string_view(line.text).substr(colon + 1)));
  }
  return fields;
}

// Fields that say how long a message is: not to be changed one by one.
inline bool is_framing(std::string_view name) {
  return equals_ignoring_case(name, "Content-Length") ||
         equals_ignoring_case(name, "Transfer-Encoding");
}

}  // namespace squall::faults
