// Prices in several currencies: a page that needs several answers of another service.
#pragma once

#include "tests/shop/problem.hpp"
#include "tests/shop/psp_client.hpp"

namespace squall::shop {

class Call;

enum class CallOrder {
  kSerial,    // one call after the other: their times add up
  kParallel,  // all at once: the slowest one counts
};

// Borrows the client. Any thread.
class Prices {
 public:
  Prices(PspClient& psp, CallOrder order) : psp_(psp), order_(order) {}

  // GET /prices/{amount}: {"EUR":…,"GBP":…,"JPY":…,"USD":…}, one call for each; 502, 503, 504 when
  // one of them fails.
  [[nodiscard]] Answer look(const Call& call);

 private:
  PspClient& psp_;
  CallOrder order_;
};

}  // namespace squall::shop
