// 27: the target sends webhooks, whose receiver fails and heals.
#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/effects/scripted_sink.hpp"
#include "loadgen/verify/deliveries.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

using effects::SinkAct;
using effects::SinkCall;
using effects::SinkScript;

constexpr std::array<std::string_view, 4> kRemedies = {
    "write the event into an outbox in the transaction of what it tells of, and deliver it from "
    "there until it is acknowledged",
    "repeat after growing waits for hours or days, not a few times; whatever is no 2xx, and no "
    "answer in time, is no acknowledgement",
    "give every repetition the id of the first delivery, and a signature and time of its own",
    "keep what was given up where it can be seen and sent again",
};

constexpr unsigned kPlain = 3;
constexpr unsigned kKilled = 5;  // at most
constexpr Duration kLook = std::chrono::milliseconds(20);

// What the sink does to the first calls of a webhook, in turn with the others.
const std::vector<std::vector<SinkAct>>& ways() {
  static const std::vector<std::vector<SinkAct>> kWays = {
      {SinkAct::kFail},       {SinkAct::kSilence},
      {SinkAct::kReset},      {SinkAct::kFail, SinkAct::kSilence, SinkAct::kReset},
      {SinkAct::kAnswerLate}, {},  // down for a while
  };
  return kWays;
}

effects::ScriptedSink* sink_of(const model::Plan& plan) {
  const auto& oracles = plan.effects.oracles;
  const auto named = std::find_if(oracles.begin(), oracles.end(), [&](const auto& oracle) {
    return oracle.name == plan.idempotency->producer->sink;
  });
  return named == oracles.end() ? nullptr
                                : dynamic_cast<effects::ScriptedSink*>(named->oracle.get());
}

std::string lacks_producer(const model::Plan& plan) {
  if (!plan.idempotency->producer) {
    return "[idempotency.producer]: the sink that receives the target's webhooks";
  }
  return sink_of(plan) != nullptr ? "" : "idempotency.producer.sink: an oracle of kind sink";
}

// An operation whose webhooks are waited for.
struct Watched {
  std::size_t trial = 0;  // its position in the test
  std::string token;
};

class ProducerTest {
 public:
  ProducerTest(Lab& lab, PropertyTest& test)
      : lab_(lab),
        test_(test),
        producer_(*lab.idempotency().producer),
        sink_(*sink_of(lab.plan())),
        rules_{.sink = producer_.sink,
               .within = producer_.within,
               .tells_ids = sink_.tells_ids(),
               .signed_at = producer_.signed_at} {}

  void run() {
    const auto count = std::max<unsigned>(lab_.few_rounds(), static_cast<unsigned>(ways().size()));
    test_.provoked(fmt::format(
        "{} fails the webhook, keeps silent, resets, does all three in turn, answers late, is down "
        "for {}; {} times in all",
        producer_.sink, format_duration(producer_.outage), count));
    if (!plain()) {
      return;
    }
    const std::size_t events = std::max<std::size_t>(rules_.events, 1);
    const std::vector<Watched> failing = send(count, [events](unsigned round) {
      const auto& acts = ways()[round % ways().size()];
      return SinkScript{.acts = acts, .ids = events, .down = acts.empty()};
    });
    await(failing, producer_.outage);
    judge(failing);
    killed();
    if (failing.empty() && !lab_.stopped()) {
      test_.not_tested("no operation was taken while the sink failed");
    }
    tell();
  }

 private:
  // Without a failure: how many events one operation has. False when none comes at all.
  bool plain() {
    const std::vector<Watched> sent = send(kPlain, [](unsigned) { return SinkScript{}; });
    await(sent, Duration::zero());
    (void)lab_.wait(lab_.plan().effects.settle);
    std::vector<std::size_t> events;
    for (const Watched& one : sent) {
      if (const auto calls = sink_.calls_of(one.token); !calls.empty()) {
        events.push_back(events_of(calls));
      }
    }
    if (events.empty()) {
      test_.not_tested(
          fmt::format("no webhook of {} operations came to {} within {}: is the "
                      "target told to call it, and does `key` find the token?",
                      sent.size(), producer_.sink, format_duration(producer_.within)));
      return false;
    }
    const auto [least, most] = std::minmax_element(events.begin(), events.end());
    rules_.events = *least == *most ? *least : 0;
    judge(sent);
    return true;
  }

  // Operations, each with what the sink does about its webhook; those that were acknowledged.
  std::vector<Watched> send(unsigned count,
                            const std::function<SinkScript(unsigned round)>& script_of) {
    std::vector<Watched> sent;
    test_.rounds(count, [&](Trial& trial) {
      const Operation operation = lab_.new_operation();
      sink_.script(operation.token, script_of(static_cast<unsigned>(sent.size())));
      if (first_success(lab_, trial, lab_.shot(operation))) {
        sent.push_back({test_.trials().size(), operation.token});
      }
    });
    return sent;
  }

  void heal(const std::vector<Watched>& watched) {
    for (const Watched& one : watched) {
      sink_.heal(one.token);
    }
  }

  // Heals the sink after that time, and waits until all have come, or nothing has for as long as
  // the plan allows: since it healed, and since it failed any of them for the last time; one
  // that waits for its answer may hold up others.
  void await(const std::vector<Watched>& watched, Duration outage) {
    const TimePoint heals = monotonic_now() + outage;
    TimePoint since = heals;
    bool well = false;
    do {
      const TimePoint now = monotonic_now();
      if (!well && now >= heals) {
        heal(watched);
        well = true;
      }
      bool all = well;
      for (const Watched& one : watched) {
        const std::vector<SinkCall> calls = sink_.calls_of(one.token);
        all = all && are_delivered(calls, rules_.events);
        for (const SinkCall& call : calls) {
          since = effects::is_failure(call.act) ? std::max(since, call.at) : since;
        }
      }
      if (all || now - since > producer_.within) {
        return;
      }
    } while (lab_.wait(kLook));
  }

  void judge(const std::vector<Watched>& watched) {
    for (const Watched& one : watched) {
      Trial& trial = test_.trials()[one.trial];
      const std::vector<SinkCall> calls = sink_.calls_of(one.token);
      if (lab_.stopped() && !are_delivered(calls, rules_.events)) {
        trial.spoil("the run was stopped");
        continue;
      }
      judge_deliveries(calls, rules_, trial);
      count(calls);
    }
  }

  void count(const std::vector<SinkCall>& calls) {
    calls_ += calls.size();
    std::optional<TimePoint> failed;
    for (const SinkCall& call : calls) {
      if (effects::is_failure(call.act)) {
        failed = call.at;
      } else if (failed) {
        longest_ = std::max(longest_, call.at - *failed);
        failed.reset();
      }
    }
    const Signing signing =
        rules_.signed_at.empty() ? Signing::kUnknown : signing_of(calls, rules_.signed_at);
    signing_seen_ = signing_seen_ || signing != Signing::kUnknown;
  }

  // What was promised by an acknowledged operation outlives the process that promised it.
  void killed() {
    const auto& services = lab_.idempotency().restart;
    if (services.empty()) {
      test_.note(
          "not tried: whether webhooks outlive the target, for want of idempotency.restart, which "
          "names services that squall may kill");
      return;
    }
    const std::vector<Watched> sent = send(std::min(lab_.few_rounds(), kKilled),
                                           [](unsigned) { return SinkScript{.down = true}; });
    for (const std::string& service : services) {
      act(sent, service + " is killed", [&] { return lab_.world().kill(service); });
    }
    for (const std::string& service : services) {
      act(sent, service + " is started again", [&] { return lab_.world().start(service); });
    }
    await(sent, Duration::zero());
    judge(sent);
    if (!sent.empty()) {
      test_.provoked(fmt::format("{}; the target killed while it was down, with {} webhooks",
                                 test_.provocation(), sent.size()));
    }
  }

  // Done once, told in all of the trials.
  void act(const std::vector<Watched>& watched, const std::string& text,
           const std::function<Result<void>()>& done) {
    std::optional<Result<void>> result;
    for (const Watched& one : watched) {
      (void)lab_.act(test_.trials()[one.trial], text, [&] {
        result = result ? result : done();
        return *result;
      });
    }
  }

  void tell() {
    test_.note(fmt::format("{} calls came to {}", calls_, producer_.sink));
    if (longest_ > Duration::zero()) {
      test_.note(fmt::format("the longest wait for a repetition after a failure: {}",
                             format_duration(longest_)));
    }
    if (!rules_.tells_ids) {
      test_.note(
          "not judged: whether repetitions bear the id of the first delivery; `id` of the sink "
          "says where calls carry it");
    }
    if (rules_.signed_at.empty()) {
      test_.note(
          "not judged: whether repetitions are signed anew; idempotency.producer.signed_at names "
          "the header that says when");
    } else if (!signing_seen_) {
      test_.note(
          "not judged: whether repetitions are signed anew; none came two seconds after the first "
          "delivery");
    }
  }

  Lab& lab_;
  PropertyTest& test_;
  const model::WebhookProducer& producer_;
  effects::ScriptedSink& sink_;
  DeliveryRules rules_;
  std::size_t calls_ = 0;
  Duration longest_{};
  bool signing_seen_ = false;
};

void test(Lab& lab, PropertyTest& test) {
  ProducerTest(lab, test).run();
}

}  // namespace

void register_property_kind_webhook_producer(PropertyRegistry& registry);
void register_property_kind_webhook_producer(PropertyRegistry& registry) {
  registry.add({.name = "webhook-producer",
                .number = 27,
                .title = "Webhook producer",
                .provocation =
                    "the receiver answers 500, keeps silent, resets, is down, and heals; "
                    "the target killed meanwhile",
                .promise = "Each webhook arrives in the end, however its receiver failed, and "
                           "repetitions bear the same id.",
                .lacks = lacks_producer,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
