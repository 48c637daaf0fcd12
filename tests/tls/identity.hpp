// Certificates with their keys, made when they are needed: what tests and the shop show to each
// other. No key is kept in the tree.
#pragma once

#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::test {

// Whom a certificate is for and when it holds.
struct CertificateSpec {
  std::string name = "squall test";                             // common name
  std::vector<std::string> hosts = {"127.0.0.1", "localhost"};  // names and addresses (SAN)
  Duration from = -std::chrono::hours(1);                       // relative to now
  Duration to = std::chrono::hours(24);
};

// A certificate and its private key (P-256), both PEM. A value.
struct Identity {
  std::string certificate_pem;
  std::string key_pem;

  // Of the public key, as `tls.pinned_key` has it.
  [[nodiscard]] std::string pin() const;
  // A certificate that this one's key vouches for. REQUIRES: made by make_authority().
  [[nodiscard]] Identity issue(const CertificateSpec& spec) const;
};

// What two files (PEM) hold; kInvalidArgument, naming the file, when they cannot be read, are no
// certificate and key, or do not belong together.
[[nodiscard]] Result<Identity> read_identity(const std::string& certificate_file,
                                             const std::string& key_file);

// Vouches for itself alone.
[[nodiscard]] Identity make_self_signed(const CertificateSpec& spec);
// Can vouch for others.
[[nodiscard]] Identity make_authority(const CertificateSpec& spec);

}  // namespace squall::test
