#include "loadgen/net/lookup.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "tests/support/run_loop.hpp"

namespace squall::net {
namespace {

using Addresses = Result<std::vector<SocketAddress>>;

TEST(Lookup, answers_on_the_loop) {
  Loop loop;
  std::optional<Addresses> answer;
  const Lookup lookup(loop, "127.0.0.1", 80, [&](Addresses found) { answer = std::move(found); });
  EXPECT_FALSE(answer.has_value());
  ASSERT_TRUE(test::run_until(loop, [&] { return answer.has_value(); }));
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->front().to_string(), "127.0.0.1:80");
}

TEST(Lookup, may_be_destroyed_by_its_answer_and_before_it) {
  Loop loop;
  bool answered = false;
  std::unique_ptr<Lookup> lookup;
  lookup = std::make_unique<Lookup>(loop, "::1", 80, [&](const Addresses&) {
    lookup.reset();
    answered = true;
  });
  int dropped = 0;
  for (int i = 0; i < 20; ++i) {  // more than the resolver's threads
    const Lookup gone(loop, "127.0.0.1", 80, [&](const Addresses&) { ++dropped; });
  }
  EXPECT_TRUE(test::run_until(loop, [&] { return answered; }));
  EXPECT_EQ(dropped, 0);
}

}  // namespace
}  // namespace squall::net
