#include "tests/shop/effects.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "tests/shop/sql.hpp"

namespace squall::shop {
namespace {

struct KindWords {
  EffectKind kind;
  std::string_view name;
  std::string_view prefix;
};
constexpr std::array<KindWords, 4> kKinds = {{{EffectKind::kPayment, "payment", "pay_"},
                                              {EffectKind::kSale, "sale", "sale_"},
                                              {EffectKind::kRefund, "refund", "ref_"},
                                              {EffectKind::kBooking, "booking", "book_"}}};

const KindWords& words_of(EffectKind kind) {
  return *std::find_if(kKinds.begin(), kKinds.end(),
                       [&](const KindWords& words) { return words.kind == kind; });
}

// Selects columns in this order.
Effect effect_in_row(const Statement& row) {
  return {.seq = row.integer(0),
          .kind = effect_kind_from(row.text(1)).value_or(EffectKind::kPayment),
          .token = row.text(2),
          .amount = row.integer(3),
          .subject = row.text(4),
          .charge = row.text(5),
          .caller = row.text(6),
          .memo = row.text(7),
          .cancelled = row.integer(8) != 0,
          .operation = row.text(9)};
}

}  // namespace

std::optional<EffectKind> effect_kind_from(std::string_view name) {
  const auto* const words = std::find_if(
      kKinds.begin(), kKinds.end(), [&](const KindWords& known) { return known.name == name; });
  return words == kKinds.end() ? std::nullopt : std::optional(words->kind);
}

std::string Effect::id() const {
  return std::string(words_of(kind).prefix) + std::to_string(seq);
}

Result<std::int64_t> insert_effect(Connection& connection, const Effect& effect) {
  Statement statement = connection.prepare(
      "INSERT INTO effects(kind, token, amount, subject, charge, caller, memo, cancelled, "
      "operation) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, 0, NULLIF(?, '')) ON CONFLICT(operation) DO NOTHING "
      "RETURNING seq");
  const Result<bool> inserted = statement.bind(words_of(effect.kind).name)
                                    .bind(effect.token)
                                    .bind(effect.amount)
                                    .bind(effect.subject)
                                    .bind(effect.charge)
                                    .bind(effect.caller)
                                    .bind(effect.memo)
                                    .bind(effect.operation)
                                    .step();
  if (!inserted) {
    return fail(inserted.error());
  }
  if (*inserted) {
    const std::int64_t seq = statement.integer(0);
    return statement.run().map([&] { return seq; });
  }
  Statement before = connection.prepare("SELECT seq FROM effects WHERE operation = ?");
  return before.bind(effect.operation).step().and_then([&](bool found) {
    return found ? Result<std::int64_t>(before.integer(0))
                 : fail(ErrorCode::kIo, "database: an operation without its effect");
  });
}

Result<void> set_memo(Connection& connection, std::int64_t seq, const std::string& memo) {
  return connection.prepare("UPDATE effects SET memo = ? WHERE seq = ?").bind(memo).bind(seq).run();
}

Result<void> cancel_effect(Connection& connection, std::int64_t seq) {
  return connection.prepare("UPDATE effects SET cancelled = 1 WHERE seq = ?").bind(seq).run();
}

Result<std::optional<Effect>> find_effect(Connection& connection, const std::string& id) {
  const std::string_view text = id;
  const std::size_t digits = std::min(text.find('_'), text.size() - 1) + 1;
  std::int64_t seq = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data() + digits, end, seq).ptr != end) {
    return std::nullopt;
  }
  Statement statement = connection.prepare(
      "SELECT seq, kind, token, amount, subject, charge, caller, memo, cancelled, operation "
      "FROM effects WHERE seq = ?");
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
      query.token
          ? "SELECT seq, kind, token, amount, subject, charge, caller, memo, cancelled, operation "
            "FROM effects WHERE token = ? AND seq > ? AND kind LIKE ? AND kind <> ? "
            "ORDER BY seq LIMIT ?"
          : "SELECT seq, kind, token, amount, subject, charge, caller, memo, cancelled, operation "
            "FROM effects WHERE seq > ? AND kind LIKE ? AND kind <> ? ORDER BY seq LIMIT ?");
  if (query.token) {
    statement.bind(*query.token);
  }
  statement.bind(query.after)
      .bind(query.kind ? words_of(*query.kind).name : "%")
      .bind(query.kind ? "" : words_of(EffectKind::kRefund).name)
      .bind(query.limit);
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
