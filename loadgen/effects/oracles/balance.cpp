// Tells from a balance or a stock how many effects there were in all: the weakest oracle that looks
// at what was really changed, and often the only one that an API offers.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/decimal.hpp"
#include "loadgen/effects/json_number.hpp"
#include "loadgen/effects/json_pointer.hpp"
#include "loadgen/effects/oracle_request.hpp"
#include "loadgen/model/oracle.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;

constexpr const char* kExample = "GET /accounts/shop";

struct BalanceOracleConfig {
  OracleRequest request;
  std::string value;   // JSON pointer
  std::string change;  // that one effect makes; a decimal other than zero
};

class BalanceOracle final : public model::Oracle {
 public:
  explicit BalanceOracle(BalanceOracleConfig config) : config_(std::move(config)) {}

  Result<void> start(const model::OracleContext& context) override {
    first_.reset();
    return config_.request.start(context);
  }

  Result<OracleReading> read(std::span<const std::string> keys, Duration budget) override {
    Result<net::ClientRequest> request = config_.request.for_key("");
    if (!request) {
      return fail(request.error());
    }
    const Result<net::ClientResponse> answer =
        config_.request.send(*request, monotonic_now() + budget);
    if (!answer) {
      return fail(answer.error());
    }
    if (!OracleRequest::succeeded(*answer)) {
      return fail(ErrorCode::kUnavailable, OracleRequest::status_text(*request, *answer));
    }
    Result<std::string> balance = decimal_at(answer->body, config_.value);
    if (!balance) {
      return fail(balance.error());
    }
    first_ = first_ ? first_ : *balance;
    const Result<std::uint64_t> total = changes_between(*first_, *balance, config_.change);
    if (!total) {
      return fail(total.error());
    }
    OracleReading reading;
    reading.total = *total;
    reading.undecided.insert(keys.begin(), keys.end());
    reading.undecided_reason = "a balance tells how many effects there were, not whose";
    return reading;
  }

  [[nodiscard]] bool counts_total_only() const override { return true; }

 private:
  BalanceOracleConfig config_;
  std::optional<std::string> first_;  // the balance at the first reading
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "effects.oracle (balance)",
      .help =
          "Reads a balance or a stock, and tells from how far it went how many effects there "
          "were in all: not whose.",
      .keys = {
          request_key("Method and path (of the first target), or a whole URL on an allowed host: "
                      "what shows the balance. Nothing but the plan's own operations may change it "
                      "while squall runs.",
                      std::string("\"") + kExample + "\""),
          headers_key(),
          {.name = "value",
           .type = expr::ValueType::kString,
           .help = "JSON pointer to the balance: a number, or a string that is one. Read digit for "
                   "digit.",
           .required = true,
           .example = "\"/balance\""},
          {.name = "change",
           .type = expr::ValueType::kString,
           .help = "By how much one effect changes it, exactly: a decimal number, negative for a "
                   "stock that falls.",
           .required = true,
           .example = "\"-19.99\""},
          timeout_key(),
      }};
  return kKeys;
}

std::unique_ptr<model::Oracle> compile(expr::TableReader& reader) {
  BalanceOracleConfig config;
  config.request = OracleRequest::read(reader, kExample);
  config.value = reader.string("value");
  config.change = reader.string("change");
  if (config.request.asks_for_a_key()) {
    reader.error("request",
                 "a balance is one number for all keys: an oracle that asks for {{key}} is of "
                 "kind \"http\"");
  }
  if (reader.has("value") && !is_json_pointer(config.value)) {
    reader.error("value",
                 "\"" + config.value + "\" is not a JSON pointer: write \"/" + config.value + "\"");
    config.value.clear();
  }
  if (!is_change(config.change)) {
    if (reader.has("change")) {
      reader.error("change", "\"" + printable(config.change, 60) +
                                 "\" is no decimal number other than zero: write \"19.99\", or "
                                 "\"-1\" for a stock that falls");
    }
    config.change = "1";
  }
  return std::make_unique<BalanceOracle>(std::move(config));
}

}  // namespace

void register_oracle_balance(OracleRegistry& registry) {
  registry.add({
      .name = "balance",
      .summary = "tell from a balance or a stock how many effects there were in all",
      .example = R"([[effects.oracle]]
kind = "balance"
request = "GET /items/tea"
value = "/stock"
change = "-1"
)",
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::effects
