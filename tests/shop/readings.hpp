// What the shop tells about itself: the ledger, whether it is ready.
#pragma once

#include "tests/shop/database.hpp"
#include "tests/shop/dependency.hpp"
#include "tests/shop/items.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {

class Call;

// What /readyz looks at.
enum class ReadinessMode {
  kProcess,       // nothing: whoever can answer is ready
  kDatabase,      // the shop's own database. No restart of the shop would bring the provider back
  kDependencies,  // also what the shop cannot sell without: provider and items
};

// Borrows everything. Any thread.
class Readings {
 public:
  struct Deps {
    Database& database;
    Role& role;
    Dependency& psp_health;  // asked by kDependencies
    Items* items;            // null without
  };
  Readings(ReadinessMode readiness, Deps deps) : readiness_(readiness), deps_(deps) {}

  // GET /ledger?token=&kind=&limit=&after=. `run` is accepted and not looked at: tokens are unique
  // to a run, and what others left is in the oracle's baseline.
  [[nodiscard]] Answer ledger(const Call& call);
  // GET /readyz: 200, or 503 saying what is missing.
  [[nodiscard]] Answer ready(const Call& call);

 private:
  [[nodiscard]] Answer dependencies_ready(const Call& call);
  [[nodiscard]] Answer database_failed(const Error& error, const Call& call);

  ReadinessMode readiness_;
  Deps deps_;
};

}  // namespace squall::shop
