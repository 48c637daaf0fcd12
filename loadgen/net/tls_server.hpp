// What TLS connections that one listener accepts have in common.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/net/certificate_authority.hpp"
#include "loadgen/net/tls_context.hpp"

struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace squall::net {

struct TlsServerSettings {
  // PEM files: shown to every client. Both or neither.
  std::string certificate_file = {};  // with its chain
  std::string key_file = {};
  // Without them: whose CA signs a certificate for the name that a client asks for, or for the
  // address that it has connected to.
  std::string authority_directory = {};
  TlsAlpn alpn = TlsAlpn::kNone;
};

// Speaks TLS 1.2 and 1.3; goes on with earlier sessions by tickets, which no memory is kept for.
// Must outlive the connections. Loop thread only, once made.
class TlsServer {
 public:
  // Reads the files. kInvalidArgument or kNotFound, naming the key of the `tls` table of a proxy.
  [[nodiscard]] static Result<std::unique_ptr<TlsServer>> make(const TlsServerSettings& settings);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // A connection's state, ready for the client's first message; its application data must be the
  // TlsSession before that comes. The caller frees it. Null when there is no memory.
  [[nodiscard]] ssl_st* open();

 private:
  // Names that clients ask for come from outside: beyond so many all certificates are forgotten.
  static constexpr std::size_t kMostIssued = 1024;
  // Well within the life of a certificate.
  static constexpr std::chrono::hours kIssueAgain{24};
  struct Issued {
    x509_st* certificate = nullptr;
    TimePoint at;
  };
  struct Callbacks;

  TlsServer();
  Result<void> set_up(const TlsServerSettings& settings);
  // Signed now or before. Null when OpenSSL refuses.
  [[nodiscard]] x509_st* certificate_for(const std::string& host);
  void forget_issued();

  ssl_ctx_st* context_;
  std::unique_ptr<CertificateAuthority> authority_;
  std::map<std::string, Issued> issued_;
};

}  // namespace squall::net
