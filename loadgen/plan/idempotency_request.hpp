// The requests of [idempotency]: operation, read, update and the others.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// The keys of each of them. Static.
[[nodiscard]] const expr::TableSpec& idempotency_request_spec();

// One request. It may use the {{names}} of `slots` (kTokenSlot and so on); what others stand for is
// told where they stand.
[[nodiscard]] model::IdempotencyRequest read_idempotency_request(
    const expr::Value& table, std::initializer_list<std::size_t> slots, Build& build);

// Whether the request, as it is sent, depends on the value of that slot.
[[nodiscard]] bool depends_on(const model::RequestSpec& request, std::size_t slot);

// Its body with some value for each name: its shape is right all the same. Generated content is
// left out.
[[nodiscard]] std::string sample_body(const model::RequestSpec& request);

// "{{token}}"
[[nodiscard]] std::string_view slot_text(std::size_t slot);

}  // namespace squall::plan
