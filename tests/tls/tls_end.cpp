#include "tests/tls/tls_end.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <csignal>
#include <limits>
#include <memory>

#include "loadgen/base/check.hpp"

namespace squall::test {
namespace {

template <auto Free>
struct Freed {
  template <class Thing>
  void operator()(Thing* thing) const {
    Free(thing);
  }
};
using Bytes = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

Certificate certificate_of(const std::string& pem) {
  const Bytes bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr));
  SQUALL_CHECK(certificate != nullptr);
  return certificate;
}

// The client names http/1.1 or this server has nothing to say to it.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int size, void* /*context*/) {
  static constexpr unsigned char kHttp[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, &kHttp[0], sizeof kHttp, offered, size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsServerContext::TlsServerContext(const TlsServerOptions& options)
    : context_(SSL_CTX_new(TLS_server_method())) {
  SQUALL_CHECK(context_ != nullptr);
  // OpenSSL writes without MSG_NOSIGNAL, and clients go away whenever they like.
  std::signal(SIGPIPE, SIG_IGN);
  const Certificate certificate = certificate_of(options.identity.certificate_pem);
  const Bytes secret(BIO_new_mem_buf(options.identity.key_pem.data(),
                                     static_cast<int>(options.identity.key_pem.size())));
  const Key key(PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr));
  SQUALL_CHECK(SSL_CTX_use_certificate(context_, certificate.get()) == 1);
  SQUALL_CHECK(SSL_CTX_use_PrivateKey(context_, key.get()) == 1);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context_, choose_protocol, nullptr);
  static constexpr unsigned char kId[] = "squall";
  SSL_CTX_set_session_id_context(context_, &kId[0], sizeof kId - 1);
  if (options.only_12) {
    SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
  }
  if (!options.resumption) {
    SSL_CTX_set_num_tickets(context_, 0);
    SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  }
  if (!options.client_authority_pem.empty()) {
    const Certificate authority = certificate_of(options.client_authority_pem);
    SQUALL_CHECK(X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), authority.get()) == 1);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
}

TlsServerContext::~TlsServerContext() {
  SSL_CTX_free(context_);
}

TlsEnd::TlsEnd(const TlsServerContext& context, int fd) : ssl_(SSL_new(context.raw())) {
  SQUALL_CHECK(ssl_ != nullptr && SSL_set_fd(ssl_, fd) == 1);
  SSL_set_accept_state(ssl_);
}

TlsEnd::~TlsEnd() {
  // However it ended, the session may be gone on with.
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

ssize_t TlsEnd::failure(int result) const {
  const int system = errno;
  const int why = SSL_get_error(ssl_, result);
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  switch (why) {
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_SYSCALL:
      errno = system == 0 ? ECONNRESET : system;
      return -1;
    default:
      if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        return 0;
      }
      errno = EPROTO;
      return -1;
  }
}

ssize_t TlsEnd::read(char* buffer, std::size_t capacity) {
  ERR_clear_error();
  std::size_t got = 0;
  errno = 0;
  const int result = SSL_read_ex(ssl_, buffer, capacity, &got);
  return result == 1 ? static_cast<ssize_t>(got) : failure(result);
}

ssize_t TlsEnd::write(const char* bytes, std::size_t size) {
  ERR_clear_error();
  std::size_t done = 0;
  errno = 0;
  const int result = SSL_write_ex(ssl_, bytes, size, &done);
  if (result == 1) {
    return static_cast<ssize_t>(done);
  }
  const ssize_t failed = failure(result);
  if (failed == 0) {  // broken, and the client had said before that nothing more would come
    errno = EPIPE;
    return -1;
  }
  return failed;
}

void TlsEnd::close_notify() {
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

bool TlsEnd::has_pending() const {
  return SSL_pending(ssl_) > 0;
}
bool TlsEnd::shook_hands() const {
  return SSL_is_init_finished(ssl_) == 1;
}
bool TlsEnd::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}
bool TlsEnd::got_close_notify() const {
  return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
}
std::string TlsEnd::server_name() const {
  const char* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string() : std::string(name);
}

}  // namespace squall::test
