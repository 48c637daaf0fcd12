#include "tests/shop/readings.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/effects.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/paging.hpp"

namespace squall::shop {
namespace {

using Json = nlohmann::ordered_json;

Answer is_ready() {
  return {200, R"({"status":"ready"})"};
}

}  // namespace

Answer Readings::ledger(const Call& call) {
  const Result<Page> page = page_of(call);
  if (!page) {
    return problem(400, page.error().message);
  }
  const std::optional<std::string> word = call.query("kind");
  const std::optional<EffectKind> kind = word ? effect_kind_from(*word) : std::nullopt;
  if (word && !kind) {
    return problem(400, "kind must be payment, sale, refund or booking");
  }
  // One more than asked for tells whether there is a next page.
  Result<std::vector<Effect>> effects = list_effects(
      *deps_.database.read(), {call.query("token"), page->after, page->limit + 1, kind});
  if (!effects) {
    return database_failed(effects.error(), call);
  }
  Json next = nullptr;
  if (static_cast<std::int64_t>(effects->size()) > page->limit) {
    effects->pop_back();
    next = std::to_string(effects->back().seq);
  }
  Json items = Json::array();
  for (const Effect& effect : *effects) {
    items.push_back({{"token", effect.token}, {"id", effect.id()}, {"amount", effect.amount}});
  }
  return {200, Json{{"effects", std::move(items)}, {"next", std::move(next)}}.dump()};
}

Answer Readings::ready(const Call& call) {
  if (readiness_ == ReadinessMode::kProcess) {
    return is_ready();
  }
  const Result<std::vector<Effect>> read =
      list_effects(*deps_.database.read(), {std::nullopt, 0, 1});
  if (!read) {
    return database_failed(read.error(), call);
  }
  return readiness_ == ReadinessMode::kDatabase ? is_ready() : dependencies_ready(call);
}

Answer Readings::dependencies_ready(const Call& call) {
  const Result<PoolAnswer> provider = deps_.psp_health.call({"GET", "/readyz", {}}, call.trace());
  if (!provider || provider->status != 200) {
    return problem(
        503, provider ? fmt::format("the payment provider is not ready ({})", provider->status)
                      : provider.error().message);
  }
  if (deps_.items != nullptr) {
    if (const Result<void> items = deps_.items->check(); !items) {
      return problem(503, items.error().message);
    }
  }
  return is_ready();
}

Answer Readings::database_failed(const Error& error, const Call& call) {
  deps_.role.metrics().database_error();
  deps_.role.log().error("database error", &call.trace(), {{"error", error.message}});
  return problem(503, "the database cannot be used now");
}

}  // namespace squall::shop
