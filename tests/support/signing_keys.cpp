#include "tests/support/signing_keys.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace squall::test {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

std::string pem_of(const Key& key) {
  const std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  if (!key ||
      PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("OpenSSL made no key");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// As OpenSSL wants it: a DER sequence.
std::string der_of(std::string_view r_and_s) {
  const std::unique_ptr<ECDSA_SIG, Free> signature(ECDSA_SIG_new());
  const auto half = static_cast<int>(r_and_s.size() / 2);
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(raw(r_and_s), half, nullptr),
                 BN_bin2bn(raw(r_and_s) + half, half, nullptr));
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &bytes);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

std::string rfc6979_key() {
  return "-----BEGIN EC PRIVATE KEY-----\n"
         "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
         "AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8\n"
         "maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
         "-----END EC PRIVATE KEY-----\n";
}

std::string new_rsa_key() {
  return pem_of(Key(EVP_RSA_gen(2048)));
}

std::string new_p384_key() {
  return pem_of(Key(EVP_EC_gen("P-384")));
}

bool verifies(const std::string& private_pem, std::string_view message,
              std::string_view signature) {
  const std::unique_ptr<BIO, Free> in(
      BIO_new_mem_buf(private_pem.data(), static_cast<int>(private_pem.size())));
  const Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  const bool is_rsa = EVP_PKEY_is_a(key.get(), "RSA") == 1;
  const std::string wanted = is_rsa ? std::string(signature) : der_of(signature);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(wanted), wanted.size(), raw(message),
                          message.size()) == 1;
}

}  // namespace squall::test
