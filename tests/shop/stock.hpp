// Selling what is in stock, with and without the defect that squall is to find.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "tests/shop/database.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/psp_client.hpp"

namespace squall::shop {

class Call;

enum class StockMode {
  kRacy,  // reads the quantity, checks it, writes back one less: two buyers of the last piece both
          // get it
  kAtomic,  // one UPDATE that takes a piece only when there is one
};

// Borrows everything. Any thread.
class StockRoom {
 public:
  struct Deps {
    Database& database;
    Metrics& metrics;
    const Log& log;
    PspClient& psp;
    std::string currency;  // whose rate the provider is asked for, between a look at the stock and
                           // the sale; empty: it is not asked
  };
  StockRoom(StockMode mode, Deps deps) : mode_(mode), deps_(std::move(deps)) {}

  // POST /buy {"item","token"}: 201 {"id","item","token","remaining"}; 404 unknown item, 409 sold
  // out.
  [[nodiscard]] Answer buy(const Call& call);
  // GET /stock/{item}: {"item","quantity","sold"}.
  [[nodiscard]] Answer look(const Call& call);
  // PUT /stock/{item} {"quantity"}: sets it, and the number sold to 0.
  [[nodiscard]] Answer set(const Call& call);

 private:
  // Both return the sale's answer.
  [[nodiscard]] Result<Answer> buy_racily(const std::string& item, const std::string& token,
                                          std::int64_t quantity);
  [[nodiscard]] Result<Answer> buy_atomically(const std::string& item, const std::string& token);
  [[nodiscard]] Answer answer_or_503(Result<Answer> result, const Call& call) const;

  StockMode mode_;
  Deps deps_;
};

}  // namespace squall::shop
