#include "faults/proxy/tls_ends.hpp"

#include <utility>

#include <fmt/core.h>

#include "faults/proxy/proxy_address.hpp"
#include "loadgen/base/tls_settings.hpp"
#include "loadgen/net/certificate_authority.hpp"

namespace squall::faults {
namespace {

tl::unexpected<Error> bad_key(std::string_view key, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("tls.{} {}", key, why));
}

// Keys for clients without `terminate`, or with one that excludes them.
Result<void> check_server_keys(const ProxyTlsSettings& tls) {
  if (!tls.terminate) {
    for (const auto& [key, value] :
         {std::pair("certificate", &tls.certificate_file), std::pair("key", &tls.key_file),
          std::pair("ca_directory", &tls.ca_directory)}) {
      if (!value->empty()) {
        return bad_key(key, "is for clients that speak TLS with the proxy: add terminate = true");
      }
    }
    return {};
  }
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    return tls.key_file.empty() ? bad_key("certificate", "needs its key: add tls.key")
                                : bad_key("key", "needs its certificate: add tls.certificate");
  }
  if (!tls.certificate_file.empty() && !tls.ca_directory.empty()) {
    return bad_key("ca_directory", "has no use beside tls.certificate, which needs no CA");
  }
  return {};
}

Result<void> check_client_keys(const ProxyTlsSettings& tls, bool upstream_speaks_tls) {
  if (upstream_speaks_tls) {
    if (tls.insecure && !tls.ca_file.empty()) {
      return bad_key("ca", "has no use beside tls.insecure, which trusts everybody");
    }
    return {};
  }
  constexpr std::string_view kWhy =
      "is for an upstream that speaks TLS: write it as https://host:port";
  if (!tls.ca_file.empty()) {
    return bad_key("ca", kWhy);
  }
  if (!tls.server_name.empty()) {
    return bad_key("server_name", kWhy);
  }
  return tls.insecure ? Result<void>(bad_key("insecure", kWhy)) : Result<void>();
}

}  // namespace

Result<std::unique_ptr<TlsEnds>> TlsEnds::make(const Options& options) {
  std::unique_ptr<TlsEnds> ends(new TlsEnds(options));
  auto ready =
      check_server_keys(options.tls)
          .and_then([&] { return check_client_keys(options.tls, speaks_tls(options.upstream)); })
          .and_then([&] { return ends->set_up_server(); })
          .and_then([&] { return ends->set_up_client(); });
  if (!ready) {
    return fail(std::move(ready.error()));
  }
  return ends;
}

Result<void> TlsEnds::set_up_server() {
  const ProxyTlsSettings& tls = options_.tls;
  if (!tls.terminate) {
    return {};
  }
  std::string directory = tls.ca_directory;
  if (tls.certificate_file.empty() && directory.empty()) {
    auto usual = net::CertificateAuthority::usual_directory();
    if (!usual) {
      return fail(with_context(std::move(usual.error()), "tls.ca_directory"));
    }
    directory = std::move(*usual);
  }
  auto server = net::TlsServer::make({.certificate_file = tls.certificate_file,
                                      .key_file = tls.key_file,
                                      .authority_directory = std::move(directory),
                                      .alpn = options_.alpn});
  if (!server) {
    return fail(std::move(server.error()));
  }
  server_ = std::move(*server);
  return {};
}

Result<void> TlsEnds::set_up_client() {
  if (!speaks_tls(options_.upstream)) {
    return {};
  }
  const auto upstream = parse_upstream(options_.upstream);
  if (!upstream) {
    return {};  // which each dial will say: nothing interprets an upstream before that
  }
  const ProxyTlsSettings& tls = options_.tls;
  auto context = net::TlsContext::make(
      {.ca_file = tls.ca_file, .server_name = tls.server_name, .insecure = tls.insecure},
      options_.alpn);
  if (!context) {
    return fail(std::move(context.error()));
  }
  context_ = std::move(*context);
  client_ = std::make_unique<net::TlsClient>(*context_, upstream->host);
  return {};
}

}  // namespace squall::faults
