// What every toxic promises, whoever wrote it.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "loadgen/base/rng.hpp"
#include "tests/faults/proxy/chain_case.hpp"

namespace squall::faults {

inline void PrintTo(const ToxicKind& kind, std::ostream* out) {
  *out << kind.name;
}

namespace {

using std::chrono::milliseconds;

class ToxicContract : public ::testing::TestWithParam<ToxicKind> {};

std::string stream_of(std::size_t bytes) {
  Rng rng(StreamId(5, "contract", "bytes"));
  std::string result;
  while (result.size() < bytes) {
    result += static_cast<char>(rng.next_below(256));
  }
  return result;
}

// Pushes 60,000 bytes in uneven chunks with the toxic on, and lets a minute pass.
void drive(ChainCase& test, const std::string& bytes) {
  Rng rng(StreamId(6, "contract", "sizes"));
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto size = std::min<std::size_t>(1 + rng.next_below(3000), bytes.size() - at);
    test.chain.push(std::string_view(bytes).substr(at, size));
    at += size;
    test.advance(milliseconds(rng.next_below(20)));
  }
}

TEST_P(ToxicContract, describes_itself) {
  const ToxicKind& kind = GetParam();
  ASSERT_FALSE(kind.name.empty());
  EXPECT_EQ(kind.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  EXPECT_FALSE(kind.summary.empty());
  EXPECT_LE(kind.summary.size(), 100U);
  EXPECT_FALSE(kind.summary.ends_with('.'));
  EXPECT_FALSE(kind.production_cause.empty());
  EXPECT_TRUE(kind.example.empty() || kind.example.ends_with('\n'));
  ASSERT_NE(kind.attributes, nullptr);
  ASSERT_NE(kind.compile, nullptr);
  for (const expr::KeySpec& key : kind.attributes->keys) {
    EXPECT_FALSE(key.help.empty()) << key.name;
    EXPECT_FALSE(key.required) << key.name << ": the wire has no required attributes";
    EXPECT_EQ(key.help.find('\n'), std::string::npos) << key.name;
  }
}

TEST_P(ToxicContract, compiles_its_example_and_its_defaults) {
  for (const std::string_view toml : {GetParam().example, std::string_view()}) {
    const auto entry = make_entry(GetParam().name, toml);
    ASSERT_TRUE(entry->factory);
    EXPECT_NE(entry->factory(), nullptr);
    EXPECT_GE(entry->attributes.as_table()->size(), 0U);
  }
}

TEST_P(ToxicContract, reports_wrong_types_and_negative_numbers) {
  for (const expr::KeySpec& key : GetParam().attributes->keys) {
    for (const std::string wrong : {" = [\"x\"]\n", " = -1\n"}) {
      const auto compiled = compile_toxic(GetParam(), attributes_of(GetParam(), key.name + wrong));
      ASSERT_FALSE(compiled.has_value()) << key.name << wrong;
      EXPECT_NE(compiled.error().message.find(key.name), std::string::npos)
          << compiled.error().message;
    }
  }
}

TEST_P(ToxicContract, takes_the_largest_numbers) {
  for (const expr::KeySpec& key : GetParam().attributes->keys) {
    if (key.type != expr::ValueType::kInteger) {
      continue;
    }
    ChainCase test;
    test.add(GetParam().name, key.name + " = 9223372036854775807\n");
    drive(test, stream_of(5000));
    test.chain.end(EndKind::kEnd);
    test.advance(milliseconds(1000));
    EXPECT_LE(test.all_bytes().size(), 5000U);
  }
}

class HonestToxic : public ::testing::TestWithParam<ToxicKind> {};

TEST_P(HonestToxic, keeps_bytes_and_order) {
  const std::string bytes = stream_of(60'000);
  ChainCase test;
  const ToxicEntry& toxic = test.add(GetParam().name, GetParam().example);
  drive(test, bytes);
  EXPECT_EQ(test.all_bytes(), bytes.substr(0, test.all_bytes().size()));
  test.chain.remove(toxic);
  EXPECT_EQ(test.all_bytes(), bytes);
}

TEST_P(ToxicContract, removal_in_the_middle_leaves_nothing_behind) {
  const std::string bytes = stream_of(60'000);
  ChainCase test;
  const ToxicEntry& toxic = test.add(GetParam().name, GetParam().example);
  drive(test, bytes.substr(0, 30'000));
  if (test.end.has_value() || test.reset_ms >= 0) {
    EXPECT_FALSE(GetParam().traits.keeps_bytes);
    return;  // the link is gone
  }
  test.chain.remove(toxic);
  EXPECT_EQ(test.chain.waiting_bytes(), 0U);
  EXPECT_EQ(test.alarms.next(), std::nullopt);
  if (GetParam().traits.ends_when_removed) {
    EXPECT_EQ(test.end, EndKind::kEnd);
    return;
  }
  const std::size_t before = test.all_bytes().size();
  const double now = test.now_ms();
  test.chain.push(std::string_view(bytes).substr(30'000, 1000));
  EXPECT_EQ(test.all_bytes().substr(before), bytes.substr(30'000, 1000));
  EXPECT_EQ(test.sent.back().at_ms, now);
}

TEST_P(ToxicContract, the_same_seed_and_ordinal_do_the_same) {
  const std::string bytes = stream_of(60'000);
  const auto trace = [&](std::uint64_t seed) {
    ChainCase test(seed);
    test.add(GetParam().name, GetParam().example, 42);
    drive(test, bytes);
    test.advance(std::chrono::minutes(10));
    std::string text;
    for (const Sent& one : test.sent) {
      text += std::to_string(one.at_ms) + ":" + one.bytes + "\n";
    }
    return text;
  };
  EXPECT_EQ(trace(1), trace(1));
}

INSTANTIATE_TEST_SUITE_P(All, ToxicContract, ::testing::ValuesIn(all_toxics().entries()),
                         [](const auto& one) { return std::string(one.param.name); });

std::vector<ToxicKind> honest_toxics() {
  std::vector<ToxicKind> result;
  for (const ToxicKind& kind : all_toxics().entries()) {
    if (kind.traits.keeps_bytes) {
      result.push_back(kind);
    }
  }
  return result;
}

INSTANTIATE_TEST_SUITE_P(All, HonestToxic, ::testing::ValuesIn(honest_toxics()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(ToxicRegistry, has_all_of_toxiproxy_and_ours) {
  for (const std::string_view name :
       {"bandwidth", "blackhole", "close_after", "corrupt", "half_close", "latency", "limit_data",
        "mtu_blackhole", "noop", "packet_loss", "refuse", "reset_peer", "slicer", "slow_close",
        "timeout"}) {
    EXPECT_NE(all_toxics().find(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace squall::faults
