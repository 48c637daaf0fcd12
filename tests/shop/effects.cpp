#include "tests/shop/effects.hpp"

#include <charconv>
#include <string_view>

#include "tests/shop/sqlite.hpp"

namespace squall::shop {
namespace {

constexpr std::string_view kPaymentPrefix = "pay_";
constexpr std::string_view kSalePrefix = "sale_";

Effect effect_in_row(const Statement& row) {
  Effect effect;
  effect.seq = row.integer(0);
  effect.kind = row.text(1) == "sale" ? EffectKind::kSale : EffectKind::kPayment;
  effect.token = row.text(2);
  effect.amount = row.integer(3);
  effect.subject = row.text(4);
  effect.charge = row.text(5);
  return effect;
}

}  // namespace

std::string Effect::id() const {
  return std::string(kind == EffectKind::kPayment ? kPaymentPrefix : kSalePrefix) +
         std::to_string(seq);
}

Result<std::int64_t> insert_effect(Connection& connection, const Effect& effect) {
  return connection
      .prepare("INSERT INTO effects(kind, token, amount, subject, charge) VALUES(?, ?, ?, ?, ?)")
      .bind(effect.kind == EffectKind::kPayment ? "payment" : "sale")
      .bind(effect.token)
      .bind(effect.amount)
      .bind(effect.subject)
      .bind(effect.charge)
      .run()
      .map([&] { return connection.last_id(); });
}

Result<std::optional<Effect>> find_effect(Connection& connection, const std::string& id) {
  const std::string_view text = id;
  const std::string_view prefix = text.starts_with(kSalePrefix) ? kSalePrefix : kPaymentPrefix;
  std::int64_t seq = 0;
  const char* end = text.data() + text.size();
  if (!text.starts_with(prefix) ||
      std::from_chars(text.data() + prefix.size(), end, seq).ptr != end) {
    return std::nullopt;
  }
  Statement statement = connection.prepare(
      "SELECT seq, kind, token, amount, subject, charge FROM effects WHERE seq = ?");
  const Result<bool> row = statement.bind(seq).step();
  if (!row) {
    return fail(row.error());
  }
  if (!*row) {
    return std::nullopt;
  }
  Effect effect = effect_in_row(statement);
  // "sale_17" does not name payment 17, nor "pay_017" it.
  return effect.id() == id ? std::optional(std::move(effect)) : std::nullopt;
}

Result<std::vector<Effect>> list_effects(Connection& connection, const EffectQuery& query) {
  Statement statement = connection.prepare(
      query.token ? "SELECT seq, kind, token, amount, subject, charge FROM effects "
                    "WHERE seq > ?1 AND token = ?3 ORDER BY seq LIMIT ?2"
                  : "SELECT seq, kind, token, amount, subject, charge FROM effects "
                    "WHERE seq > ?1 ORDER BY seq LIMIT ?2");
  statement.bind(query.after).bind(query.limit);
  if (query.token) {
    statement.bind(*query.token);
  }
  std::vector<Effect> effects;
  while (true) {
    const Result<bool> row = statement.step();
    if (!row) {
      return fail(row.error());
    }
    if (!*row) {
      return effects;
    }
    effects.push_back(effect_in_row(statement));
  }
}

}  // namespace squall::shop
