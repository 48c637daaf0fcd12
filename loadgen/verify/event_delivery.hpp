// Events, delivered to the target as a provider of webhooks delivers them: again and again until
// they are acknowledged.
#pragma once

#include <optional>

#include "loadgen/base/result.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {

// A token that nobody used before, and the id of an event about it.
[[nodiscard]] Operation new_event(Lab& lab);
// Another event about the same token.
[[nodiscard]] Operation another_event(Lab& lab, const Operation& event);

// Delivers until the event is acknowledged, refused for good (4xx but what says "later"), or the
// plan's lock_time is over; tells the trial what is wrong with an end without acknowledgement.
// Gives the last answer.
Answer deliver_until_acknowledged(Lab& lab, Trial& trial, const Shot& shot);

// What one event has by itself: a few are delivered once each and counted; with `later`, each is
// followed by its later one. Nothing to count by: what an operation has. Fails with the reason when
// it is not the same for all, or nothing at all. REQUIRES: the plan has a consumer.
[[nodiscard]] Result<Usual> usual_of_events(Lab& lab, const model::IdempotencyRequest* later);

}  // namespace squall::verify
