// 17: the target dies in the middle of the work.
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/span_text.hpp"
#include "loadgen/verify/after_failure.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 3> kRemedies = {
    "let a claim expire, or belong to an owner whose death is noticed, so that a retry takes it "
    "over",
    "write the effect and the key's answer in one transaction, with recovery points between calls",
    "call others under a key that is stored before the call, so that a retry repeats the same one",
};

// Of S: half of the instants are spread over what comes before the first, half from there to the
// second, since an effect whose key dies with the process shows only behind its commit, and a round
// inside may cost the lock time.
constexpr double kInside = 1.1;
constexpr double kReach = 1.6;

// What dies, and how it comes back.
struct Crash {
  std::string what;
  std::string back;
  std::function<Result<void>()> begin;
  std::function<Result<void>()> end;
};

std::vector<Crash> crashes(Lab& lab) {
  const model::IdempotencyPlan& idempotency = lab.idempotency();
  World& world = lab.world();
  std::vector<Crash> all;
  for (const std::string& service : idempotency.restart) {
    all.push_back({.what = service + " is killed",
                   .back = service + " is started again",
                   .begin = [&world, service] { return world.kill(service); },
                   .end = [&world, service] { return world.start(service); }});
  }
  if (all.empty()) {
    const std::string link =
        idempotency.key_store ? *idempotency.key_store : idempotency.dependencies.front();
    all.push_back({.what = "the link to " + link + " is cut",
                   .back = "the link to " + link + " is whole again",
                   .begin = [&world, link] { return world.fail(link); },
                   .end = [&world, link] { return world.heal(link); }});
  }
  return all;
}

void one_round(Lab& lab, Trial& trial, const Crash& crash, Duration at) {
  const Shot shot = lab.shot(lab.new_operation());
  trial.expect(shot.operation, 0, 1);
  std::optional<Result<void>> begun;
  const Sender::Deed deed{.at = at, .act = [&] {
                            trial.acts().push_back({.at = trial.elapsed(), .text = crash.what});
                            begun = crash.begin();
                          }};
  const std::vector<Answer> first = lab.play(trial, std::span(&shot, 1), std::span(&deed, 1));
  if (!lab.act(trial, crash.back, crash.end)) {
    return;
  }
  if (!*begun) {
    trial.spoil(fmt::format("{}: {}", crash.what,
                            model::redact(begun->error().message, lab.plan().secrets)));
  }
  if (!trial.spoiled()) {
    retry_after_failure(lab, trial, shot, first.front());
  }
}

void test(Lab& lab, PropertyTest& test) {
  const std::vector<Crash> all = crashes(lab);
  const unsigned half = lab.few_rounds();
  const auto of_service_time = [&](double share) {
    return std::chrono::duration_cast<Duration>(lab.service_time() * share);
  };
  test.provoked(
      fmt::format("{} 0 to {} after the first request began, {} to {} after it, then a "
                  "retry; {} times each",
                  all.front().what, span_text(of_service_time(kInside)),
                  span_text(of_service_time(kInside)), span_text(of_service_time(kReach)), half));
  unsigned round = 0;
  test.rounds(2 * half, [&](Trial& trial) {
    const double place = lab.stratum(round / 2 % half, half);
    const double share = round % 2 == 0 ? kInside * place : kInside + (kReach - kInside) * place;
    one_round(lab, trial, all[round / 2 % all.size()], of_service_time(share));
    ++round;
  });
}

}  // namespace

void register_property_kind_crash_inside(PropertyRegistry& registry);
void register_property_kind_crash_inside(PropertyRegistry& registry) {
  registry.add({.name = "crash-inside",
                .number = 17,
                .title = "Crash inside",
                .provocation = "killed, or its database cut off, 0 to 1.6 S into the request",
                .promise = "An operation during which the target dies has one effect once it was "
                           "retried, and its key is usable again within the lock time.",
                .lacks = lacks_crash,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
