// Profiles: what is read, what is refused and where, and that what is written reads back equal.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "loadgen/model/profile_file.hpp"

namespace squall::model {
namespace {

using namespace std::chrono_literals;

constexpr const char* kHead = "format = 1\nname = \"mine\"\nsummary = \"Ours.\"\n";

IdempotencyProfile read(const std::string& text) {
  Diagnostics problems;
  const auto profile = read_profile(text, "mine.toml", problems);
  EXPECT_TRUE(profile.has_value()) << problems.to_text();
  return profile.value_or(IdempotencyProfile{});
}

// Of what stands behind the head, from line 4 on.
std::string problems_of(const std::string& text) {
  Diagnostics problems;
  const auto profile = read_profile(kHead + text, "mine.toml", problems);
  EXPECT_FALSE(profile.has_value());
  return problems.to_text();
}

IdempotencyProfile full_profile() {
  IdempotencyProfile profile;
  profile.name = "mine-2";
  profile.summary = "Ours: \"quoted\", and more.";
  profile.carrier = KeyCarrier{KeyCarrier::In::kHeader, "X-Key"};
  profile.quoted = true;
  profile.required = false;
  profile.max_length = 64;
  profile.window = 24h + 90s + 7ns;
  profile.mismatch = MismatchMode::kReject;
  profile.mismatch_status = {409, 422};
  profile.in_flight = InFlightMode::kReject;
  profile.in_flight_status = {409};
  profile.stores_2xx = true;
  profile.stores_4xx = false;
  profile.stores_5xx = false;
  profile.marker = ReplayMarker{"Idempotent-Replayed", "true"};
  profile.replay = ReplayForm::kLatest;
  profile.by_caller = true;
  profile.by_endpoint = false;
  profile.by_method = true;
  profile.volatile_fields = {"/updated_at", "/links/~1self"};
  profile.sources = {"https://docs.example/keys"};
  profile.checked = "2026-11-28";
  profile.notes = {"Only POST takes keys."};
  return profile;
}

TEST(ProfileFile, SaysOnlyWhatItDeclares) {
  const IdempotencyProfile profile = read(kHead);
  IdempotencyProfile expected;
  expected.name = "mine";
  expected.summary = "Ours.";
  EXPECT_EQ(profile, expected);
}

TEST(ProfileFile, IsReadWhole) {
  const IdempotencyProfile profile = read(R"(format = 1
name = "mine-2"
summary = "Ours: \"quoted\", and more."
sources = ["https://docs.example/keys"]
checked = "2026-11-28"
notes = ["Only POST takes keys."]
window = "24h1m30s7ns"
replay = "latest"
volatile = ["/updated_at", "/links/~1self"]
key = { header = "X-Key", quoted = true, required = false, max_length = 64 }
mismatch = { mode = "reject", status = [409, 422] }
in_flight = { mode = "reject", status = 409 }
stored = { 2xx = true, 4xx = false, 5xx = false }
marker = { header = "Idempotent-Replayed", value = "true" }
scope = { caller = true, endpoint = false, method = true }
)");
  EXPECT_EQ(profile, full_profile());
}

TEST(ProfileFile, WhatIsWrittenReadsBackEqual) {
  EXPECT_EQ(read(to_toml(full_profile())), full_profile());

  IdempotencyProfile other;
  other.name = "other";
  other.summary = "O";
  other.carrier = KeyCarrier{KeyCarrier::In::kBody, "/idempotency_key"};
  other.mismatch = MismatchMode::kExecute;
  other.in_flight = InFlightMode::kBlock;
  other.marker = ReplayMarker{"X-Replay", ""};
  other.replay = ReplayForm::kSame;
  EXPECT_EQ(read(to_toml(other)), other);

  other.carrier = KeyCarrier{KeyCarrier::In::kQuery, "ClientToken"};
  other.mismatch = MismatchMode::kReplay;
  other.in_flight = InFlightMode::kReplay;
  other.window = 1ns;
  EXPECT_EQ(read(to_toml(other)), other);
}

TEST(ProfileFile, EachFieldAloneReadsBackEqual) {
  const IdempotencyProfile full = full_profile();
  IdempotencyProfile bare;
  bare.name = "bare";
  bare.summary = "B";
  const auto round_trip = [&](auto change) {
    IdempotencyProfile one = bare;
    change(one);
    EXPECT_EQ(read(to_toml(one)), one) << to_toml(one);
  };
  round_trip([&](auto& one) { one.quoted = full.quoted; });
  round_trip([&](auto& one) { one.required = true; });
  round_trip([&](auto& one) { one.max_length = full.max_length; });
  round_trip([&](auto& one) { one.window = full.window; });
  round_trip([&](auto& one) { one.stores_4xx = true; });
  round_trip([&](auto& one) { one.by_method = false; });
  round_trip([&](auto& one) { one.volatile_fields = full.volatile_fields; });
  round_trip([&](auto& one) { one.mismatch = MismatchMode::kReject; });
}

TEST(ProfileFile, MistakesAreToldWithTheirPlace) {
  EXPECT_EQ(problems_of("windw = \"24h\"\n"),
            "mine.toml:4:1: unknown key \"windw\"; did you mean \"window\"?\n");
  EXPECT_EQ(problems_of("window = \"0s\"\n"),
            "mine.toml:4:10: a key that is not remembered does nothing: write for example "
            "\"24h\"\n");
  EXPECT_EQ(problems_of("key = { header = \"A\", query = \"b\" }\n"),
            "mine.toml:4:31: a key stands in one place: give `header` or `query`, not both\n");
  EXPECT_EQ(problems_of("key = { header = \"A b\" }\n"),
            "mine.toml:4:18: \"A b\" is not a header name; write for example "
            "\"Idempotency-Key\"\n");
  EXPECT_EQ(problems_of("key = { header = \"host\" }\n"),
            "mine.toml:4:18: host says how the request is sent and cannot carry a key\n");
  EXPECT_EQ(problems_of("key = { body = \"key\" }\n"),
            "mine.toml:4:16: a JSON pointer begins with '/': write for example "
            "\"/idempotency_key\"\n");
  EXPECT_EQ(problems_of("key = { query = \"a&b\" }\n"),
            "mine.toml:4:17: \"a&b\" is not the name of a parameter; write for example "
            "\"request_id\"\n");
  EXPECT_EQ(problems_of("key = { body = \"/key\", quoted = true }\n"),
            "mine.toml:4:33: only a header's value can be a Structured Field String in quotes; "
            "this key stands elsewhere: say quoted = false\n");
  EXPECT_EQ(problems_of("mismatch = { mode = \"refuse\" }\n"),
            "mine.toml:4:21: \"mode\" does not take \"refuse\"; write \"reject\", \"replay\" or "
            "\"execute\"\n");
  EXPECT_EQ(problems_of("mismatch = { mode = \"replay\", status = 200 }\n"),
            "mine.toml:4:40: \"status\" takes integers from 400 to 599, not 200\n"
            "mine.toml:4:40: only an error has a status of its own: say mode = \"reject\", or "
            "leave `status` out\n");
  EXPECT_EQ(problems_of("in_flight = { mode = \"reject\", status = [409, 409] }\n"),
            "mine.toml:4:47: 409 stands here twice\n");
  EXPECT_EQ(problems_of("in_flight = { mode = \"reject\", status = \"conflict\" }\n"),
            "mine.toml:4:41: \"status\" takes integers; write for example 409\n");
  EXPECT_EQ(problems_of("marker = { header = \"Replay ed\" }\n"),
            "mine.toml:4:21: \"Replay ed\" is not a header name; write for example "
            "\"Idempotent-Replayed\"\n");
  EXPECT_EQ(problems_of("volatile = [\"updated_at\"]\n"),
            "mine.toml:4:13: a JSON pointer begins with '/': write for example \"/updated_at\"\n");
  EXPECT_EQ(problems_of("checked = \"28 Nov 2026\"\n"),
            "mine.toml:4:11: write the day as \"2026-11-28\"\n");
}

TEST(ProfileFile, AnotherFormatIsOneProblem) {
  Diagnostics problems;
  EXPECT_FALSE(read_profile("format = 2\nwhatever = 1\n", "mine.toml", problems).has_value());
  EXPECT_EQ(problems.to_text(), "mine.toml:1:10: this squall reads profiles of format 1, not 2\n");
}

TEST(ProfileFile, NoTomlIsOneProblem) {
  Diagnostics problems;
  EXPECT_FALSE(read_profile("format = \n", "mine.toml", problems).has_value());
  EXPECT_EQ(problems.error_count(), 1U);
}

TEST(ProfileFile, TakesNothingFromTheEnvironment) {
  Diagnostics problems;
  EXPECT_FALSE(read_profile("format = 1\nname = \"mine\"\nsummary = \"${env:HOME}\"\n", "mine.toml",
                            problems)
                   .has_value());
  EXPECT_EQ(problems.to_text(), "mine.toml:3:11: environment variable HOME is not set\n");
}

TEST(ProfileFile, NamesAreWords) {
  EXPECT_TRUE(is_profile_name("stripe-v1"));
  EXPECT_FALSE(is_profile_name(""));
  EXPECT_FALSE(is_profile_name("1st"));
  EXPECT_FALSE(is_profile_name("a/b"));
  EXPECT_FALSE(is_profile_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace squall::model
