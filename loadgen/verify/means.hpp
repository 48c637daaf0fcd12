// What a plan must say for a property to be testable: answers for PropertyKind::lacks.
#pragma once

#include <string>

#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::verify {

// Empty: the plan has it. Else the key and what it is, for people: "idempotency.mutate: what \"same
// key, other payload\" changes". REQUIRES: the plan has [idempotency].
[[nodiscard]] std::string lacks_nothing(const model::Plan& plan);
[[nodiscard]] std::string lacks_mutation(const model::Plan& plan);
[[nodiscard]] std::string lacks_invalid(const model::Plan& plan);
[[nodiscard]] std::string lacks_second_caller(const model::Plan& plan);
[[nodiscard]] std::string lacks_other_endpoint(const model::Plan& plan);
[[nodiscard]] std::string lacks_header_carrier(const model::Plan& plan);
[[nodiscard]] std::string lacks_json_body(const model::Plan& plan);
[[nodiscard]] std::string lacks_dependencies(const model::Plan& plan);
[[nodiscard]] std::string lacks_read(const model::Plan& plan);
[[nodiscard]] std::string lacks_update(const model::Plan& plan);
[[nodiscard]] std::string lacks_remove(const model::Plan& plan);
// The first that is not empty.
[[nodiscard]] std::string first_of(std::string a, std::string b);

}  // namespace squall::verify
