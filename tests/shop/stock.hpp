// Selling what is in stock, with and without the defect that squall is to find.
#pragma once

#include "tests/shop/database.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"

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
  };
  StockRoom(StockMode mode, Deps deps) : mode_(mode), deps_(deps) {}

  // POST /buy {"item","token"}: 201 {"id","item","token","remaining"}; 404 unknown item, 409 sold
  // out.
  [[nodiscard]] Answer buy(const Call& call);
  // GET /stock/{item}: {"item","quantity","sold"}.
  [[nodiscard]] Answer look(const Call& call);
  // PUT /stock/{item} {"quantity"}: sets it, and the number sold to 0.
  [[nodiscard]] Answer set(const Call& call);

 private:
  // Both return the sale's answer.
  [[nodiscard]] Result<Answer> buy_racily(const std::string& item, const std::string& token);
  [[nodiscard]] Result<Answer> buy_atomically(const std::string& item, const std::string& token);
  [[nodiscard]] Answer answer_or_503(Result<Answer> result, const Call& call) const;

  StockMode mode_;
  Deps deps_;
};

}  // namespace squall::shop
