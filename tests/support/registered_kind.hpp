// One registered kind of something (a fault, an oracle, arrivals), compiled from its own keys.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "loadgen/base/registry.hpp"
#include "tests/support/read_table.hpp"

namespace squall::test {

// The kind of that name among those that `fill` registers; a name that is not there fails the test.
// Valid for the whole program.
template <class Kind>
const Kind& registered_kind(void (*fill)(Registry<Kind>&), std::string_view name) {
  static const Registry<Kind> registry = [fill] {
    Registry<Kind> all;
    fill(all);
    return all;
  }();
  const Kind* kind = registry.find(name);
  EXPECT_NE(kind, nullptr) << name;
  return kind == nullptr ? registry.entries().front() : *kind;
}

// What the kind makes of `toml`; what is wrong with it goes to `problems`, which stays empty when
// nothing is.
template <class Kind>
auto compile_kind(const Kind& kind, std::string_view toml, std::string& problems) {
  ReadTable table(toml, *kind.keys);
  auto compiled = kind.compile(table.reader());
  problems = table.problems();
  EXPECT_NE(compiled, nullptr);
  return compiled;
}

}  // namespace squall::test
