// TLS on a blocking socket, from either side, by OpenSSL's own reading and writing of sockets.
#pragma once

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/faults/proxy/socket.hpp"

namespace squall::test {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SslPtr = std::unique_ptr<SSL, FreeSsl>;
using SslContextPtr = std::unique_ptr<SSL_CTX, FreeSsl>;

// Owns the socket. One thread.
class TlsSocket {
 public:
  enum class End { kNone, kNotified, kCut, kReset, kTls };

  // `context` may be a client's or a server's; it must outlive this.
  TlsSocket(Socket socket, SSL_CTX* context) : socket_(std::move(socket)), ssl_(SSL_new(context)) {
    SSL_set_fd(ssl_.get(), socket_.fd());
  }

  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
  [[nodiscard]] Socket& socket() { return socket_; }
  bool accept() { return SSL_accept(ssl_.get()) == 1; }
  // Asks for `name` unless it is empty, and wants a certificate for it or for 127.0.0.1.
  bool connect(const std::string& name = "") {
    if (name.empty()) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), "127.0.0.1");
    } else {
      std::string copy = name;
      SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, copy.data());
      SSL_set1_host(ssl_.get(), name.c_str());
    }
    return SSL_connect(ssl_.get()) == 1;
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      std::size_t sent = 0;  // the context may let it be one record
      if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) != 1) {
        return false;
      }
      bytes.remove_prefix(sent);
    }
    return true;
  }
  // Exactly so many, or fewer when the stream ends.
  std::string receive_all(std::size_t count) {
    std::string bytes(count, '\0');
    std::size_t have = 0;
    while (have < count && end_ == End::kNone) {
      ERR_clear_error();
      errno = 0;
      std::size_t got = 0;
      const int result = SSL_read_ex(ssl_.get(), bytes.data() + have, count - have, &got);
      have += got;
      if (result != 1) {
        end_ = end_of(result);
      }
    }
    bytes.resize(have);
    return bytes;
  }
  std::string rest() {
    std::string bytes;
    while (end_ == End::kNone) {
      bytes += receive_all(1);
    }
    return bytes;
  }
  [[nodiscard]] End end() const { return end_; }
  void notify() { SSL_shutdown(ssl_.get()); }

 private:
  [[nodiscard]] End end_of(int result) const {
    const int why = SSL_get_error(ssl_.get(), result);
    if (why == SSL_ERROR_ZERO_RETURN) {
      return End::kNotified;
    }
    if (why == SSL_ERROR_SYSCALL) {
      return errno == ECONNRESET || errno == EPIPE ? End::kReset : End::kCut;
    }
    return ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? End::kCut
                                                                                  : End::kTls;
  }

  Socket socket_;
  SslPtr ssl_;
  End end_ = End::kNone;
};

}  // namespace squall::test
