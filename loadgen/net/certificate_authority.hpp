// squall's own certificate authority: it vouches for the names that a proxy answers for.
#pragma once

#include <memory>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

struct evp_pkey_st;
struct x509_st;

namespace squall::net {

// Two files in a directory: ca.pem, for clients to trust, and ca-key.pem, for nobody else. What it
// signs lives in memory alone. Immutable once opened; one thread.
class CertificateAuthority {
 public:
  // XDG_DATA_HOME/squall, or .local/share/squall in HOME; kNotFound when neither variable names an
  // absolute path.
  [[nodiscard]] static Result<std::string> usual_directory();
  [[nodiscard]] static std::string certificate_file(const std::string& directory);
  [[nodiscard]] static std::string key_file(const std::string& directory);

  enum class Origin { kMadeNow, kWasThere };
  // Makes directory (0700), key (0600) and certificate unless both files are there. Of several
  // processes one makes them. Nothing is ever overwritten: kInvalidArgument when there is only one
  // of them; kIo with the path when the system refuses.
  [[nodiscard]] static Result<Origin> create(const std::string& directory);

  // kNotFound when there is none; kInvalidArgument, naming the file, when they are not an
  // authority's certificate and its key, or it has expired.
  [[nodiscard]] static Result<std::unique_ptr<CertificateAuthority>> open(
      const std::string& directory);
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  [[nodiscard]] std::string name() const;  // "squall CA 1f2e3d4c"
  [[nodiscard]] WallTime expires() const;
  [[nodiscard]] std::string fingerprint() const;  // SHA-256 of the certificate, "AB:CD:…"

  // A certificate for a host name or an address, valid from yesterday on for a week, but not longer
  // than the authority. The caller frees it. Null when OpenSSL refuses.
  [[nodiscard]] x509_st* issue(const std::string& host) const;
  // To all of them. Borrowed.
  [[nodiscard]] evp_pkey_st* issued_key() const { return issued_key_; }

 private:
  CertificateAuthority() = default;

  x509_st* certificate_ = nullptr;
  evp_pkey_st* key_ = nullptr;
  evp_pkey_st* issued_key_ = nullptr;
};

}  // namespace squall::net
