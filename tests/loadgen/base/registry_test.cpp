#include "loadgen/base/registry.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace squall {
namespace {

struct Kind {
  std::string_view name;
  int number = 0;
};

TEST(Registry, FindsByNameAndKeepsTheOrder) {
  Registry<Kind> registry;
  registry.add({"drop", 1});
  registry.add({"alpha", 2});
  ASSERT_NE(registry.find("alpha"), nullptr);
  EXPECT_EQ(registry.find("alpha")->number, 2);
  EXPECT_EQ(registry.find("beta"), nullptr);
  EXPECT_EQ(registry.names(), (std::vector<std::string_view>{"drop", "alpha"}));
  EXPECT_EQ(registry.entries().size(), 2U);
}

TEST(RegistryDeathTest, RefusesASecondEntryOfOneName) {
  Registry<Kind> registry;
  registry.add({"drop", 1});
  EXPECT_DEATH(registry.add({"drop", 2}), "internal error");
}

}  // namespace
}  // namespace squall
