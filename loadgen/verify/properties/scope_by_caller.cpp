// 13: somebody else's key.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "make the key unique together with the caller's identity, not alone",
    "look stored answers up by caller and key",
};

// The second caller's payload: its own, or the first one's to the byte, which no fingerprint tells
// apart.
enum class Payload { kOwn, kSame };

bool shows_the_first(const Lab& lab, const Answer& first, const Answer& second) {
  const bool same_resource = first.id && second.id && *first.id == *second.id;
  return second.succeeded() &&
         (same_resource || (!first.id && !first.body.empty() &&
                            lab.normaliser().difference(first.body, second.body).empty()));
}

// How the second caller's answer looks when nobody else had its key: APIs that answer all alike, or
// name the resource by its payload, would seem to leak.
struct Own {
  bool asked = false;
  bool looks_the_same = false;
  bool done = false;
};

Own own_answer(Lab& lab, Trial& trial, const Answer& first, Operation bob) {
  bob.key = lab.new_key();
  const Answer own = lab.play(trial, lab.shot(bob));
  return {
      .asked = true, .looks_the_same = shows_the_first(lab, first, own), .done = own.succeeded()};
}

// False when the answers cannot tell.
bool one_round(Lab& lab, Trial& trial, Payload payload) {
  const Operation alice = lab.new_operation(0);
  Operation bob = alice;
  bob.caller = 1;
  if (payload == Payload::kOwn) {
    bob.token = lab.new_key();
  }
  const auto first = first_success(lab, trial, lab.shot(alice));
  if (!first) {
    return true;
  }
  const std::size_t first_sent = trial.sent().size() - 1;
  const Answer second = lab.play(trial, lab.shot(bob));
  const bool alike = shows_the_first(lab, *first, second);
  const Own own = alike ? own_answer(lab, trial, *first, bob) : Own{};
  const bool leaks = alike && !own.looks_the_same;
  const std::uint64_t done = (second.succeeded() ? 1U : 0U) + (own.done ? 1U : 0U);
  const std::uint64_t most = own.asked ? 2 : 1;
  if (payload == Payload::kOwn) {
    trial.expect(alice);
    trial.expect(bob, done, most);
  } else {
    trial.expect(alice, 1 + done, 1 + most);
  }
  const auto& callers = lab.idempotency().callers;
  const std::string& name = lab.plan().callers[callers.at(1)].name;
  if (leaks) {
    const auto sign = first->id ? Telltale::Sign::kSameResource : Telltale::Sign::kSameBody;
    trial.fails(
        model::PropertyHarm::kLeak,
        fmt::format("{} is given the answer of {}", name, lab.plan().callers[callers.at(0)].name),
        {.sign = sign, .first = first_sent, .second = first_sent + 1});
  } else if (!second.succeeded()) {
    trial.answers_otherwise(
        lab.profile().by_caller.value_or(false),
        fmt::format("{}'s request ends with status {}: keys are shared", name, second.status));
  }
  if (!own.looks_the_same) {
    lab.observed().by_caller = second.succeeded() && !leaks;
  }
  return !own.looks_the_same;
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(
      fmt::format("one key of two callers, with payloads of their own and with the same, "
                  "{} times",
                  lab.few_rounds()));
  unsigned round = 0;
  bool tells = true;
  test.rounds(lab.few_rounds(), [&](Trial& trial) {
    tells = one_round(lab, trial, round++ % 2 == 0 ? Payload::kOwn : Payload::kSame) && tells;
  });
  if (!tells) {
    test.note("answers are alike under keys of their own, too: whose they are only effects show");
  }
}

}  // namespace

void register_property_kind_scope_by_caller(PropertyRegistry& registry);
void register_property_kind_scope_by_caller(PropertyRegistry& registry) {
  registry.add({.name = "scope-by-caller",
                .number = 13,
                .title = "Scope by caller",
                .provocation = "two callers, one key",
                .promise = "A key belongs to its caller: another one who uses it is not affected, "
                           "and never sees the answer.",
                .lacks = lacks_second_caller,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
