// Compiles one client fault from its own keys and lets it decide.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "loadgen/model/client_fault.hpp"
#include "tests/support/registered_kind.hpp"

namespace squall::faults {

// The registered kind of that name. Valid for the whole program.
inline const model::ClientFaultKind& kind_of(std::string_view name) {
  return test::registered_kind<model::ClientFaultKind>(register_client_faults, name);
}

struct Compiled {
  std::unique_ptr<model::ClientFault> fault;
  std::string problems;  // empty when the keys were right

  // What this fault makes of a plain request. Fails the test when it cannot.
  [[nodiscard]] model::WireScript script(std::uint64_t arrival = 0,
                                         Duration in_window = Duration::zero()) const {
    model::WireScript result;
    const Result<void> applied = apply(result, arrival, in_window);
    EXPECT_TRUE(applied.has_value()) << (applied ? "" : applied.error().message);
    return result;
  }
  Result<void> apply(model::WireScript& result, std::uint64_t arrival = 0,
                     Duration in_window = Duration::zero(),
                     Duration window_start = Duration::zero()) const {
    model::FaultDraw draw(StreamId(7, "buy", "fault"), arrival, 0);
    return fault->apply(result, {.offset = window_start + in_window, .in_window = in_window}, draw);
  }
};

inline Compiled compile(std::string_view kind, std::string_view toml) {
  Compiled result;
  result.fault = test::compile_kind(kind_of(kind), toml, result.problems);
  return result;
}

}  // namespace squall::faults
