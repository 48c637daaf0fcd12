#include "loadgen/base/crypto.hpp"
#include "loadgen/stats/base64.hpp"
#include "reports/page/assets.hpp"

namespace squall::reports {

std::string csp_hash(std::string_view inline_text) {
  const Digest digest = digest_of(DigestKind::kSha256, inline_text);
  return "'sha256-" + stats::to_base64(digest.bytes()) + "'";
}

}  // namespace squall::reports
