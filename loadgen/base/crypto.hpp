// Digests, message codes and signatures that requests carry. The one place beside the network layer
// that names OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall {

enum class DigestKind { kSha1, kSha256, kSha384, kSha512 };

// "sha1", "sha256", "sha384", "sha512".
[[nodiscard]] std::optional<DigestKind> digest_kind_from(std::string_view name);
[[nodiscard]] const std::vector<std::string_view>& digest_kind_names();

// The bytes of a digest; a value.
class Digest {
 public:
  [[nodiscard]] std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  friend Digest digest_of(DigestKind kind, std::string_view message);
  friend Digest hmac_of(DigestKind kind, std::string_view key, std::string_view message);
  std::array<char, 64> bytes_{};
  std::size_t size_ = 0;
};

// Any thread.
[[nodiscard]] Digest digest_of(DigestKind kind, std::string_view message);
// RFC 2104; a key of any length, an empty one included.
[[nodiscard]] Digest hmac_of(DigestKind kind, std::string_view key, std::string_view message);

// A private key that signs. Immutable and cheap to copy; any thread.
class SigningKey {
 public:
  enum class Kind { kRsa, kP256, kOther };

  // Reads a PEM private key (PKCS#8, or the older forms of RSA and EC keys). Fails with kMalformed
  // on anything else, a key under a passphrase included; the message quotes nothing of the text.
  [[nodiscard]] static Result<SigningKey> from_pem(std::string_view pem);

  [[nodiscard]] Kind kind() const { return kind_; }

  // Appends an RSASSA-PKCS1-v1_5 signature (RFC 8017). REQUIRES: kind() == kRsa.
  void append_rsa_signature(DigestKind kind, std::string_view message, std::string& out) const;
  // Appends the 64 bytes r and s of an ECDSA signature with SHA-256 as RFC 7518 §3.4 has them. The
  // nonce is that of RFC 6979, so the same message always has the same signature: a retry must
  // repeat its bytes, and OpenSSL before 3.2 only draws nonces. Not hardened against somebody who
  // measures how long it takes. REQUIRES: kind() == kP256.
  void append_es256_signature(std::string_view message, std::string& out) const;

 private:
  struct Parts;
  SigningKey(std::shared_ptr<const Parts> parts, Kind kind)
      : parts_(std::move(parts)), kind_(kind) {}

  std::shared_ptr<const Parts> parts_;
  Kind kind_;
};

}  // namespace squall
