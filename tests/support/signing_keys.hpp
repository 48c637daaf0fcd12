// Keys for tests of signatures, and an independent look at what was signed with them.
#pragma once

#include <string>
#include <string_view>

namespace squall::test {

// The P-256 key of RFC 6979 §A.2.5, in PEM.
[[nodiscard]] std::string rfc6979_key();
// A fresh RSA key of 2048 bits, in PEM.
[[nodiscard]] std::string new_rsa_key();
// A fresh key of another curve.
[[nodiscard]] std::string new_p384_key();

// Whether OpenSSL takes `signature` for one of `message` with SHA-256: PKCS#1 v1.5 with an RSA key,
// r and s side by side with a P-256 key.
[[nodiscard]] bool verifies(const std::string& private_pem, std::string_view message,
                            std::string_view signature);

}  // namespace squall::test
