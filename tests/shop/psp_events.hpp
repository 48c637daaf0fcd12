// What the payment provider tells the shop by webhooks, with and without the defects that squall is
// to find.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/shop/database.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"

namespace squall::shop {

class Call;

enum class ConsumerMode {
  kNone,    // every delivery counts
  kMemory,  // ids of events in a set of the process
  kTable,   // ids of events in a table, and one booking per token whatever comes first
};

struct ConsumerSettings {
  ConsumerMode mode = ConsumerMode::kTable;
  std::string secret = {};  // empty: signatures are not looked at
};

// {"id","type","token","amount","version"}. "payment.succeeded" says that there is money to be
// booked under the token; any other "payment.…" says what became of it later. Versions grow;
// without one, success is 1 and everything else 2.
struct PspEvent {
  std::string id;
  std::string type;
  std::string token;
  std::int64_t amount = 0;
  std::int64_t version = 0;
};

// A booking is an effect under the event's token. Borrows what is in Deps. Any thread.
class PspEvents {
 public:
  struct Deps {
    Database& database;
    Metrics& metrics;
    const Log& log;
  };
  PspEvents(const ConsumerSettings& settings, Deps deps) : deps_(deps), secret_(settings.secret) {}
  virtual ~PspEvents() = default;
  PspEvents(const PspEvents&) = delete;
  PspEvents& operator=(const PspEvents&) = delete;

  // POST /webhooks/psp: 200; 400 for what cannot be read, 401 for a wrong signature, 503 when the
  // event was not taken and shall come again.
  [[nodiscard]] Answer receive(const Call& call);
  // GET /webhooks/psp/{token}: {"token","status","version"}; 404.
  [[nodiscard]] Answer look(const Call& call);

 protected:
  // When it returns, what the event does is durable, by this delivery or an earlier one.
  [[nodiscard]] virtual Result<void> apply(const PspEvent& event) = 0;

  // Without a look at what was delivered before. A payment that nobody has heard of is booked,
  // whatever the event says: somebody forgot to tell.
  [[nodiscard]] Result<void> book_naively(const PspEvent& event);
  [[nodiscard]] static Result<void> insert_booking(Connection& writer, const PspEvent& event);

  Deps deps_;

 private:
  [[nodiscard]] Answer failed(const Error& error, const Call& call) const;

  std::string secret_;
};

[[nodiscard]] std::unique_ptr<PspEvents> make_psp_events(const ConsumerSettings& settings,
                                                         PspEvents::Deps deps);

// One per variant, each in a file of its own.
[[nodiscard]] std::unique_ptr<PspEvents> make_naive_consumer(const ConsumerSettings& settings,
                                                             PspEvents::Deps deps);
[[nodiscard]] std::unique_ptr<PspEvents> make_memory_consumer(const ConsumerSettings& settings,
                                                              PspEvents::Deps deps);
[[nodiscard]] std::unique_ptr<PspEvents> make_table_consumer(const ConsumerSettings& settings,
                                                             PspEvents::Deps deps);

}  // namespace squall::shop
