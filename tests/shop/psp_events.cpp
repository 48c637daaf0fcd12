#include "tests/shop/psp_events.hpp"

#include <nlohmann/json.hpp>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "tests/shop/effects.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/json_body.hpp"
#include "tests/shop/webhook_signature.hpp"

namespace squall::shop {
namespace {

constexpr std::int64_t kMaxNumber = 1'000'000'000'000;
constexpr const char* kSucceeded = "payment.succeeded";
constexpr std::string_view kPrefix = "payment.";

Result<PspEvent> read_event(const std::string& body) {
  const Result<nlohmann::json> json = parse_object(body);
  if (!json) {
    return fail(json.error());
  }
  const Result<std::string> id = text_field(*json, "id");
  const Result<std::string> type = text_field(*json, "type");
  const Result<std::string> token = text_field(*json, "token");
  if (!id || !type || !token) {
    return fail((!id ? id : !type ? type : token).error());
  }
  const auto number = [&](const char* name, std::int64_t otherwise) {
    return json->contains(name) ? integer_field(*json, name, 0, kMaxNumber)
                                : Result<std::int64_t>(otherwise);
  };
  const Result<std::int64_t> amount = number("amount", 0);
  const Result<std::int64_t> version = number("version", *type == kSucceeded ? 1 : 2);
  if (!amount || !version) {
    return fail((amount ? version : amount).error());
  }
  return PspEvent{*id, *type, *token, *amount, *version};
}

Result<bool> is_known(Connection& connection, const std::string& token) {
  Statement statement = connection.prepare("SELECT 1 FROM bookings WHERE token = ?");
  return statement.bind(token).step();
}

}  // namespace

Answer PspEvents::receive(const Call& call) {
  if (const Result<void> signed_by = check_webhook(call, secret_, wall_clock_now()); !signed_by) {
    return problem(401, signed_by.error().message);
  }
  const Result<PspEvent> event = read_event(call.body());
  if (!event) {
    return problem(400, event.error().message);
  }
  if (event->type.starts_with(kPrefix)) {
    if (const Result<void> applied = apply(*event); !applied) {
      return failed(applied.error(), call);
    }
  }
  return {200, R"({"received":true})"};
}

Answer PspEvents::look(const Call& call) {
  const std::string token = call.group(1);
  const Database::ReadLease reader = deps_.database.read();
  Statement statement = reader->prepare("SELECT status, version FROM bookings WHERE token = ?");
  const Result<bool> found = statement.bind(token).step();
  if (!found) {
    return failed(found.error(), call);
  }
  if (!*found) {
    return problem(404, "nothing is known under this token");
  }
  const nlohmann::ordered_json json = {
      {"token", token}, {"status", statement.text(0)}, {"version", statement.integer(1)}};
  return {200, json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

Result<void> PspEvents::book_naively(const PspEvent& event) {
  const Database::WriteLease writer = deps_.database.write();
  Transaction transaction(*writer);
  const Result<bool> known =
      transaction.begin().and_then([&] { return is_known(*writer, event.token); });
  if (!known) {
    return fail(known.error());
  }
  const bool books = event.type == kSucceeded || !*known;
  return (books ? insert_booking(*writer, event) : Result<void>())
      .and_then([&] {
        return writer
            ->prepare(
                "INSERT INTO bookings(token, status, version) VALUES(?1, ?2, ?3) "
                "ON CONFLICT(token) DO UPDATE SET status = ?2, version = ?3")
            .bind(event.token)
            .bind(event.type.substr(kPrefix.size()))
            .bind(event.version)
            .run();
      })
      .and_then([&] { return transaction.commit(); });
}

Result<void> PspEvents::insert_booking(Connection& writer, const PspEvent& event) {
  return insert_effect(writer, {.kind = EffectKind::kBooking,
                                .token = event.token,
                                .amount = event.amount,
                                .subject = event.id})
      .map([](std::int64_t) {});
}

Answer PspEvents::failed(const Error& error, const Call& call) const {
  deps_.metrics.database_error();
  deps_.log.error("database error", &call.trace(), {{"error", error.message}});
  return problem(503, "the database cannot be used now");
}

std::unique_ptr<PspEvents> make_psp_events(const ConsumerSettings& settings, PspEvents::Deps deps) {
  switch (settings.mode) {
    case ConsumerMode::kNone:
      return make_naive_consumer(settings, deps);
    case ConsumerMode::kMemory:
      return make_memory_consumer(settings, deps);
    case ConsumerMode::kTable:
      return make_table_consumer(settings, deps);
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::shop
