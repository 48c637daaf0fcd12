#include "tests/tls/identity.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "loadgen/base/check.hpp"

namespace squall::test {
namespace {

template <auto Free>
struct Freed {
  template <class Thing>
  void operator()(Thing* thing) const {
    Free(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bytes = std::unique_ptr<BIO, Freed<BIO_free>>;

int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return -1;
}

enum class Role { kHost, kAuthority };

std::string text_of(BIO* bytes) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bytes, &data);
  return {data, static_cast<std::size_t>(size)};
}

Bytes bytes_of(const std::string& text) {
  return Bytes(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Identity as_pem(X509& certificate, EVP_PKEY& key) {
  const Bytes written(BIO_new(BIO_s_mem()));
  const Bytes secret(BIO_new(BIO_s_mem()));
  SQUALL_CHECK(PEM_write_bio_X509(written.get(), &certificate) == 1);
  SQUALL_CHECK(
      PEM_write_bio_PrivateKey(secret.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {text_of(written.get()), text_of(secret.get())};
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  SQUALL_CHECK(extension != nullptr && X509_add_ext(&certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string names;
  for (const std::string& host : hosts) {
    in6_addr address{};
    const bool is_address = ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                            ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
    names += (names.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + host;
  }
  return names;
}

long seconds_of(Duration duration) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

Certificate unsigned_certificate(const CertificateSpec& spec, EVP_PKEY& key) {
  Certificate certificate(X509_new());
  SQUALL_CHECK(certificate != nullptr && X509_set_version(certificate.get(), 2) == 1);
  std::array<unsigned char, 8> serial{};
  SQUALL_CHECK(RAND_bytes(serial.data(), serial.size()) == 1);
  BIGNUM* const number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), seconds_of(spec.from));
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds_of(spec.to));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(spec.name.c_str()), -1, -1, 0);
  SQUALL_CHECK(X509_set_pubkey(certificate.get(), &key) == 1);
  return certificate;
}

// `issuer` is null for a certificate that signs itself.
Identity make(const CertificateSpec& spec, Role role, X509* issuer, EVP_PKEY* issuer_key) {
  const Key key(EVP_EC_gen("P-256"));
  SQUALL_CHECK(key != nullptr);
  const Certificate certificate = unsigned_certificate(spec, *key);
  X509& signer = issuer == nullptr ? *certificate : *issuer;
  SQUALL_CHECK(X509_set_issuer_name(certificate.get(), X509_get_subject_name(&signer)) == 1);
  if (role == Role::kAuthority) {
    add_extension(*certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(*certificate, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else if (!spec.hosts.empty()) {
    add_extension(*certificate, signer, NID_subject_alt_name, alternative_names(spec.hosts));
  }
  SQUALL_CHECK(X509_sign(certificate.get(), issuer_key == nullptr ? key.get() : issuer_key,
                         EVP_sha256()) > 0);
  return as_pem(*certificate, *key);
}

}  // namespace

std::string Identity::pin() const {
  const Bytes bytes = bytes_of(certificate_pem);
  const Certificate certificate(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr));
  SQUALL_CHECK(certificate != nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
  SQUALL_CHECK(size > 0);
  std::array<unsigned char, 32> digest{};
  SQUALL_CHECK(EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(),
                          nullptr) == 1);
  OPENSSL_free(der);
  std::array<unsigned char, 48> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), digest.size());
  return "sha256//" + std::string(text.begin(), text.begin() + length);
}

Identity Identity::issue(const CertificateSpec& spec) const {
  const Bytes bytes = bytes_of(certificate_pem);
  const Certificate issuer(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr));
  const Bytes secret = bytes_of(key_pem);
  const Key key(PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr));
  SQUALL_CHECK(issuer != nullptr && key != nullptr);
  return make(spec, Role::kHost, issuer.get(), key.get());
}

Result<Identity> read_identity(const std::string& certificate_file, const std::string& key_file) {
  Identity identity;
  for (const auto& [file, text] : {std::pair(&certificate_file, &identity.certificate_pem),
                                   std::pair(&key_file, &identity.key_pem)}) {
    std::ifstream stream(*file, std::ios::binary);
    *text = std::string(std::istreambuf_iterator<char>(stream), {});
    if (!stream.is_open() || text->empty()) {
      return fail(ErrorCode::kInvalidArgument, "cannot read " + *file);
    }
  }
  const Bytes bytes = bytes_of(identity.certificate_pem);
  const Certificate certificate(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr));
  const Bytes secret = bytes_of(identity.key_pem);
  const Key key(PEM_read_bio_PrivateKey(secret.get(), nullptr, no_passphrase, nullptr));
  if (certificate == nullptr || key == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                (certificate == nullptr ? certificate_file : key_file) +
                    " does not hold what it should, in PEM");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return fail(ErrorCode::kInvalidArgument, key_file + " is not the key of " + certificate_file);
  }
  return identity;
}

Identity make_self_signed(const CertificateSpec& spec) {
  return make(spec, Role::kHost, nullptr, nullptr);
}

Identity make_authority(const CertificateSpec& spec) {
  return make(spec, Role::kAuthority, nullptr, nullptr);
}

}  // namespace squall::test
