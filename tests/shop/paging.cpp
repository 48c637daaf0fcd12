#include "tests/shop/paging.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "tests/shop/http_service.hpp"

namespace squall::shop {
namespace {

constexpr std::int64_t kMaxLimit = 10'000;

Result<void> read_number(const Call& call, const char* name, std::int64_t lowest,
                         std::int64_t highest, std::int64_t& number) {
  const std::optional<std::string> text = call.query(name);
  // Empty is what a client sends that has no cursor yet.
  if (!text || text->empty()) {
    return {};
  }
  const char* end = text->data() + text->size();
  const auto [parsed_to, problem] = std::from_chars(text->data(), end, number);
  if (problem != std::errc() || parsed_to != end || number < lowest || number > highest) {
    return fail(ErrorCode::kMalformed,
                fmt::format("{} must be a number from {} to {}", name, lowest, highest));
  }
  return {};
}

}  // namespace

Result<Page> page_of(const Call& call) {
  Page page;
  return read_number(call, "after", 0, std::numeric_limits<std::int64_t>::max(), page.after)
      .and_then([&] { return read_number(call, "limit", 1, kMaxLimit, page.limit); })
      .map([&] { return page; });
}

}  // namespace squall::shop
