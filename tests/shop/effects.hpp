// What the shop did: one row per payment, sale, refund or booking. This is what oracles count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::shop {

class Connection;

enum class EffectKind { kPayment, kSale, kRefund, kBooking };
[[nodiscard]] std::optional<EffectKind> effect_kind_from(std::string_view name);  // "payment"

struct Effect {
  std::int64_t seq = 0;  // given by the database, growing
  EffectKind kind = EffectKind::kPayment;
  std::string token = {};
  std::int64_t amount = 0;   // minor units; of a sale: pieces
  std::string subject = {};  // of a payment or refund: the order; of a sale: the item; of a
                             // booking: the event
  std::string charge = {};   // of a payment: the provider's id
  std::string caller = {};   // whose it is
  std::string memo = {};
  bool cancelled = false;
  std::string operation = {};  // by which it was done; empty when nobody keeps count

  // "pay_17", "sale_18", "ref_19", "book_20".
  [[nodiscard]] std::string id() const;
};

// Returns its seq; that of the effect which the same operation had before, if it had one.
// `connection`: the writing one.
[[nodiscard]] Result<std::int64_t> insert_effect(Connection& connection, const Effect& effect);
[[nodiscard]] Result<void> set_memo(Connection& connection, std::int64_t seq,
                                    const std::string& memo);
[[nodiscard]] Result<void> cancel_effect(Connection& connection, std::int64_t seq);

// By an id such as "pay_17"; empty when there is none.
[[nodiscard]] Result<std::optional<Effect>> find_effect(Connection& connection,
                                                        const std::string& id);

struct EffectQuery {
  std::optional<std::string> token;  // only these
  std::int64_t after = 0;            // only later ones
  std::int64_t limit = 1'000'000'000;
  std::optional<EffectKind> kind = {};  // only these; without: everything but refunds, which take
                                        // an effect back
};
// In order of seq. In SQLite one connection writes at a time, so a row never appears before one
// that was already read; in PostgreSQL it may, while payments are being taken.
[[nodiscard]] Result<std::vector<Effect>> list_effects(Connection& connection,
                                                       const EffectQuery& query);

}  // namespace squall::shop
