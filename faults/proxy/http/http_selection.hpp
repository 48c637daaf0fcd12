// Which requests an HTTP fault is for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/proxy/http/http_head.hpp"
#include "loadgen/expr/pattern.hpp"
#include "loadgen/expr/table_reader.hpp"

namespace squall::faults {

// All limits that are given must hold. A value.
struct HttpSelection {
  std::optional<expr::Pattern> route;  // on the path
  std::vector<std::string> methods;    // in capitals; empty: all
  std::string header;                  // its name; empty: any request
  std::optional<std::string> header_value;
  std::uint64_t every_nth = 0;   // 0: all
  std::uint64_t first_n = 0;     // 0: all
  std::uint64_t max_active = 0;  // exchanges at once; 0: any number

  // Reads the keys of http_attributes(); problems go to the reader's diagnostics.
  [[nodiscard]] static HttpSelection read(expr::TableReader& reader);

  // Route, method and header.
  [[nodiscard]] bool matches(const HttpHead& request) const;
  // Of the matching requests: the `position`-th, from 0.
  [[nodiscard]] bool picks(std::uint64_t position) const;
};

}  // namespace squall::faults
