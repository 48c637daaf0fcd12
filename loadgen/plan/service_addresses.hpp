// Ports and directories of services as names for the rest of a plan.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/plan/loader.hpp"

namespace squall::plan {

inline constexpr std::size_t kMaxReplicasOfService = 64;

// How many processes a [[service]] has, as far as that can be read: a wrong value is reported where
// the table is.
[[nodiscard]] std::size_t replicas_of(const expr::Value& service);

// Defines for each service {{port.NAME}} and {{dir.NAME}}, and for one with replicas
// {{port.NAME.1}}, {{dir.NAME.1}} … while the name without a number is then refused: it would leave
// open which is meant.
void define_services(const expr::Value& document, const LoadOptions& options, expr::Scope& scope,
                     Diagnostics& diagnostics);

// The names as the `replica`th (from 1) of a service's processes sees them: {{port.NAME}} and
// {{dir.NAME}} are its own, {{replica}} is its number.
[[nodiscard]] expr::Scope scope_of_replica(const expr::Scope& scope, std::string_view service,
                                           std::size_t replica, std::size_t replicas);

// Whether any text of the plan asks for the directory of that service.
[[nodiscard]] bool uses_directory(const expr::Value& document, std::string_view service);

// An address of a target with the {{port.NAME}} of a service that has replicas stands for all of
// them: it is written once for each.
void expand_replicas(expr::Value& document);

}  // namespace squall::plan
