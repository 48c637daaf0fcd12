#include "faults/proxy/toxic_reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/proxy/chain_case.hpp"

namespace squall::faults {
namespace {

using ::testing::HasSubstr;

TEST(ToxicReference, has_every_toxic_with_every_attribute) {
  const std::string text = toxic_reference(all_toxics());
  for (const ToxicKind& kind : all_toxics().entries()) {
    EXPECT_THAT(text, HasSubstr("### Toxic " + std::string(kind.name) + "\n"));
    EXPECT_THAT(text, HasSubstr("(#toxic-" + std::string(kind.name) + ")"));
    for (const expr::KeySpec& key : kind.attributes->keys) {
      EXPECT_THAT(text, HasSubstr("`" + key.name + "`"));
    }
  }
  EXPECT_THAT(text, HasSubstr("Removing it ends the links that it was at work on."));
}

}  // namespace
}  // namespace squall::faults
