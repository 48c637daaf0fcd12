#include "tests/shop/callers.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"
#include "loadgen/base/text.hpp"
#include "tests/shop/http_service.hpp"

namespace squall::shop {

Result<std::string> caller_of(const Call& call) {
  constexpr const char* kHeader = "Authorization";
  constexpr std::string_view kScheme = "bearer ";
  constexpr std::string_view kBasic = "basic ";
  constexpr std::size_t kIdBytes = 16;
  const std::size_t headers = call.header_count(kHeader);
  if (headers == 0) {
    return "";
  }
  const std::string text = call.header(kHeader).value_or("");
  if (headers == 1 && equals_ignoring_case(text.substr(0, kBasic.size()), kBasic)) {
    return "";
  }
  const std::string_view token =
      trim(std::string_view(text).substr(std::min(text.size(), kScheme.size())));
  const bool is_bearer = headers == 1 &&
                         equals_ignoring_case(text.substr(0, kScheme.size()), kScheme) &&
                         !token.empty() && token.find_first_of(" \t") == std::string_view::npos;
  if (!is_bearer) {
    return fail(ErrorCode::kMalformed, "Authorization must be \"Bearer TOKEN\", once");
  }
  std::string id;
  append_hex(digest_of(DigestKind::kSha256, token).bytes().substr(0, kIdBytes), id);
  return id;
}

}  // namespace squall::shop
