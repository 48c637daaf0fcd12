// What a proxy needs to speak TLS with its clients and with its upstream.
#pragma once

#include <memory>
#include <string>

#include "loadgen/base/proxy_tls_settings.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/net/tls_context.hpp"
#include "loadgen/net/tls_server.hpp"

namespace squall::faults {

// Made by any thread, for it reads files; then the proxy's thread only. Outlives the links.
class TlsEnds {
 public:
  struct Options {
    std::string upstream;  // as in ProxySettings
    ProxyTlsSettings tls;
    net::TlsAlpn alpn = net::TlsAlpn::kNone;

    bool operator==(const Options&) const = default;
  };

  // Reads files. kInvalidArgument or kNotFound, naming the key, for files that cannot be used and
  // for keys that have no meaning where they stand.
  [[nodiscard]] static Result<std::unique_ptr<TlsEnds>> make(const Options& options);

  [[nodiscard]] const Options& options() const { return options_; }
  // Null: that side speaks no TLS, or what it does speak passes through.
  [[nodiscard]] net::TlsServer* server() const { return server_.get(); }
  [[nodiscard]] net::TlsClient* client() const { return client_.get(); }

 private:
  explicit TlsEnds(const Options& options) : options_(options) {}
  Result<void> set_up_server();
  Result<void> set_up_client();

  Options options_;
  std::unique_ptr<net::TlsServer> server_;
  std::unique_ptr<net::TlsContext> context_;
  std::unique_ptr<net::TlsClient> client_;  // borrows the context
};

}  // namespace squall::faults
