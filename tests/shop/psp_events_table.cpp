// One transaction: the event's id, which can be inserted once, with what the event does. A twin
// waits for that transaction, so whoever is acknowledged may rely on it. A token has one booking,
// which whichever event comes first makes; its status only goes forward.
#include "tests/shop/psp_events.hpp"

namespace squall::shop {
namespace {

class TableConsumer final : public PspEvents {
 public:
  using PspEvents::PspEvents;

 protected:
  Result<void> apply(const PspEvent& event) override {
    const Database::WriteLease writer = deps_.database.write();
    Transaction transaction(*writer);
    const Result<bool> is_new =
        transaction.begin().and_then([&] { return insert_event(*writer, event.id); });
    if (!is_new) {
      return fail(is_new.error());
    }
    return *is_new ? advance(*writer, event).and_then([&] { return transaction.commit(); })
                   : Result<void>();
  }

 private:
  static Result<bool> insert_event(Connection& writer, const std::string& id) {
    return writer.prepare("INSERT INTO events(id) VALUES(?) ON CONFLICT(id) DO NOTHING")
        .bind(id)
        .run()
        .map([&] { return writer.changes() == 1; });
  }

  static Result<void> advance(Connection& writer, const PspEvent& event) {
    const std::string status = event.type.substr(event.type.find('.') + 1);
    const Result<bool> is_first =
        writer
            .prepare(
                "INSERT INTO bookings(token, status, version) VALUES(?, ?, ?) "
                "ON CONFLICT(token) DO NOTHING")
            .bind(event.token)
            .bind(status)
            .bind(event.version)
            .run()
            .map([&] { return writer.changes() == 1; });
    if (!is_first) {
      return fail(is_first.error());
    }
    if (*is_first) {
      return insert_booking(writer, event);
    }
    return writer
        .prepare("UPDATE bookings SET status = ?, version = ? WHERE token = ? AND version < ?")
        .bind(status)
        .bind(event.version)
        .bind(event.token)
        .bind(event.version)
        .run();
  }
};

}  // namespace

std::unique_ptr<PspEvents> make_table_consumer(const ConsumerSettings& settings,
                                               PspEvents::Deps deps) {
  return std::make_unique<TableConsumer>(settings, deps);
}

}  // namespace squall::shop
