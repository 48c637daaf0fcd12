// 3: the connection breaks, anywhere.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 3> kRemedies = {
    "start no work before the whole request is there",
    "claim the key atomically before the work: the retry may come while the first is still running",
    "let the work go on, or roll it back whole, when the caller has gone",
};

constexpr double kFarthest = 1.2;  // of S, behind the last byte

// The stages in turn; every other cut is behind the last byte, where the races are.
model::WireCut cut_of(Lab& lab, unsigned round, unsigned rounds, bool has_body) {
  using model::WirePoint;
  constexpr std::array<WirePoint, 3> kBefore = {WirePoint::kHeaders, WirePoint::kBody,
                                                WirePoint::kBeforeLastByte};
  model::WireCut cut;
  if (round % 2 == 0) {
    const double place = lab.stratum(round / 2, (rounds + 1) / 2) * kFarthest;
    cut.at = WirePoint::kAfterSend;
    cut.delay =
        std::max(Duration(1), std::chrono::duration_cast<Duration>(lab.service_time() * place));
    return cut;
  }
  cut.at = has_body ? kBefore.at(round / 2 % kBefore.size()) : WirePoint::kBeforeLastByte;
  if (cut.at == WirePoint::kBody) {
    cut.body_fraction = 0.5;
  }
  return cut;
}

void one_round(Lab& lab, Trial& trial, const model::WireCut& cut) {
  Shot shot = lab.shot(lab.new_operation());
  trial.expect(shot.operation);
  shot.cut = cut;
  lab.play(trial, shot);
  shot.cut.reset();
  repeat_until_done(lab, trial, shot);
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(
      fmt::format("cuts at each stage, half of them 0 to 1.2 S behind the last byte, then "
                  "a retry, {} rounds",
                  lab.rounds()));
  const bool has_body = lab.idempotency().operation.request.body.has_value();
  unsigned round = 0;
  test.rounds(lab.rounds(), [&](Trial& trial) {
    one_round(lab, trial, cut_of(lab, round++, lab.rounds(), has_body));
  });
}

}  // namespace

void register_property_kind_cut_at_every_stage(PropertyRegistry& registry);
void register_property_kind_cut_at_every_stage(PropertyRegistry& registry) {
  registry.add({.name = "cut-at-every-stage",
                .number = 3,
                .title = "Cut at every stage",
                .provocation = "reset after headers, in the body, before and after the last byte",
                .promise = "Wherever the connection breaks there is at most one effect, and "
                           "exactly one after a retry.",
                .lacks = lacks_nothing,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
