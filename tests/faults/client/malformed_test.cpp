#include <gtest/gtest.h>

#include "tests/faults/client/fault_case.hpp"

namespace squall::faults {
namespace {

using model::Malformation;

model::WireMalformed malformed(const Compiled& fault) {
  EXPECT_EQ(fault.problems, "");
  const auto part = fault.script().malformed;
  EXPECT_TRUE(part.has_value());
  return part.value_or(model::WireMalformed());
}

TEST(MalformedFault, KnowsEveryMalformation) {
  const std::pair<const char*, Malformation> kinds[] = {
      {"bad_chunk", Malformation::kBadChunk},
      {"bad_request_line", Malformation::kBadRequestLine},
      {"duplicate_header", Malformation::kDuplicateHeader},
      {"invalid_utf8", Malformation::kInvalidUtf8},
      {"oversize_header", Malformation::kOversizeHeader},
      {"truncated_json", Malformation::kTruncatedJson},
      {"wrong_length", Malformation::kWrongLength}};
  for (const auto& [word, what] : kinds) {
    const Compiled fault = compile("malformed", "what = '" + std::string(word) + "'");
    EXPECT_EQ(malformed(fault).what, what) << word;
    EXPECT_FALSE(malformed(fault).all_copies);
  }
}

TEST(MalformedFault, ReadsTheirKeys) {
  EXPECT_EQ(malformed(compile("malformed", "what = 'oversize_header'")).amount, 65536);
  EXPECT_EQ(malformed(compile("malformed", "what = 'oversize_header'\nsize = '1KiB'")).amount,
            1024);
  EXPECT_EQ(malformed(compile("malformed", "what = 'wrong_length'")).amount, 1);
  EXPECT_EQ(malformed(compile("malformed", "what = 'wrong_length'\nby = -7")).amount, -7);
  const Compiled host = compile("malformed", "what = 'duplicate_header'");
  ASSERT_NE(malformed(host).header, nullptr);
  EXPECT_EQ(*malformed(host).header, "Host");
  EXPECT_EQ(malformed(host).value, nullptr);
  const Compiled key =
      compile("malformed", "what = 'duplicate_header'\nheader = 'X-Key'\nvalue = 'other'");
  ASSERT_NE(malformed(key).value, nullptr);
  EXPECT_EQ(*malformed(key).header, "X-Key");
  EXPECT_EQ(*malformed(key).value, "other");
  EXPECT_TRUE(malformed(compile("malformed", "what = 'bad_chunk'\ncopies = 'all'")).all_copies);
}

TEST(MalformedFault, RefusesWhatMeansNothing) {
  const char* wrong[] = {"what = 'bad_chunk'\nsize = '1KiB'",
                         "what = 'bad_chunk'\nby = 3",
                         "what = 'bad_chunk'\nheader = 'Host'",
                         "what = 'bad_chunk'\nvalue = 'x'",
                         "what = 'oversize_header'\nsize = '0'",
                         "what = 'oversize_header'\nsize = '2MiB'",
                         "what = 'wrong_length'\nby = 0",
                         "what = 'duplicate_header'\nheader = 'a b'",
                         "what = 'duplicate_header'\nvalue = \"a\\r\\nB: c\"",
                         "what = 'bad_chunk'\ncopies = 'second'"};
  for (const char* keys : wrong) {
    EXPECT_NE(compile("malformed", keys).problems.find("test.toml:2:"), std::string::npos) << keys;
  }
  EXPECT_NE(compile("malformed", "what = 'rude'").problems.find("truncated_json"),
            std::string::npos);
}

TEST(MalformedFault, ContradictsACutBeforeItShows) {
  const std::pair<const char*, const char*> never[] = {{"bad_request_line", "connect"},
                                                       {"oversize_header", "connect"},
                                                       {"truncated_json", "headers"},
                                                       {"invalid_utf8", "body"},
                                                       {"bad_chunk", "before_last_byte"}};
  for (const auto& [what, at] : never) {
    model::WireScript script = compile("malformed", "what = '" + std::string(what) + "'").script();
    const auto cut = compile("drop", "at = '" + std::string(at) + "'").apply(script);
    ASSERT_FALSE(cut) << what;
    EXPECT_NE(cut.error().message.find(what), std::string::npos) << cut.error().message;
  }
  for (const char* at : {"headers", "after_send"}) {
    model::WireScript script = compile("malformed", "what = 'wrong_length'").script();
    EXPECT_TRUE(compile("drop", "at = '" + std::string(at) + "'").apply(script)) << at;
  }
}

TEST(MalformedFault, IsOneThingAndSpoilsItsConnection) {
  const Compiled fault = compile("malformed", "what = 'invalid_utf8'");
  model::WireScript script = fault.script();
  EXPECT_FALSE(compile("malformed", "what = 'bad_chunk'").apply(script));
  EXPECT_FALSE(
      compile("duplicate", "spacing = 'after_response'\nconnection = 'same'").apply(script));
  EXPECT_TRUE(compile("duplicate", "").apply(script));
}

}  // namespace
}  // namespace squall::faults
