#include "loadgen/engine/arrival_rate.hpp"

#include <utility>

#include <fmt/core.h>

namespace squall::engine {

expr::KeySpec rate_key(std::string help, std::string name) {
  return {.name = std::move(name),
          .type = expr::ValueType::kRate,
          .help = std::move(help),
          .required = true,
          .example = "\"200/s\""};
}

Rate read_rate(expr::TableReader& reader, std::string_view key) {
  if (!reader.has(key)) {
    return Rate{1};
  }
  const Rate rate = reader.rate(key);
  if (rate.per_second <= 0.0) {
    reader.error(key, "a rate of zero makes no traffic; write for example \"200/s\"");
    return Rate{1};
  }
  return rate;
}

Duration read_span(expr::TableReader& reader, std::string_view key) {
  const Duration span = reader.duration(key);
  if (span > Duration::zero()) {
    return span;
  }
  if (reader.has(key)) {
    reader.error(key, fmt::format("\"{}\" must be above zero, for example \"10s\"", key));
  }
  return std::chrono::seconds(1);
}

}  // namespace squall::engine
