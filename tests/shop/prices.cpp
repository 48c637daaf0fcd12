#include "tests/shop/prices.hpp"

#include <array>
#include <future>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/shop/http_service.hpp"

namespace squall::shop {
namespace {

constexpr std::array kCurrencies = {"EUR", "GBP", "JPY", "USD"};
constexpr std::int64_t kRateUnit = 10'000;

}  // namespace

Answer Prices::look(const Call& call) {
  const std::int64_t amount = std::stoll(call.group(1));  // up to nine digits
  const Trace& trace = call.trace();
  // A deferred call runs when its result is asked for.
  const std::launch launch =
      order_ == CallOrder::kParallel ? std::launch::async : std::launch::deferred;
  std::vector<std::future<Result<std::int64_t>>> rates;
  for (const char* currency : kCurrencies) {
    rates.push_back(
        std::async(launch, [this, currency, &trace] { return psp_.rate(currency, trace); }));
  }
  nlohmann::ordered_json json;
  std::optional<Answer> failure;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const Result<std::int64_t> rate = rates[i].get();
    if (!rate) {
      failure = dependency_failed(rate.error());
      break;
    }
    json[kCurrencies[i]] = amount * *rate / kRateUnit;
  }
  return failure ? *failure : Answer{200, json.dump()};
}

}  // namespace squall::shop
