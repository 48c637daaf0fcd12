// 14: one key at two endpoints.
#include <array>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "make the key unique together with the method and the path",
    "refuse a key that belongs to another endpoint with 422",
};

bool gives_the_first(const Lab& lab, const Answer& first, const Answer& other) {
  return !first.body.empty() && other.answered() &&
         lab.normaliser().difference(first.body, other.body).empty();
}

// Whether the other endpoint answers so under a key that nobody had, too.
bool answers_alike(Lab& lab, Trial& trial, const Answer& first, Operation elsewhere) {
  elsewhere.key = lab.new_key();
  elsewhere.token = lab.new_key();
  const Answer own = lab.play(trial, lab.shot(*lab.idempotency().other, elsewhere));
  return gives_the_first(lab, first, own);
}

void one_round(Lab& lab, Trial& trial) {
  const Operation operation = lab.new_operation();
  Operation elsewhere = operation;
  elsewhere.token = lab.new_key();
  trial.expect(operation);
  const auto first = first_success(lab, trial, lab.shot(operation));
  if (!first) {
    return;
  }
  const std::size_t first_sent = trial.sent().size() - 1;
  elsewhere.id = first->id.value_or("");
  const Answer other = lab.play(trial, lab.shot(*lab.idempotency().other, elsewhere));
  const bool same =
      gives_the_first(lab, *first, other) && !answers_alike(lab, trial, *first, elsewhere);
  lab.observed().by_endpoint = other.succeeded() && !same;
  if (same) {
    trial.fails(model::PropertyHarm::kLeak, "the other endpoint gives the first one's answer",
                {.sign = Telltale::Sign::kSameBody, .first = first_sent, .second = first_sent + 1});
  } else if (!other.succeeded()) {
    trial.answers_otherwise(lab.profile().by_endpoint.value_or(false),
                            fmt::format("the other endpoint ends with status {}", other.status));
  }
}

void test(Lab& lab, PropertyTest& test) {
  test.provoked(fmt::format("one key at two endpoints, {} times", lab.few_rounds()));
  test.rounds(lab.few_rounds(), [&](Trial& trial) { one_round(lab, trial); });
}

}  // namespace

void register_property_kind_scope_by_endpoint(PropertyRegistry& registry);
void register_property_kind_scope_by_endpoint(PropertyRegistry& registry) {
  registry.add(
      {.name = "scope-by-endpoint",
       .number = 14,
       .title = "Scope by endpoint",
       .provocation = "the same key at another endpoint",
       .promise = "A key that is used at another endpoint never gives the first one's answer.",
       .lacks = lacks_other_endpoint,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
