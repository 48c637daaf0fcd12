#include "faults/proxy/listen_addresses.hpp"

#include <fmt/core.h>

#include "faults/proxy/proxy_address.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

bool needs_resolver(const std::string& text) {
  const auto parts = parse_host_port(text);
  return parts.has_value() && known_addresses(parts->host, parts->port).empty();
}

}  // namespace

void ListenAddresses::resolve(const std::string& text) {
  if (needs_resolver(text)) {
    names_.insert_or_assign(text, resolve_listen(text));
  }
}

Result<net::SocketAddress> ListenAddresses::find(const std::string& text) const {
  if (const auto found = names_.find(text); found != names_.end()) {
    return found->second;
  }
  if (needs_resolver(text)) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("the listen address became {} meanwhile: try again", printable(text)));
  }
  return resolve_listen(text);
}

}  // namespace squall::faults
