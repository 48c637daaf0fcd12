#include "loadgen/run/shard_text.hpp"

#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::run {
namespace {

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

Result<model::Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto index = number(text.substr(0, slash));
  const auto count =
      slash == std::string_view::npos ? std::nullopt : number(text.substr(slash + 1));
  if (!index || !count) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is no shard: write 2/8 for the second of eight, or auto for "
                            "what the launcher says",
                            printable(text)));
  }
  if (*count == 0 || *count > kMostShards) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: a run has 1 to {} shards", printable(text), kMostShards));
  }
  if (*index == 0 || *index > *count) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{0}: shards are counted from 1, so the first of {1} is 1/{1} and the "
                            "last {1}/{1}",
                            printable(text), *count));
  }
  return model::Shard{.index = *index - 1, .count = *count};
}

std::string to_string(const model::Shard& shard) {
  return fmt::format("{}/{}", shard.index + 1, shard.count);
}

}  // namespace squall::run
