// 26: the target receives webhooks, whose providers deliver at least once and in any order.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/verify/event_delivery.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 4> kRemedies = {
    "insert the event's id into a table with a unique constraint, in the transaction of what the "
    "event does",
    "acknowledge after that transaction's commit, not before",
    "let a twin wait for the first delivery, or refuse it with an error that makes the provider "
    "repeat it",
    "let what an event may do depend on a version or on what is known already, not on the order "
    "of arrival",
};

constexpr unsigned kMostKills = 10;  // each costs a restart

std::string text_of(const std::vector<unsigned>& sizes) {
  std::string shown;
  for (const unsigned size : sizes) {
    shown += fmt::format("{}{}", shown.empty() ? "" : ", ", size);
  }
  return shown;
}

class ConsumerTest {
 public:
  ConsumerTest(Lab& lab, PropertyTest& test)
      : lab_(lab), test_(test), consumer_(*lab.idempotency().consumer) {}

  void run() {
    auto usual = usual_of_events(lab_, nullptr);
    if (!usual) {
      test_.not_tested(usual.error().message);
      return;
    }
    usual_ = *std::move(usual);
    again();
    together();
    out_of_order();
    killed();
    test_.provoked(provocation_);
  }

 private:
  enum class Redelivery { kNone, kOnce };

  void did(std::string text) { provocation_ += (provocation_.empty() ? "" : "; ") + text; }

  // Providers call an address behind which any replica may be.
  [[nodiscard]] Shot shot_of(const model::IdempotencyRequest& request, const Operation& event) {
    Shot shot = lab_.shot(request, event);
    shot.replica = static_cast<std::uint16_t>(turn_++ % replicas_of(request));
    return shot;
  }
  [[nodiscard]] std::size_t replicas_of(const model::IdempotencyRequest& request) const {
    return lab_.plan().targets[request.target].replicas.size();
  }

  void again() {
    did(fmt::format("the same event again, {} times", lab_.few_rounds()));
    test_.rounds(lab_.few_rounds(), [&](Trial& trial) {
      const Operation event = new_event(lab_);
      trial.expect(event, usual_);
      if (first_success(lab_, trial, shot_of(consumer_.deliver, event))) {
        deliver_until_acknowledged(lab_, trial, shot_of(consumer_.deliver, event));
      }
    });
  }

  void together() {
    const auto& sizes = lab_.idempotency().barriers;
    did(fmt::format("{} times at once, {} rounds", text_of(sizes), lab_.rounds()));
    unsigned round = 0;
    test_.rounds(lab_.rounds(), [&](Trial& trial) {
      const Operation event = new_event(lab_);
      trial.expect(event, usual_);
      std::vector<Shot> twins;
      for (unsigned i = 0; i < sizes[round % sizes.size()]; ++i) {
        twins.push_back(shot_of(consumer_.deliver, event));
        twins.back().barrier = 0;
      }
      ++round;
      const std::vector<Answer> answers = lab_.play(trial, twins);
      if (std::none_of(answers.begin(), answers.end(),
                       [](const Answer& answer) { return answer.succeeded(); })) {
        deliver_until_acknowledged(lab_, trial, shot_of(consumer_.deliver, event));
      }
    });
  }

  // The later event may be refused until the earlier one is there; then it comes again.
  void out_of_order() {
    if (!consumer_.later) {
      test_.note("not tried: events out of order, for want of [idempotency.consumer.later]");
      return;
    }
    const auto pair = usual_of_events(lab_, &*consumer_.later);
    if (!pair) {
      test_.note("not tried: events out of order: " + pair.error().message);
      return;
    }
    did(fmt::format("a later event before it, {} times", lab_.few_rounds()));
    test_.rounds(lab_.few_rounds(), [&](Trial& trial) {
      const Operation earlier = new_event(lab_);
      const Operation later = another_event(lab_, earlier);
      trial.expect(earlier, *pair);
      const Answer first = lab_.play(trial, shot_of(*consumer_.later, later));
      deliver_until_acknowledged(lab_, trial, shot_of(consumer_.deliver, earlier));
      if (!first.succeeded() && !trial.spoiled()) {
        deliver_until_acknowledged(lab_, trial, shot_of(*consumer_.later, later));
      }
    });
  }

  // An acknowledged event does not come again, so what it does has to outlive the target; and if it
  // comes again all the same, it has to be known.
  void killed() {
    if (lab_.idempotency().restart.empty()) {
      test_.note(
          "not tried: whether what was acknowledged outlives the target, for want of "
          "idempotency.restart, which names services that squall may kill");
      return;
    }
    const unsigned count = std::min(lab_.few_rounds(), kMostKills);
    did(
        fmt::format("the target killed on the acknowledgement, {} times, and the event again "
                    "after every other of these",
                    count));
    unsigned round = 0;
    test_.rounds(count, [&](Trial& trial) {
      kill_after_one(trial, round++ % 2 == 0 ? Redelivery::kOnce : Redelivery::kNone);
    });
  }

  void kill_after_one(Trial& trial, Redelivery redelivery) {
    const Operation event = new_event(lab_);
    trial.expect(event, usual_);
    Shot shot = shot_of(consumer_.deliver, event);
    shot.fresh_connection = true;
    if (!first_success(lab_, trial, shot) || !restart(trial)) {
      return;
    }
    if (redelivery == Redelivery::kOnce) {
      deliver_until_acknowledged(lab_, trial, shot);
    }
  }

  bool restart(Trial& trial) {
    bool done = true;
    const auto& services = lab_.idempotency().restart;
    for (const std::string& service : services) {
      done = lab_.act(trial, service + " is killed", [&] { return lab_.world().kill(service); }) &&
             done;
    }
    for (const std::string& service : services) {
      done = lab_.act(trial, service + " is started again", [&] {
        return lab_.world().start(service);
      }) && done;
    }
    return done;
  }

  Lab& lab_;
  PropertyTest& test_;
  const model::WebhookConsumer& consumer_;
  Usual usual_;
  std::size_t turn_ = 0;
  std::string provocation_;
};

void test(Lab& lab, PropertyTest& test) {
  ConsumerTest(lab, test).run();
}

}  // namespace

void register_property_kind_webhook_consumer(PropertyRegistry& registry);
void register_property_kind_webhook_consumer(PropertyRegistry& registry) {
  registry.add({.name = "webhook-consumer",
                .number = 26,
                .title = "Webhook consumer",
                .provocation = "the same event twice, at once, out of order; the target killed on "
                               "its acknowledgement",
                .promise = "An event that is delivered again, at the same instant or in another "
                           "order has its effect once, and what was acknowledged outlives a "
                           "crash.",
                .lacks = lacks_consumer,
                .test = test,
                .remedies = kRemedies,
                .without_operation = true});
}

}  // namespace squall::verify
