#include "loadgen/engine/arrival_rate.hpp"

#include <utility>

namespace squall::engine {

expr::KeySpec rate_key(std::string help) {
  return {.name = "rate",
          .type = expr::ValueType::kRate,
          .help = std::move(help),
          .required = true,
          .example = "\"200/s\""};
}

Rate read_rate(expr::TableReader& reader) {
  if (!reader.has("rate")) {
    return Rate{1};
  }
  const Rate rate = reader.rate("rate");
  if (rate.per_second <= 0.0) {
    reader.error("rate", "a rate of zero makes no traffic; write for example \"200/s\"");
    return Rate{1};
  }
  return rate;
}

}  // namespace squall::engine
