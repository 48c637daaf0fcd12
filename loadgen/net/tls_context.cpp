#include "loadgen/net/tls_context.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/tls_problem.hpp"
#include "loadgen/net/tls_session.hpp"

namespace squall::net {
namespace {

// ALPN's list: each name behind its length.
constexpr std::array<unsigned char, 9> kAlpn = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

tl::unexpected<Error> refused(std::string_view key, const std::string& file) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("tls.{} {}: {}", key, printable(file), take_tls_error()));
}

// Nobody is there to ask; without this OpenSSL would ask on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) noexcept {
  return -1;
}

int on_new_session(SSL* connection, SSL_SESSION* session) noexcept {
  static_cast<TlsSession*>(SSL_get_app_data(connection))->client().keep(session);
  return 1;  // the reference is ours now
}

// SSL_set_tlsext_host_name() without its old cast.
bool ask_for(SSL* connection, std::string name) {
  return SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  name.data()) == 1;
}

std::string pin_text(const TlsContext::KeyDigest& digest) {
  std::array<unsigned char, 48> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return "sha256//" + std::string(text.begin(), text.begin() + length);
}

Result<TlsContext::KeyDigest> parse_pin(std::string_view text) {
  constexpr std::string_view kScheme = "sha256//";
  constexpr std::size_t kBase64Length = 44;  // of 32 bytes
  std::array<unsigned char, 33> bytes{};     // EVP_DecodeBlock counts the padding as a byte
  const bool shaped =
      text.starts_with(kScheme) && text.size() == kScheme.size() + kBase64Length &&
      EVP_DecodeBlock(bytes.data(),
                      reinterpret_cast<const unsigned char*>(text.data() + kScheme.size()),
                      static_cast<int>(kBase64Length)) == static_cast<int>(bytes.size());
  if (!shaped) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("tls.pinned_key: \"{}\" is not the SHA-256 of a public key in base64",
                            printable(text)));
  }
  TlsContext::KeyDigest digest{};
  std::copy_n(bytes.begin(), digest.size(), digest.begin());
  return digest;
}

Result<void> set_trust(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.insecure) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return {};
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (settings.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("the system's certificates: {}", take_tls_error()));
    }
    return {};
  }
  if (SSL_CTX_load_verify_file(context, settings.ca_file.c_str()) != 1) {
    return refused("ca", settings.ca_file);
  }
  return {};
}

Result<void> set_identity(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.certificate_file.empty()) {
    return {};
  }
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1) {
    return refused("certificate", settings.certificate_file);
  }
  // Fails, too, for a key that does not belong to the certificate.
  if (SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return refused("key", settings.key_file);
  }
  return {};
}

}  // namespace

TlsContext::TlsContext(const TlsSettings& settings)
    : settings_(settings), context_(SSL_CTX_new(TLS_client_method())) {
  SQUALL_CHECK(context_ != nullptr);
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Result<std::unique_ptr<TlsContext>> TlsContext::make(const TlsSettings& settings, TlsAlpn alpn) {
  std::unique_ptr<TlsContext> context(new TlsContext(settings));
  ERR_clear_error();
  if (auto ready = context->set_up(alpn); !ready) {
    return fail(std::move(ready.error()));
  }
  return context;
}

Result<void> TlsContext::set_up(TlsAlpn alpn) {
  const bool from_13 = settings_.min_version == TlsVersion::k13;
  SQUALL_CHECK(SSL_CTX_set_min_proto_version(context_, from_13 ? TLS1_3_VERSION : TLS1_2_VERSION) ==
               1);
  SQUALL_CHECK(alpn == TlsAlpn::kNone ||
               SSL_CTX_set_alpn_protos(context_, kAlpn.data(), kAlpn.size()) == 0);
  // A renegotiation would ask for a client certificate in the middle of a request.
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION);
  if (settings_.resumption) {
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_, on_new_session);
  } else {
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
  }
  if (!settings_.pinned_key.empty()) {
    for (const std::string_view text : split(settings_.pinned_key, ';')) {
      const auto pin = parse_pin(text);
      if (!pin) {
        return fail(pin.error());
      }
      pins_.push_back(*pin);
    }
  }
  return set_trust(context_, settings_).and_then([this] {
    return set_identity(context_, settings_);
  });
}

std::string TlsContext::key_problem(const SSL* connection) const {
  if (pins_.empty()) {
    return {};
  }
  X509* const certificate = SSL_get0_peer_certificate(connection);
  unsigned char* key = nullptr;
  const int size =
      certificate == nullptr ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
  if (size <= 0) {
    return "the peer's public key cannot be read, so it is not the pinned one";
  }
  KeyDigest digest{};
  const bool digested = EVP_Digest(key, static_cast<std::size_t>(size), digest.data(), nullptr,
                                   EVP_sha256(), nullptr) == 1;
  OPENSSL_free(key);
  SQUALL_CHECK(digested);
  if (std::find(pins_.begin(), pins_.end(), digest) != pins_.end()) {
    return {};
  }
  return fmt::format("the peer's public key is {}, which tls.pinned_key does not name",
                     pin_text(digest));
}

TlsClient::TlsClient(const TlsContext& context, std::string_view host)
    : context_(context),
      name_(context.settings().server_name.empty() ? std::string(host)
                                                   : context.settings().server_name) {
  in6_addr address{};
  is_address_ = ::inet_pton(AF_INET, name_.c_str(), &address) == 1 ||
                ::inet_pton(AF_INET6, name_.c_str(), &address) == 1;
  sessions_.reserve(kMaxSessions);
}

TlsClient::~TlsClient() {
  for (SSL_SESSION* const session : sessions_) {
    SSL_SESSION_free(session);
  }
}

SSL* TlsClient::open() {
  SSL* const connection = SSL_new(context_.raw());
  if (connection == nullptr) {
    return nullptr;
  }
  SSL_set_connect_state(connection);
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // SNI is for names alone (RFC 6066, 3), and an address is checked as one.
  const bool named =
      is_address_ ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name_.c_str()) == 1
                  : ask_for(connection, name_) && SSL_set1_host(connection, name_.c_str()) == 1;
  if (!named) {
    SSL_free(connection);
    return nullptr;
  }
  if (!sessions_.empty()) {
    SSL_SESSION* const session = sessions_.back();
    // A ticket of TLS 1.3 is for one use (RFC 8446, C.4).
    const bool once = SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION;
    SSL_set_session(connection, session);
    if (once || SSL_SESSION_is_resumable(session) == 0) {
      sessions_.pop_back();
      SSL_SESSION_free(session);
    }
  }
  return connection;
}

void TlsClient::keep(SSL_SESSION* session) {
  if (sessions_.size() == kMaxSessions) {
    SSL_SESSION_free(sessions_.front());
    sessions_.erase(sessions_.begin());
  }
  sessions_.push_back(session);
}

void TlsClient::count(const SSL* connection) {
  ++counters_.handshakes;
  if (SSL_session_reused(connection) == 1) {
    ++counters_.resumed;
  }
  const std::string_view version = SSL_get_version(connection);
  const std::string_view cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(connection));
  for (TlsSuite& suite : counters_.suites) {
    if (suite.version == version && suite.cipher == cipher) {
      ++suite.handshakes;
      return;
    }
  }
  counters_.suites.push_back({version, cipher, 1});
}

TlsCounters TlsClient::take_counters() {
  return std::exchange(counters_, {});
}

}  // namespace squall::net
