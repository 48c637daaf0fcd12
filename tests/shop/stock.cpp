#include "tests/shop/stock.hpp"

#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "tests/shop/effects.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/json_body.hpp"

namespace squall::shop {
namespace {

constexpr std::int64_t kMaxQuantity = 1'000'000'000;

Result<std::optional<std::int64_t>> quantity_of(Connection& connection, const std::string& item) {
  Statement statement = connection.prepare("SELECT quantity FROM stock WHERE item = ?");
  const Result<bool> row = statement.bind(item).step();
  if (!row) {
    return fail(row.error());
  }
  return *row ? std::optional(statement.integer(0)) : std::nullopt;
}

Result<Answer> record_sale(Connection& writer, const std::string& item, const std::string& token,
                           std::int64_t remaining) {
  Effect sale{0, EffectKind::kSale, token, 1, item, ""};
  return insert_effect(writer, sale).map([&](std::int64_t seq) {
    sale.seq = seq;
    const nlohmann::ordered_json json = {
        {"id", sale.id()}, {"item", item}, {"token", token}, {"remaining", remaining}};
    return Answer{201, json.dump()};
  });
}

Answer sold_out() {
  return problem(409, "sold out");
}
Answer unknown_item() {
  return problem(404, "no such item");
}

}  // namespace

Answer StockRoom::buy(const Call& call) {
  const Result<nlohmann::json> json = parse_object(call.body());
  if (!json) {
    return problem(400, json.error().message);
  }
  const Result<std::string> item = text_field(*json, "item");
  const Result<std::string> token = text_field(*json, "token");
  if (!item || !token) {
    return problem(400, (item ? token : item).error().message);
  }
  const Result<std::optional<std::int64_t>> quantity = quantity_of(*deps_.database.read(), *item);
  if (!quantity) {
    return answer_or_503(fail(quantity.error()), call);
  }
  if (!*quantity) {
    return unknown_item();
  }
  if (**quantity < 1) {
    return sold_out();
  }
  if (!deps_.currency.empty()) {
    if (const Result<std::int64_t> rate = deps_.psp.rate(deps_.currency, call.trace()); !rate) {
      return dependency_failed(rate.error());
    }
  }
  return answer_or_503(mode_ == StockMode::kRacy ? buy_racily(*item, *token, **quantity)
                                                 : buy_atomically(*item, *token),
                       call);
}

Result<Answer> StockRoom::buy_racily(const std::string& item, const std::string& token,
                                     std::int64_t quantity) {
  const std::int64_t remaining = quantity - 1;
  const Database::WriteLease writer = deps_.database.write();
  Transaction transaction(*writer);
  return transaction.begin()
      .and_then([&] {
        return writer->prepare("UPDATE stock SET quantity = ?, sold = sold + 1 WHERE item = ?")
            .bind(remaining)
            .bind(item)
            .run();
      })
      .and_then([&] { return record_sale(*writer, item, token, remaining); })
      .and_then(
          [&](const Answer& answer) { return transaction.commit().map([&] { return answer; }); });
}

Result<Answer> StockRoom::buy_atomically(const std::string& item, const std::string& token) {
  const Database::WriteLease writer = deps_.database.write();
  Transaction transaction(*writer);
  if (const Result<void> begun = transaction.begin(); !begun) {
    return fail(begun.error());
  }
  const Result<void> taken = writer
                                 ->prepare(
                                     "UPDATE stock SET quantity = quantity - 1, sold = sold + 1 "
                                     "WHERE item = ? AND quantity > 0")
                                 .bind(item)
                                 .run();
  const bool got_one = taken && writer->changes() == 1;
  const Result<std::optional<std::int64_t>> remaining =
      taken ? quantity_of(*writer, item) : fail(taken.error());
  if (!remaining) {
    return fail(remaining.error());
  }
  if (!got_one) {
    return *remaining ? sold_out() : unknown_item();
  }
  return record_sale(*writer, item, token, **remaining).and_then([&](const Answer& answer) {
    return transaction.commit().map([&] { return answer; });
  });
}

Answer StockRoom::look(const Call& call) {
  const Database::ReadLease reader = deps_.database.read();
  Statement statement = reader->prepare("SELECT quantity, sold FROM stock WHERE item = ?");
  const std::string item = call.group(1);
  return answer_or_503(statement.bind(item).step().map([&](bool found) {
    if (!found) {
      return unknown_item();
    }
    const nlohmann::ordered_json json = {
        {"item", item}, {"quantity", statement.integer(0)}, {"sold", statement.integer(1)}};
    return Answer{200, json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
  }),
                       call);
}

Answer StockRoom::set(const Call& call) {
  const auto quantity = parse_object(call.body()).and_then([](const nlohmann::json& json) {
    return integer_field(json, "quantity", 0, kMaxQuantity);
  });
  if (!quantity) {
    return problem(400, quantity.error().message);
  }
  const std::string item = call.group(1);
  Result<void> set;
  {
    const Database::WriteLease writer = deps_.database.write();
    set = writer
              ->prepare(
                  "INSERT INTO stock(item, quantity) VALUES(?1, ?2) "
                  "ON CONFLICT(item) DO UPDATE SET quantity = ?2, sold = 0")
              .bind(item)
              .bind(*quantity)
              .run();
  }
  return set ? look(call) : answer_or_503(fail(set.error()), call);
}

Answer StockRoom::answer_or_503(Result<Answer> result, const Call& call) const {
  if (result) {
    return std::move(*result);
  }
  deps_.metrics.database_error();
  deps_.log.error("database error", &call.trace(), {{"error", result.error().message}});
  return problem(503, "the database cannot be used now");
}

}  // namespace squall::shop
