#include "loadgen/verify/resource.hpp"

#include <string>

#include <fmt/core.h>

#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

// Readings are held against each other as they are: what the dialect says of replays is no matter.
std::string change(const Lab& lab, const Answer& before, const Answer& after) {
  if (before.status != after.status) {
    return fmt::format("status {}, was {}", after.status, before.status);
  }
  // What an error says (ids of requests, instants) is no state.
  return before.succeeded() ? lab.normaliser().difference(before.body, after.body) : "";
}

// A server that fails says nothing of the resource.
bool shows_a_state(const Answer& reading) {
  return reading.answered() && reading.status < 500;
}

}  // namespace

bool shows_what_was_made(const Lab& lab, Trial& trial, const Answer& reading) {
  if (!reading.succeeded()) {
    trial.spoil(
        fmt::format("{} of what was just made ends with status {}: is [idempotency.read] "
                    "right?",
                    lab.idempotency().read->request.shown, reading.status));
  }
  return !trial.spoiled();
}

bool make_resource(Lab& lab, Trial& trial, Operation& operation) {
  const auto made = first_success(lab, trial, lab.shot(operation));
  if (made && !made->id) {
    trial.spoil("the answer names no resource");
  }
  if (trial.spoiled()) {
    return false;
  }
  operation.id = *made->id;
  const Answer reading = lab.play(trial, lab.shot(*lab.idempotency().read, operation));
  return shows_what_was_made(lab, trial, reading);
}

Shot new_update(Lab& lab, const Operation& made) {
  Operation update = lab.new_operation(made.caller);
  update.id = made.id;
  update.value = lab.new_key();
  return lab.shot(*lab.idempotency().update, update);
}

bool shows_the_same(const Lab& lab, const Answer& before, const Answer& after) {
  return change(lab, before, after).empty();
}

void judge_state(const Lab& lab, Trial& trial, const Answer& before, const Answer& after,
                 std::string_view text) {
  if (!shows_a_state(before) || !shows_a_state(after)) {
    trial.spoil("the resource could not be read");
  } else if (const std::string what = change(lab, before, after); !what.empty()) {
    trial.fails(model::PropertyHarm::kState, fmt::format("{}: {}", text, what));
  }
}

}  // namespace squall::verify
