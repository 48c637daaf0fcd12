// How to speak TLS with a peer: whom to trust, who to be, what to offer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace squall {

enum class TlsVersion : std::uint8_t { k12, k13 };

[[nodiscard]] constexpr std::string_view to_string(TlsVersion version) {
  return version == TlsVersion::k12 ? "1.2" : "1.3";
}

// A value; what is here by default is safe. Files are in PEM; their paths are absolute or relative
// to the working directory.
struct TlsSettings {
  std::string ca_file = {};  // who may vouch for the peer; empty: whom the system trusts
  // "sha256//" and the base64 of the digest of the peer's public key (DER, SubjectPublicKeyInfo),
  // several with ';' between them, as libcurl has it. Beside the check of the certificate, not
  // instead. Empty: any key.
  std::string pinned_key = {};
  std::string certificate_file = {};  // our own, with its chain; empty: none
  std::string key_file = {};          // to it
  std::string server_name = {};       // asked for and checked; empty: the URL's host
  TlsVersion min_version = TlsVersion::k12;
  bool resumption = true;  // sessions are kept for the next connection
  bool insecure = false;   // neither the certificate nor its name is checked

  bool operator==(const TlsSettings&) const = default;
};

}  // namespace squall
