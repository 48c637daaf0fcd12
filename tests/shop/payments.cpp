#include "tests/shop/payments.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "tests/shop/callers.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/json_body.hpp"

namespace squall::shop {
namespace {

constexpr std::int64_t kMaxAmount = 1'000'000'000'000;

Result<PaymentRequest> read_request(const std::string& body) {
  const Result<nlohmann::json> json = parse_object(body);
  if (!json) {
    return fail(json.error());
  }
  Result<std::string> order = text_or_number_field(*json, "order");
  Result<std::int64_t> amount = integer_field(*json, "amount", 1, kMaxAmount);
  Result<std::string> token = text_field(*json, "token");
  if (!order || !amount || !token) {
    return fail(!order ? order.error() : !amount ? amount.error() : token.error());
  }
  return PaymentRequest{std::move(*order), *amount, std::move(*token)};
}

std::string payment_json(const Effect& payment) {
  nlohmann::ordered_json json = {{"id", payment.id()},       {"order", payment.subject},
                                 {"amount", payment.amount}, {"token", payment.token},
                                 {"status", "succeeded"},    {"charge", payment.charge}};
  if (!payment.memo.empty()) {
    json["memo"] = payment.memo;
  }
  return json.dump();
}

std::string refund_json(const Effect& refund) {
  const nlohmann::ordered_json json = {{"id", refund.id()},
                                       {"order", refund.subject},
                                       {"amount", refund.amount},
                                       {"token", refund.token},
                                       {"status", "refunded"}};
  return json.dump();
}

Answer no_such_payment() {
  return problem(404, "no such payment");
}

bool is_payment_of(const std::optional<Effect>& found, const std::string& caller) {
  return found && found->kind == EffectKind::kPayment && found->caller == caller;
}

}  // namespace

std::string PaymentRequest::canonical() const {
  return nlohmann::json{{"amount", amount}, {"order", order}, {"token", token}}.dump();
}

Operation PaymentDesk::payment(const PaymentRequest& request, const std::string& caller,
                               const Trace& trace) {
  // What record() wrote, for after_commit().
  const auto payment = std::make_shared<Effect>();
  Operation operation;
  operation.steps = {[this, request, &trace](const std::string& key) {
    return deps_.psp.charge({request.amount, request.token, key}, trace);
  }};
  if (deps_.mail != nullptr) {
    operation.steps.emplace_back([this, request, &trace](const std::string& key) {
      return deps_.mail->send(request.token, "receipt for order " + request.order, key, trace);
    });
  }
  operation.record = [this, request, caller, payment, &trace](Connection& writer,
                                                              const Progress& done) {
    *payment = {.kind = EffectKind::kPayment,
                .token = request.token,
                .amount = request.amount,
                .subject = request.order,
                .charge = done.results.at(0),
                .caller = caller,
                .operation = done.operation};
    return record(writer, *payment, trace);
  };
  operation.after_commit = [this, payment, &trace] {
    if (deps_.webhooks != nullptr) {
      deps_.webhooks->announce(*payment, trace);
    }
  };
  return operation;
}

Result<Answer> PaymentDesk::record(Connection& writer, Effect& payment, const Trace& trace) {
  return insert_effect(writer, payment)
      .and_then([&](std::int64_t seq) {
        payment.seq = seq;
        return deps_.webhooks == nullptr ? Result<void>()
                                         : deps_.webhooks->record(writer, payment, trace);
      })
      .map([&] {
        return Answer{201, payment_json(payment)};
      });
}

Answer PaymentDesk::take(const Call& call) {
  const Result<std::string> caller = caller_of(call);
  if (!caller) {
    return problem(401, caller.error().message);
  }
  const Result<PaymentRequest> request = read_request(call.body());
  if (!request) {
    return problem(400, request.error().message);
  }
  return deps_.keys.carry_out(call, {*caller, "POST /payments", request->canonical()},
                              payment(*request, *caller, call.trace()));
}

Answer PaymentDesk::refund(const Call& call) {
  const Result<std::string> caller = caller_of(call);
  if (!caller) {
    return problem(401, caller.error().message);
  }
  const Result<PaymentRequest> request = read_request(call.body());
  if (!request) {
    return problem(400, request.error().message);
  }
  Operation operation;
  operation.record = [&](Connection& writer, const Progress& done) {
    Effect refund{.kind = EffectKind::kRefund,
                  .token = request->token,
                  .amount = request->amount,
                  .subject = request->order,
                  .caller = *caller,
                  .operation = done.operation};
    return insert_effect(writer, refund).map([&](std::int64_t seq) {
      refund.seq = seq;
      return Answer{201, refund_json(refund)};
    });
  };
  return deps_.keys.carry_out(call, {*caller, "POST /refunds", request->canonical()}, operation);
}

Answer PaymentDesk::look(const Call& call) {
  const Result<std::string> caller = caller_of(call);
  if (!caller) {
    return problem(401, caller.error().message);
  }
  const Result<std::optional<Effect>> found = find_effect(*deps_.database.read(), call.group(1));
  if (!found) {
    return database_failed(found.error(), call.trace());
  }
  return is_payment_of(*found, *caller) && !(*found)->cancelled ? Answer{200, payment_json(**found)}
                                                                : no_such_payment();
}

Answer PaymentDesk::set_memo(const Call& call) {
  const Result<std::string> caller = caller_of(call);
  if (!caller) {
    return problem(401, caller.error().message);
  }
  const Result<std::string> memo =
      parse_object(call.body()).and_then([](const auto& json) { return text_field(json, "memo"); });
  if (!memo) {
    return problem(400, memo.error().message);
  }
  const std::string id = call.group(1);
  Operation operation;
  operation.record = [&](Connection& writer, const Progress&) -> Result<Answer> {
    Result<std::optional<Effect>> found = find_effect(writer, id);
    if (!found) {
      return fail(found.error());
    }
    if (!is_payment_of(*found, *caller) || (*found)->cancelled) {
      return no_such_payment();
    }
    Effect& payment = **found;
    payment.memo = *memo;
    return shop::set_memo(writer, payment.seq, *memo).map([&] {
      return Answer{200, payment_json(payment)};
    });
  };
  return deps_.keys.carry_out(call, {*caller, "PUT /payments/" + id + "/memo", *memo}, operation);
}

Answer PaymentDesk::cancel(const Call& call) {
  const Result<std::string> caller = caller_of(call);
  if (!caller) {
    return problem(401, caller.error().message);
  }
  const Database::WriteLease writer = deps_.database.write();
  Transaction transaction(*writer);
  Result<std::optional<Effect>> found =
      transaction.begin().and_then([&] { return find_effect(*writer, call.group(1)); });
  if (!found) {
    return database_failed(found.error(), call.trace());
  }
  if (!is_payment_of(*found, *caller)) {
    return no_such_payment();
  }
  const Result<void> cancelled =
      cancel_effect(*writer, (*found)->seq).and_then([&] { return transaction.commit(); });
  return cancelled ? Answer{204, ""} : database_failed(cancelled.error(), call.trace());
}

Answer PaymentDesk::database_failed(const Error& error, const Trace& trace) const {
  deps_.metrics.database_error();
  deps_.log.error("database error", &trace, {{"error", error.message}});
  return problem(503, "the database cannot be used now");
}

}  // namespace squall::shop
