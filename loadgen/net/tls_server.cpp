#include "loadgen/net/tls_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/certificate.hpp"
#include "loadgen/net/tls_problem.hpp"
#include "loadgen/net/tls_session.hpp"

namespace squall::net {
namespace {

tl::unexpected<Error> refused(std::string_view key, const std::string& file) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("tls.{} {}: {}", key, printable(file), take_tls_error()));
}

int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) noexcept {
  return -1;
}

// As a client writes it: an IPv4 address as that, also when the socket speaks IPv6. Empty when the
// connection is gone.
std::string local_host(int fd) {
  sockaddr_in6 local{};  // has room for both
  socklen_t size = sizeof local;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0) {
    return {};
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address = &local.sin6_addr;
  int family = AF_INET6;
  if (local.sin6_family == AF_INET) {
    family = AF_INET;
    address = &reinterpret_cast<const sockaddr_in&>(local).sin_addr;
  } else if (IN6_IS_ADDR_V4MAPPED(&local.sin6_addr)) {
    constexpr std::size_t kMappedPrefix = 12;
    family = AF_INET;
    address = &local.sin6_addr.s6_addr[kMappedPrefix];
  }
  const char* const written = ::inet_ntop(family, address, text.data(), text.size());
  return written == nullptr ? std::string() : std::string(written);
}

std::string asked_for(const SSL* connection) {
  const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string() : to_lower(name);
}

}  // namespace

struct TlsServer::Callbacks {
  // A name that no certificate can be made out for.
  static int on_name(SSL* connection, int* alert, void* /*server*/) noexcept {
    const std::string name = asked_for(connection);
    if (name.empty() || is_host(name)) {
      return SSL_TLSEXT_ERR_OK;
    }
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  // The client's name is known, and that a certificate will be shown.
  static int on_certificate(SSL* connection, void* server) noexcept {
    auto& self = *static_cast<TlsServer*>(server);
    std::string host = asked_for(connection);
    if (host.empty()) {
      host = local_host(static_cast<const TlsSession*>(SSL_get_app_data(connection))->fd());
    }
    X509* const certificate = host.empty() ? nullptr : self.certificate_for(host);
    return certificate != nullptr &&
                   SSL_use_cert_and_key(connection, certificate, self.authority_->issued_key(),
                                        nullptr, 1) == 1
               ? 1
               : 0;
  }

  static int on_protocols(SSL* /*connection*/, const unsigned char** chosen,
                          unsigned char* chosen_length, const unsigned char* offered,
                          unsigned length, void* /*server*/) noexcept {
    constexpr std::string_view kHttp1 = "http/1.1";
    std::string_view rest(reinterpret_cast<const char*>(offered), length);
    while (!rest.empty()) {
      const auto size = static_cast<unsigned char>(rest.front());
      const std::string_view name = rest.substr(1, size);
      if (name == kHttp1) {
        *chosen = reinterpret_cast<const unsigned char*>(name.data());
        *chosen_length = size;
        return SSL_TLSEXT_ERR_OK;
      }
      rest.remove_prefix(1 + name.size());
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
};

TlsServer::TlsServer() : context_(SSL_CTX_new(TLS_server_method())) {
  SQUALL_CHECK(context_ != nullptr);
}

TlsServer::~TlsServer() {
  forget_issued();
  SSL_CTX_free(context_);
}

Result<std::unique_ptr<TlsServer>> TlsServer::make(const TlsServerSettings& settings) {
  std::unique_ptr<TlsServer> server(new TlsServer);
  ERR_clear_error();
  if (auto ready = server->set_up(settings); !ready) {
    return fail(std::move(ready.error()));
  }
  return server;
}

Result<void> TlsServer::set_up(const TlsServerSettings& settings) {
  SQUALL_CHECK(SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION) == 1);
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  if (settings.alpn == TlsAlpn::kHttp1) {
    SSL_CTX_set_alpn_select_cb(context_, Callbacks::on_protocols, nullptr);
  }
  if (!settings.certificate_file.empty()) {
    SSL_CTX_set_default_passwd_cb(context_, no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(context_, settings.certificate_file.c_str()) != 1) {
      return refused("certificate", settings.certificate_file);
    }
    // Fails, too, for a key that does not belong to the certificate.
    if (SSL_CTX_use_PrivateKey_file(context_, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
      return refused("key", settings.key_file);
    }
    return {};
  }
  auto authority = CertificateAuthority::open(settings.authority_directory);
  if (!authority) {
    return fail(with_context(std::move(authority.error()), "tls.terminate"));
  }
  authority_ = std::move(*authority);
  // SSL_CTX_set_tlsext_servername_callback() without its old cast.
  SSL_CTX_callback_ctrl(context_, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(Callbacks::on_name));
  SSL_CTX_set_cert_cb(context_, Callbacks::on_certificate, this);
  return {};
}

SSL* TlsServer::open() {
  SSL* const connection = SSL_new(context_);
  if (connection != nullptr) {
    SSL_set_accept_state(connection);
  }
  return connection;
}

X509* TlsServer::certificate_for(const std::string& host) {
  const TimePoint now = monotonic_now();
  const auto known = issued_.find(host);
  if (known != issued_.end() && now - known->second.at < kIssueAgain) {
    return known->second.certificate;
  }
  if (known != issued_.end() || issued_.size() >= kMostIssued) {
    forget_issued();
  }
  X509* const certificate = authority_->issue(host);
  if (certificate != nullptr) {
    issued_[host] = {certificate, now};
  }
  return certificate;
}

void TlsServer::forget_issued() {
  for (const auto& [host, one] : issued_) {
    X509_free(one.certificate);
  }
  issued_.clear();
}

}  // namespace squall::net
