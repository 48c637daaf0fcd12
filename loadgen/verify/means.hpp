// What a plan must say for a property to be testable: answers for PropertyKind::lacks.
#pragma once

#include <chrono>
#include <string>

#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::verify {

// Empty: the plan has it. Else the key and what it is, for people: "idempotency.mutate: what \"same
// key, other payload\" changes". REQUIRES: the plan has [idempotency].
[[nodiscard]] std::string lacks_nothing(const model::Plan& plan);
[[nodiscard]] std::string lacks_operation(const model::Plan& plan);
[[nodiscard]] std::string lacks_mutation(const model::Plan& plan);
[[nodiscard]] std::string lacks_invalid(const model::Plan& plan);
[[nodiscard]] std::string lacks_second_caller(const model::Plan& plan);
[[nodiscard]] std::string lacks_other_endpoint(const model::Plan& plan);
[[nodiscard]] std::string lacks_header_carrier(const model::Plan& plan);
[[nodiscard]] std::string lacks_json_body(const model::Plan& plan);
[[nodiscard]] std::string lacks_dependencies(const model::Plan& plan);
[[nodiscard]] std::string lacks_read(const model::Plan& plan);
// The resource's id in the answer of the operation.
[[nodiscard]] std::string lacks_id(const model::Plan& plan);
[[nodiscard]] std::string lacks_update(const model::Plan& plan);
[[nodiscard]] std::string lacks_remove(const model::Plan& plan);
[[nodiscard]] std::string lacks_restart(const model::Plan& plan);
// A restart, or else a link that can be cut.
[[nodiscard]] std::string lacks_crash(const model::Plan& plan);
// Two addresses of the operation's target, or else a restart.
[[nodiscard]] std::string lacks_replicas(const model::Plan& plan);
[[nodiscard]] std::string lacks_key_store(const model::Plan& plan);
// How long keys are remembered, and a way to be there when they are forgotten.
[[nodiscard]] std::string lacks_window(const model::Plan& plan);
[[nodiscard]] std::string lacks_load(const model::Plan& plan);
[[nodiscard]] std::string lacks_consumer(const model::Plan& plan);
// Windows up to this are waited for.
inline constexpr Duration kLongestWindowWaited = std::chrono::minutes(1);
// The first that is not empty.
[[nodiscard]] std::string first_of(std::string a, std::string b);

}  // namespace squall::verify
