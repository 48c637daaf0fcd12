// Certificates and keys as OpenSSL has them: made, read, written. For loadgen/net alone.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "loadgen/base/time.hpp"

struct evp_pkey_st;
struct x509_st;

namespace squall::net {

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
struct FreeCertificate {
  void operator()(x509_st* certificate) const;
};
using KeyPtr = std::unique_ptr<evp_pkey_st, FreeKey>;
using CertificatePtr = std::unique_ptr<x509_st, FreeCertificate>;

struct CertificateShape {
  std::string name;       // common name; left out when it is longer than one may be
  std::string host = {};  // what it is for, a name or an address; empty: nothing
  Duration before{};      // so long ago it began to hold
  Duration life{};        // from now on, but not beyond its issuer's
  bool authority = false;
};

// P-256. Aborts without memory.
[[nodiscard]] KeyPtr make_key();
// For `key`, signed by `issuer` with `issuer_key`; a null issuer is itself. Null when OpenSSL
// refuses: its error queue says why.
[[nodiscard]] CertificatePtr make_certificate(const CertificateShape& shape, evp_pkey_st& key,
                                              x509_st* issuer, evp_pkey_st& issuer_key);
// The first one in a PEM file. Null with an error in OpenSSL's queue; a key under a passphrase is
// none.
[[nodiscard]] CertificatePtr read_certificate(const std::string& path);
[[nodiscard]] KeyPtr read_key(const std::string& path);
[[nodiscard]] std::string pem_of(const x509_st& certificate);
[[nodiscard]] std::string pem_of(const evp_pkey_st& key);
void fill_random(std::span<unsigned char> bytes);

// Whether a certificate can be made out for it: letters, digits, '-', '_' in labels of 1 to 63, at
// most 253 in all; or an address.
[[nodiscard]] bool is_host(const std::string& text);

}  // namespace squall::net
