// The server's end of a TLS connection on a non-blocking socket, as recv() and send() of plaintext.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "tests/tls/identity.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace squall::test {

struct TlsServerOptions {
  Identity identity;
  std::string client_authority_pem =
      {};                // when set, clients must show a certificate that it vouches for
  bool only_12 = false;  // speaks TLS 1.2 alone
  bool resumption = true;
};

// What the connections of one server have in common. Outlives them. Any thread, once made.
class TlsServerContext {
 public:
  explicit TlsServerContext(const TlsServerOptions& options);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  [[nodiscard]] ssl_ctx_st* raw() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

// Borrows the context and the descriptor. One thread. The handshake is part of the first read().
class TlsEnd {
 public:
  TlsEnd(const TlsServerContext& context, int fd);
  ~TlsEnd();
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;

  // As recv(): 0 is the end, be it by close_notify or by a bare FIN; -1 with errno EAGAIN, with
  // ECONNRESET when the connection broke, with EPROTO when TLS did.
  [[nodiscard]] ssize_t read(char* buffer, std::size_t capacity);
  // As send(): -1 with errno.
  [[nodiscard]] ssize_t write(const char* bytes, std::size_t size);
  // Says that nothing follows.
  void close_notify();

  // Whether read() has more to give without anything more arriving.
  [[nodiscard]] bool has_pending() const;
  [[nodiscard]] bool shook_hands() const;
  [[nodiscard]] bool resumed() const;
  [[nodiscard]] bool got_close_notify() const;
  [[nodiscard]] std::string server_name() const;  // that the client asked for; empty: none

 private:
  [[nodiscard]] ssize_t failure(int result) const;

  ssl_st* ssl_;
};

}  // namespace squall::test
