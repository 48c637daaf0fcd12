#include "loadgen/net/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"

namespace squall::net {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;

int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) noexcept {
  return -1;
}

std::string text_of(BIO* bytes) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bytes, &data);
  return {data, static_cast<std::size_t>(size)};
}

long seconds(Duration duration) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

bool set_serial(X509& certificate) {
  std::array<unsigned char, 16> bytes{};
  fill_random(bytes);
  bytes[0] = (bytes[0] & 0x7FU) | 0x40U;  // positive, of full length
  BIGNUM* const number = BN_bin2bn(bytes.data(), bytes.size(), nullptr);
  const bool set = number != nullptr &&
                   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(&certificate)) != nullptr;
  BN_free(number);
  return set;
}

bool set_life(X509& certificate, const CertificateShape& shape, X509& issuer) {
  if (X509_gmtime_adj(X509_getm_notBefore(&certificate), -seconds(shape.before)) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(&certificate), seconds(shape.life)) == nullptr) {
    return false;
  }
  const ASN1_TIME* const last = X509_get0_notAfter(&issuer);
  return ASN1_TIME_compare(X509_get0_notAfter(&certificate), last) <= 0 ||
         X509_set1_notAfter(&certificate, last) == 1;
}

bool set_name(X509& certificate, const std::string& name) {
  constexpr std::size_t kMostOfACommonName = 64;  // RFC 5280
  X509_NAME* const subject = X509_get_subject_name(&certificate);
  const auto add = [subject](const char* field, const std::string& value) {
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
  };
  return add("O", "squall") && (name.size() > kMostOfACommonName || add("CN", name));
}

bool add_extension(X509& certificate, X509& issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  const bool added = extension != nullptr && X509_add_ext(&certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

// Not by OpenSSL's text form: there a name could smuggle in another one.
bool add_host(X509& certificate, const std::string& host) {
  GENERAL_NAME* const name = GENERAL_NAME_new();
  GENERAL_NAMES* const names = GENERAL_NAMES_new();
  SQUALL_CHECK(name != nullptr && names != nullptr);
  if (ASN1_OCTET_STRING* const address = a2i_IPADDRESS(host.c_str()); address != nullptr) {
    GENERAL_NAME_set0_value(name, GEN_IPADD, address);
  } else {
    ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
    SQUALL_CHECK(text != nullptr &&
                 ASN1_STRING_set(text, host.data(), static_cast<int>(host.size())) == 1);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
  }
  SQUALL_CHECK(sk_GENERAL_NAME_push(names, name) > 0);
  const bool added = X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names, 0, 0) == 1;
  GENERAL_NAMES_free(names);
  return added;
}

bool add_purpose(X509& certificate, X509& issuer, const CertificateShape& shape) {
  if (!add_extension(certificate, issuer, NID_subject_key_identifier, "hash")) {
    return false;
  }
  if (shape.authority) {
    return add_extension(certificate, issuer, NID_basic_constraints,
                         "critical,CA:TRUE,pathlen:0") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
         (shape.host.empty() || add_host(certificate, shape.host));
}

}  // namespace

void FreeKey::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}
void FreeCertificate::operator()(X509* certificate) const {
  X509_free(certificate);
}

void fill_random(std::span<unsigned char> bytes) {
  SQUALL_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
}

KeyPtr make_key() {
  KeyPtr key(EVP_EC_gen("P-256"));
  SQUALL_CHECK(key != nullptr);
  return key;
}

CertificatePtr make_certificate(const CertificateShape& shape, EVP_PKEY& key, X509* issuer,
                                EVP_PKEY& issuer_key) {
  constexpr long kVersion3 = 2;
  CertificatePtr certificate(X509_new());
  SQUALL_CHECK(certificate != nullptr);
  X509& made = *certificate;
  const bool described = X509_set_version(&made, kVersion3) == 1 && set_serial(made) &&
                         set_name(made, shape.name) && X509_set_pubkey(&made, &key) == 1;
  X509& signer = issuer == nullptr ? made : *issuer;
  const bool complete = described && set_life(made, shape, signer) &&
                        X509_set_issuer_name(&made, X509_get_subject_name(&signer)) == 1 &&
                        add_purpose(made, signer, shape) &&
                        X509_sign(&made, &issuer_key, EVP_sha256()) > 0;
  return complete ? std::move(certificate) : nullptr;
}

CertificatePtr read_certificate(const std::string& path) {
  const BioPtr file(BIO_new_file(path.c_str(), "r"));
  return CertificatePtr(
      file == nullptr ? nullptr : PEM_read_bio_X509(file.get(), nullptr, no_passphrase, nullptr));
}

KeyPtr read_key(const std::string& path) {
  const BioPtr file(BIO_new_file(path.c_str(), "r"));
  return KeyPtr(file == nullptr
                    ? nullptr
                    : PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr));
}

std::string pem_of(const X509& certificate) {
  const BioPtr bytes(BIO_new(BIO_s_mem()));
  SQUALL_CHECK(bytes != nullptr && PEM_write_bio_X509(bytes.get(), &certificate) == 1);
  return text_of(bytes.get());
}

std::string pem_of(const EVP_PKEY& key) {
  const BioPtr bytes(BIO_new(BIO_s_mem()));
  SQUALL_CHECK(bytes != nullptr && PEM_write_bio_PrivateKey(bytes.get(), &key, nullptr, nullptr, 0,
                                                            nullptr, nullptr) == 1);
  return text_of(bytes.get());
}

bool is_host(const std::string& text) {
  constexpr std::size_t kMostOfAName = 253;
  constexpr std::size_t kMostOfALabel = 63;
  in6_addr address{};
  if (::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
      ::inet_pton(AF_INET6, text.c_str(), &address) == 1) {
    return true;
  }
  const auto labels = split(text, '.');
  return text.size() <= kMostOfAName &&
         std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
           constexpr std::string_view kTaken =
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
           return !label.empty() && label.size() <= kMostOfALabel &&
                  label.find_first_not_of(kTaken) == std::string_view::npos;
         });
}

}  // namespace squall::net
