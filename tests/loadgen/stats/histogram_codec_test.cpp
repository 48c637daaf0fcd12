#include "loadgen/stats/histogram_codec.hpp"

#include <zlib.h>

#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"
#include "loadgen/stats/base64.hpp"

namespace squall::stats {
namespace {

bool same(const Histogram& a, const Histogram& b) {
  const auto trimmed = [](std::span<const std::uint64_t> counts) {
    while (!counts.empty() && counts.back() == 0) {
      counts = counts.first(counts.size() - 1);
    }
    return std::vector<std::uint64_t>(counts.begin(), counts.end());
  };
  return a.layout() == b.layout() && a.count() == b.count() &&
         trimmed(a.counts()) == trimmed(b.counts());
}

std::string big_endian(std::uint64_t value, unsigned bytes) {
  std::string out;
  for (unsigned i = bytes; i > 0; --i) {
    out += static_cast<char>(value >> (8 * (i - 1)) & 0xff);
  }
  return out;
}

// The parts of an encoding, each of which a test may falsify.
struct Parts {
  std::uint32_t outer_cookie = 0x1c849314;
  std::uint32_t inner_cookie = 0x1c849313;
  std::int64_t payload_length = -1;  // -1: the true one
  std::uint32_t index_offset = 0;
  std::uint32_t digits = 3;
  std::uint64_t lowest = 1;
  std::uint64_t highest = 3'600'000'000;
  std::string payload = std::string(1, '\x02');
  std::string after = {};  // the payload, inside the compressed data

  [[nodiscard]] std::string text() const {
    const auto length =
        payload_length < 0 ? payload.size() : static_cast<std::uint64_t>(payload_length);
    const std::string plain = big_endian(inner_cookie, 4) + big_endian(length, 4) +
                              big_endian(index_offset, 4) + big_endian(digits, 4) +
                              big_endian(lowest, 8) + big_endian(highest, 8) +
                              big_endian(0x3ff0000000000000, 8) + payload + after;
    uLongf size = compressBound(static_cast<uLong>(plain.size()));
    std::string packed(size, '\0');
    compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
              reinterpret_cast<const Bytef*>(plain.data()), static_cast<uLong>(plain.size()), 9);
    packed.resize(size);
    return to_base64(big_endian(outer_cookie, 4) + big_endian(size, 4) + packed);
  }
};

void expect_malformed(const std::string& text) {
  const Result<Histogram> decoded = decode_v2_base64(text);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, ErrorCode::kMalformed);
  EXPECT_FALSE(decoded.error().message.empty());
}

TEST(Base64, RoundTripsAndIsStrict) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  Rng rng(StreamId(1, "base64", "bytes"));
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) {
      bytes += static_cast<char>(rng.next_below(256));
    }
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
  for (const char* wrong : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zg= =",
                            "Zm9v\n", "Zm-v", "=Zg="}) {
    EXPECT_FALSE(from_base64(wrong).has_value()) << wrong;
  }
}

TEST(HistogramCodec, RoundTrips) {
  Rng rng(StreamId(3, "codec", "values"));
  const std::vector<HistogramLayout> layouts = {
      kSpanLayout, kLagLayout, {2, 0}, {1000, 5}, {std::int64_t{1} << 62, 1}};
  for (const HistogramLayout& layout : layouts) {
    for (int round = 0; round < 8; ++round) {
      Histogram histogram(layout);
      for (std::uint64_t i = rng.next_below(300); i > 0; --i) {
        histogram.record_n(static_cast<std::int64_t>(rng.next_bits() >> (1 + rng.next_below(63))),
                           rng.next_bits() >> (10 + rng.next_below(54)));
      }
      const Result<Histogram> back = decode_v2_base64(encode_v2_base64(histogram));
      ASSERT_TRUE(back.has_value()) << to_string(back.error());
      EXPECT_TRUE(same(histogram, *back));
    }
  }
}

TEST(HistogramCodec, EncodesBothCountTypesAlike) {
  IntervalHistogram second;
  Histogram total;
  for (int i = 0; i < 1000; i += 7) {
    second.record_n(i * i, static_cast<std::uint64_t>(i));
    total.record_n(i * i, static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ(encode_v2_base64(second), encode_v2_base64(total));
  EXPECT_EQ(encode_v2_base64(IntervalHistogram()), encode_v2_base64(Histogram()));
}

TEST(HistogramCodec, StartsLikeEveryHdrHistogramLog) {
  EXPECT_EQ(encode_v2_base64(Histogram()).substr(0, 8), "HISTFAAA");
}

TEST(HistogramCodec, ReadsTheLargestCounts) {
  Histogram histogram;
  histogram.record_n(5, std::numeric_limits<std::int64_t>::max());
  const Result<Histogram> back = decode_v2_base64(encode_v2_base64(histogram));
  ASSERT_TRUE(back.has_value());
  EXPECT_TRUE(same(histogram, *back));
}

TEST(HistogramCodec, AcceptsWhatTheHostileTestsAreMadeFrom) {
  const Result<Histogram> decoded = decode_v2_base64(Parts{}.text());
  ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error());
  EXPECT_EQ(decoded->count(), 1U);
}

TEST(HistogramCodec, RefusesWrongFields) {
  expect_malformed("");
  expect_malformed("not base64!");
  expect_malformed("AAAA");
  expect_malformed(Parts{.outer_cookie = 0x1c849312}.text());
  expect_malformed(Parts{.inner_cookie = 0x1c849301}.text());
  expect_malformed(Parts{.index_offset = 1}.text());
  expect_malformed(Parts{.digits = 6}.text());
  expect_malformed(Parts{.digits = 0xffffffff}.text());
  expect_malformed(Parts{.lowest = 1000}.text());
  expect_malformed(Parts{.highest = 1}.text());
  expect_malformed(Parts{.highest = (1ULL << 62U) + 1}.text());
  expect_malformed(Parts{.highest = ~0ULL}.text());
  expect_malformed(Parts{.payload_length = 2}.text());
  expect_malformed(Parts{.payload_length = 0}.text());
  expect_malformed(Parts{.payload_length = 0xffffffff}.text());
  expect_malformed(Parts{.after = "x"}.text());
}

TEST(HistogramCodec, RefusesWrongCounts) {
  expect_malformed(Parts{.payload = "\x80"}.text());                         // cut short
  expect_malformed(Parts{.payload = std::string(8, '\xff')}.text());         // cut short
  expect_malformed(Parts{.highest = 100, .payload = "\xff\x7f"}.text());     // 8192 zeros
  expect_malformed(Parts{.payload = std::string(9, '\xff')}.text());         // 2^63 zeros
  const std::string most = std::string(1, '\xfe') + std::string(8, '\xff');  // 2^63 - 1
  EXPECT_TRUE(decode_v2_base64(Parts{.payload = most}.text()).has_value());
  expect_malformed(Parts{.payload = most + "\x02"}.text());
  expect_malformed(Parts{.digits = 0, .highest = 2, .payload = "\x02\x02\x02\x02\x02"}.text());
}

TEST(HistogramCodec, RefusesDamagedData) {
  Histogram histogram;
  Rng rng(StreamId(9, "codec", "damage"));
  for (int i = 0; i < 500; ++i) {
    histogram.record(static_cast<std::int64_t>(rng.next_below(1'000'000)));
  }
  const std::string whole = *from_base64(encode_v2_base64(histogram));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_malformed(to_base64(whole.substr(0, size)));
    // With the length put right, so that the compressed data themselves are short.
    if (size >= 8) {
      expect_malformed(
          to_base64(whole.substr(0, 4) + big_endian(size - 8, 4) + whole.substr(8, size - 8)));
    }
  }
  for (int i = 0; i < 500; ++i) {
    std::string damaged = whole;
    damaged[rng.next_below(damaged.size())] ^= static_cast<char>(1U << rng.next_below(8));
    const Result<Histogram> decoded = decode_v2_base64(to_base64(damaged));
    EXPECT_TRUE(!decoded || same(*decoded, histogram)) << "zlib's checksum covers the counts";
  }
}

// A megabyte of zeros packs into a thousand bytes; what is declared must bound what is inflated.
TEST(HistogramCodec, AZipBombIsRefusedBeforeItIsInflated) {
  expect_malformed(Parts{.payload = std::string(5'000'000, '\0')}.text());
  expect_malformed(Parts{.payload_length = 1, .payload = std::string(5'000'000, '\x02')}.text());
  expect_malformed(Parts{.payload_length = 50'000'000, .digits = 5, .highest = 1ULL << 62U}.text());
}

}  // namespace
}  // namespace squall::stats
