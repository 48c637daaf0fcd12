#include "loadgen/stats/histogram_codec.hpp"

#include <bit>

#include <fmt/core.h>
#include <zlib.h>

#include "loadgen/base/check.hpp"
#include "loadgen/stats/base64.hpp"

namespace squall::stats {
namespace {

// The low byte's high half is the word size in Java; the 1 in it says that counts are ZigZag LEB128
// numbers.
constexpr std::uint32_t kPlainCookie = 0x1c849303;
constexpr std::uint32_t kCompressedCookie = 0x1c849304;
constexpr std::uint32_t kWordSizeMask = 0xf0;
constexpr std::uint32_t kVariableWords = 0x10;

// cookie, payload length, normalizing index offset, digits (4 bytes each); lowest, highest, ratio
// (8 bytes each).
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kCompressedHeaderBytes = 8;
constexpr std::size_t kMostBytesPerCount = 9;
// Deflate makes at most 1032 bytes of one.
constexpr std::size_t kMostInflation = 1032;

template <class Unsigned>
void put_big_endian(std::string& out, Unsigned value) {
  for (unsigned shift = sizeof(Unsigned) * 8; shift > 0; shift -= 8) {
    out += static_cast<char>(value >> (shift - 8) & 0xff);
  }
}

template <class Unsigned>
Unsigned big_endian_at(std::string_view bytes, std::size_t at) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(value << 8 | static_cast<unsigned char>(bytes[at + i]));
  }
  return value;
}

// HdrHistogram's "LEB128-64b9B": seven bits a byte, and all eight of the ninth.
void put_zigzag(std::string& out, std::int64_t value) {
  std::uint64_t bits =
      (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (std::size_t i = 1; i < kMostBytesPerCount && bits > 0x7f; ++i) {
    out += static_cast<char>((bits & 0x7f) | 0x80);
    bits >>= 7;
  }
  out += static_cast<char>(bits);
}

// Takes one number off the front of `bytes`; false when it does not end there.
bool take_zigzag(std::string_view& bytes, std::int64_t& value) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kMostBytesPerCount; ++i) {
    if (i == bytes.size()) {
      return false;
    }
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool last = i + 1 == kMostBytesPerCount;
    bits |= static_cast<std::uint64_t>(last ? byte : byte & 0x7f) << (7 * i);
    if (last || byte < 0x80) {
      bytes.remove_prefix(i + 1);
      break;
    }
  }
  value = static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
  return true;
}

template <class Count>
void put_counts(std::string& out, std::span<const Count> counts) {
  while (!counts.empty() && counts.back() == 0) {
    counts = counts.first(counts.size() - 1);
  }
  if (counts.empty()) {
    put_zigzag(out, 0);  // as Java writes it: the bucket of value 0 is always there
    return;
  }
  for (std::size_t i = 0; i < counts.size();) {
    std::size_t zeros = 0;
    while (counts[i + zeros] == 0) {
      ++zeros;
    }
    if (zeros > 1) {
      put_zigzag(out, -static_cast<std::int64_t>(zeros));
      i += zeros;
    } else {
      put_zigzag(out, static_cast<std::int64_t>(counts[i]));
      ++i;
    }
  }
}

template <class Count>
std::string encode_plain(const BasicHistogram<Count>& histogram) {
  std::string counts;
  put_counts(counts, histogram.counts());
  std::string out;
  out.reserve(kHeaderBytes + counts.size());
  put_big_endian(out, kPlainCookie | kVariableWords);
  put_big_endian(out, static_cast<std::uint32_t>(counts.size()));
  put_big_endian(out, std::uint32_t{0});
  put_big_endian(out, static_cast<std::uint32_t>(histogram.layout().significant_digits));
  put_big_endian(out, std::uint64_t{1});
  put_big_endian(out, static_cast<std::uint64_t>(histogram.layout().highest_trackable));
  put_big_endian(out, std::bit_cast<std::uint64_t>(1.0));
  return out + counts;
}

template <class Count>
std::string encode(const BasicHistogram<Count>& histogram) {
  const std::string plain = encode_plain(histogram);
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string packed(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                               reinterpret_cast<const Bytef*>(plain.data()),
                               static_cast<uLong>(plain.size()), Z_DEFAULT_COMPRESSION);
  SQUALL_CHECK(status == Z_OK);
  packed.resize(size);
  std::string out;
  put_big_endian(out, kCompressedCookie | kVariableWords);
  put_big_endian(out, static_cast<std::uint32_t>(packed.size()));
  return to_base64(out + packed);
}

// Inflates piece by piece, never more than it was asked for. Borrows the input.
class Inflater {
 public:
  explicit Inflater(std::string_view input) {
    // zlib only reads here; its field is not const unless ZLIB_CONST is defined for every user of
    // the header.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    SQUALL_CHECK(inflateInit(&stream_) == Z_OK);
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // `size` bytes, or fewer when the stream ends before or is damaged.
  [[nodiscard]] std::string take(std::size_t size) {
    std::string out(size, '\0');
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(size);
    while (status_ == Z_OK && stream_.avail_out > 0) {
      status_ = inflate(&stream_, Z_NO_FLUSH);
    }
    out.resize(size - stream_.avail_out);
    return out;
  }
  // Whether the stream has ended well and whole, nothing left over.
  [[nodiscard]] bool at_end() {
    return take(1).empty() && status_ == Z_STREAM_END && stream_.avail_in == 0;
  }

 private:
  z_stream stream_{};
  int status_ = Z_OK;
};

struct PlainHeader {
  HistogramLayout layout;
  std::size_t payload_bytes = 0;
};

Result<PlainHeader> read_plain_header(std::string_view bytes, std::size_t packed_size) {
  if (bytes.size() < kHeaderBytes) {
    return fail(ErrorCode::kMalformed, "histogram: the compressed data are damaged or too short");
  }
  if ((big_endian_at<std::uint32_t>(bytes, 0) & ~kWordSizeMask) != kPlainCookie) {
    return fail(ErrorCode::kMalformed, "histogram: the compressed data are not a V2 histogram");
  }
  const auto payload_bytes = big_endian_at<std::uint32_t>(bytes, 4);
  const auto index_offset = big_endian_at<std::uint32_t>(bytes, 8);
  const auto digits = big_endian_at<std::uint32_t>(bytes, 12);
  const auto lowest = big_endian_at<std::uint64_t>(bytes, 16);
  const auto highest = big_endian_at<std::uint64_t>(bytes, 24);
  const HistogramLayout layout{static_cast<std::int64_t>(highest), static_cast<int>(digits)};
  if (!layout.valid()) {
    return fail(ErrorCode::kMalformed,
                fmt::format("histogram: a layout of {} digits up to {} is out of range",
                            layout.significant_digits, layout.highest_trackable));
  }
  if (lowest != 1 || index_offset != 0) {
    return fail(ErrorCode::kMalformed,
                fmt::format("histogram: lowest discernible value {} and index offset {} are not "
                            "supported, only 1 and 0",
                            lowest, index_offset));
  }
  if (payload_bytes > layout.bucket_count() * kMostBytesPerCount ||
      payload_bytes > packed_size * kMostInflation) {
    return fail(
        ErrorCode::kMalformed,
        fmt::format("histogram: {} bytes of counts are more than it can have", payload_bytes));
  }
  return PlainHeader{layout, payload_bytes};
}

Result<Histogram> read_counts(std::string_view payload, const HistogramLayout& layout) {
  const std::size_t limit = layout.bucket_count();
  std::vector<std::uint64_t> counts;
  while (!payload.empty()) {
    std::int64_t number = 0;
    if (!take_zigzag(payload, number)) {
      return fail(ErrorCode::kMalformed, "histogram: a count is cut short");
    }
    const std::uint64_t buckets = number < 0 ? 0 - static_cast<std::uint64_t>(number) : 1;
    if (buckets > limit - counts.size()) {
      return fail(ErrorCode::kMalformed, "histogram: more counts than its layout has buckets");
    }
    counts.resize(counts.size() + buckets);
    if (number > 0) {
      counts.back() = static_cast<std::uint64_t>(number);
    }
  }
  Histogram histogram(layout);
  if (!histogram.assign_counts(counts, 0)) {
    return fail(ErrorCode::kMalformed, "histogram: its counts add up to more than 2^63 - 1");
  }
  return histogram;
}

}  // namespace

std::string encode_v2_base64(const Histogram& histogram) {
  return encode(histogram);
}

std::string encode_v2_base64(const IntervalHistogram& histogram) {
  return encode(histogram);
}

Result<Histogram> decode_v2_base64(std::string_view text) {
  const std::optional<std::string> bytes = from_base64(text);
  if (!bytes) {
    return fail(ErrorCode::kMalformed, "histogram: not base64");
  }
  if (bytes->size() < kCompressedHeaderBytes ||
      (big_endian_at<std::uint32_t>(*bytes, 0) & ~kWordSizeMask) != kCompressedCookie) {
    return fail(ErrorCode::kMalformed, "histogram: not a compressed V2 histogram");
  }
  const std::string_view packed = std::string_view(*bytes).substr(kCompressedHeaderBytes);
  if (big_endian_at<std::uint32_t>(*bytes, 4) != packed.size()) {
    return fail(ErrorCode::kMalformed, "histogram: the length of the compressed data is wrong");
  }
  Inflater inflater(packed);
  const Result<PlainHeader> header = read_plain_header(inflater.take(kHeaderBytes), packed.size());
  if (!header) {
    return fail(header.error());
  }
  const std::string payload = inflater.take(header->payload_bytes);
  if (payload.size() < header->payload_bytes || !inflater.at_end()) {
    return fail(ErrorCode::kMalformed, "histogram: the compressed data are damaged or too short");
  }
  return read_counts(payload, header->layout);
}

}  // namespace squall::stats
