#include "loadgen/plan/proxy_address.hpp"

#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/endpoint.hpp"

namespace squall::plan {
namespace {

constexpr std::string_view kTlsScheme = "https://";

// Host and port, both written out; nothing for anything else.
std::optional<ProxyAddress> host_and_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const bool plain = colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
                     text.find_first_of("/?#@ ") == std::string_view::npos;
  const bool digits =
      plain && text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  const auto endpoint = digits ? model::parse_endpoint("http://" + std::string(text))
                               : fail(ErrorCode::kInvalidArgument, "");
  if (!endpoint || endpoint->port == 0) {
    return std::nullopt;
  }
  return ProxyAddress{endpoint->host, endpoint->port, false};
}

}  // namespace

Result<ProxyAddress> parse_proxy_upstream(std::string_view text) {
  const bool is_tls = text.starts_with(kTlsScheme);
  auto address = host_and_port(is_tls ? text.substr(kTlsScheme.size()) : text);
  if (!address) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not where a proxy could send to: write host and port, such "
                            "as \"127.0.0.1:5432\", or \"https://db.example:8443\" for what speaks "
                            "TLS",
                            printable(text, 100)));
  }
  address->is_tls = is_tls;
  return *std::move(address);
}

Result<ProxyAddress> parse_proxy_listen(std::string_view text) {
  auto address = host_and_port(text);
  if (!address || !model::is_loopback(address->host)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not where a plan's proxy could listen: write an address of "
                            "this host alone and a port, such as \"127.0.0.1:15432\", or leave the "
                            "key out for a free port",
                            printable(text, 100)));
  }
  return *std::move(address);
}

std::string to_text(const ProxyAddress& address) {
  return fmt::format("{}{}:{}", address.is_tls ? kTlsScheme : "",
                     model::with_brackets(address.host), address.port);
}

}  // namespace squall::plan
