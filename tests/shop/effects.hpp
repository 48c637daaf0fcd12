// What the shop did: one row per payment or sale. This is what oracles count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::shop {

class Connection;

enum class EffectKind { kPayment, kSale };

struct Effect {
  std::int64_t seq = 0;  // given by the database, growing
  EffectKind kind = EffectKind::kPayment;
  std::string token;
  std::int64_t amount = 0;  // of a payment: minor units; of a sale: pieces
  std::string subject;      // of a payment: the order; of a sale: the item
  std::string charge;       // of a payment: the provider's id

  // "pay_17", "sale_18".
  [[nodiscard]] std::string id() const;
};

// Returns its seq. `connection`: the writing one.
[[nodiscard]] Result<std::int64_t> insert_effect(Connection& connection, const Effect& effect);

// By an id such as "pay_17"; empty when there is none.
[[nodiscard]] Result<std::optional<Effect>> find_effect(Connection& connection,
                                                        const std::string& id);

struct EffectQuery {
  std::optional<std::string> token;  // only these
  std::int64_t after = 0;            // only later ones
  std::int64_t limit = 1'000'000'000;
};
// In order of seq. Because one connection writes at a time, a row never appears before one that was
// already read.
[[nodiscard]] Result<std::vector<Effect>> list_effects(Connection& connection,
                                                       const EffectQuery& query);

}  // namespace squall::shop
