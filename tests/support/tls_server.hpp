// An HTTPS server whose certificate nobody has signed but itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/tls/identity.hpp"

namespace squall::test {

// On 127.0.0.1, a free port. The certificate is made here: it names 127.0.0.1 and is valid now, so
// that a client's only reason to refuse it is that it knows nobody who vouches for it. Answers
// every request with 200 and the body "secret", one connection after the other. Owns its thread.
class TlsServer {
 public:
  TlsServer();
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url(
      std::string_view path = "/") const;  // "https://127.0.0.1:port/path"

  [[nodiscard]] const Identity& identity() const;

  // So far; any thread.
  [[nodiscard]] unsigned connections() const;
  [[nodiscard]] unsigned requests() const;  // heads that came through the encryption

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The body that a client which checks no certificate gets from the server; empty when it gets none.
[[nodiscard]] std::string fetch_unverified(const TlsServer& server);

}  // namespace squall::test
