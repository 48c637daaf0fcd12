#include "loadgen/base/crypto.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <limits>

#include "loadgen/base/check.hpp"

namespace squall {
namespace {

struct NamedDigest {
  std::string_view name;
  DigestKind kind;
};
constexpr std::array kDigests{
    NamedDigest{"sha1", DigestKind::kSha1}, NamedDigest{"sha256", DigestKind::kSha256},
    NamedDigest{"sha384", DigestKind::kSha384}, NamedDigest{"sha512", DigestKind::kSha512}};

// Built in and never freed.
const EVP_MD* method_of(DigestKind kind) {
  switch (kind) {
    case DigestKind::kSha1:
      return EVP_sha1();
    case DigestKind::kSha256:
      return EVP_sha256();
    case DigestKind::kSha384:
      return EVP_sha384();
    case DigestKind::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using NumberContext = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using Curve = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;

constexpr std::size_t kScalar = 32;  // bytes of a number below the order of P-256
using ScalarBytes = std::array<char, kScalar>;

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(raw(bytes), static_cast<int>(bytes.size()), nullptr));
}

ScalarBytes bytes_of(const BIGNUM& number) {
  ScalarBytes bytes{};
  SQUALL_CHECK(BN_bn2binpad(&number, raw(bytes.data()), kScalar) == kScalar);
  return bytes;
}

std::string_view view(const ScalarBytes& bytes) {
  return {bytes.data(), bytes.size()};
}

// The nonces of RFC 6979 §3.2 for SHA-256 and P-256, whose order has as many bits as the digest.
class Nonces {
 public:
  Nonces(const BIGNUM& secret, const BIGNUM& digest_mod_order) {
    value_.fill('\x01');
    mix('\x00', secret, digest_mod_order);
    mix('\x01', secret, digest_mod_order);
  }

  Number next() {
    step();
    return number_of(view(value_));
  }
  // After a nonce that could not be used.
  void reject() { rekey(std::string(view(value_)) + '\0'); }

 private:
  void mix(char mark, const BIGNUM& secret, const BIGNUM& digest) {
    rekey(std::string(view(value_)) + mark + std::string(view(bytes_of(secret))) +
          std::string(view(bytes_of(digest))));
  }
  void rekey(const std::string& message) {
    const Digest key = hmac_of(DigestKind::kSha256, view(key_), message);
    std::copy_n(key.bytes().data(), kScalar, key_.data());
    step();
  }
  void step() {
    const Digest value = hmac_of(DigestKind::kSha256, view(key_), view(value_));
    std::copy_n(value.bytes().data(), kScalar, value_.data());
  }

  ScalarBytes key_{};
  ScalarBytes value_{};
};

struct EcSignature {
  Number r;
  Number s;
};

// r = x of nonce * G, s = (digest + r * secret) / nonce, all modulo the order. Nothing when the
// nonce is not usable.
std::optional<EcSignature> sign_with(const BIGNUM& nonce, const EC_GROUP& curve,
                                     const BIGNUM& secret, const BIGNUM& digest) {
  const BIGNUM* order = EC_GROUP_get0_order(&curve);
  if (BN_is_zero(&nonce) == 1 || BN_cmp(&nonce, order) >= 0) {
    return std::nullopt;
  }
  const NumberContext context(BN_CTX_new());
  EcSignature made{Number(BN_new()), Number(BN_new())};
  BIGNUM* r = made.r.get();
  BIGNUM* s = made.s.get();
  const Point point(EC_POINT_new(&curve));
  SQUALL_CHECK(EC_POINT_mul(&curve, point.get(), &nonce, nullptr, nullptr, context.get()) == 1);
  SQUALL_CHECK(EC_POINT_get_affine_coordinates(&curve, point.get(), r, nullptr, context.get()) ==
               1);
  SQUALL_CHECK(BN_nnmod(r, r, order, context.get()) == 1);
  const Number inverse(BN_mod_inverse(nullptr, &nonce, order, context.get()));
  SQUALL_CHECK(inverse != nullptr);
  SQUALL_CHECK(BN_mod_mul(s, r, &secret, order, context.get()) == 1);
  SQUALL_CHECK(BN_mod_add(s, s, &digest, order, context.get()) == 1);
  SQUALL_CHECK(BN_mod_mul(s, s, inverse.get(), order, context.get()) == 1);
  if (BN_is_zero(r) == 1 || BN_is_zero(s) == 1) {
    return std::nullopt;
  }
  return made;
}

// Keys with a passphrase are refused: nobody is there to type it.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
  return -1;
}

bool is_p256(const EVP_PKEY& key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  return EVP_PKEY_get_utf8_string_param(&key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                        &length) == 1 &&
         std::string_view(name.data(), length) == SN_X9_62_prime256v1;
}

}  // namespace

std::optional<DigestKind> digest_kind_from(std::string_view name) {
  const auto found = std::find_if(kDigests.begin(), kDigests.end(),
                                  [&](const NamedDigest& one) { return one.name == name; });
  return found == kDigests.end() ? std::nullopt : std::optional(found->kind);
}

const std::vector<std::string_view>& digest_kind_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    std::transform(kDigests.begin(), kDigests.end(), std::back_inserter(all),
                   [](const NamedDigest& one) { return one.name; });
    return all;
  }();
  return names;
}

Digest digest_of(DigestKind kind, std::string_view message) {
  Digest result;
  unsigned size = 0;
  SQUALL_CHECK(EVP_Digest(message.data(), message.size(), raw(result.bytes_.data()), &size,
                          method_of(kind), nullptr) == 1);
  result.size_ = size;
  return result;
}

Digest hmac_of(DigestKind kind, std::string_view key, std::string_view message) {
  SQUALL_CHECK(key.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  // With a null pointer HMAC() would take the key of the call before.
  const char* bytes = key.empty() ? "" : key.data();
  Digest result;
  unsigned size = 0;
  SQUALL_CHECK(HMAC(method_of(kind), bytes, static_cast<int>(key.size()), raw(message),
                    message.size(), raw(result.bytes_.data()), &size) != nullptr);
  result.size_ = size;
  return result;
}

struct SigningKey::Parts {
  PrivateKey key;
  // Of a P-256 key only:
  Curve curve;
  Number secret;
};

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  if (pem.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return fail(ErrorCode::kMalformed, "too large for a private key");
  }
  const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto parts = std::make_shared<Parts>();
  parts->key.reset(PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!parts->key) {
    return fail(ErrorCode::kMalformed,
                "not a PEM private key without a passphrase (-----BEGIN PRIVATE KEY-----)");
  }
  if (EVP_PKEY_is_a(parts->key.get(), "RSA") == 1) {
    return SigningKey(std::move(parts), Kind::kRsa);
  }
  if (EVP_PKEY_is_a(parts->key.get(), "EC") != 1 || !is_p256(*parts->key)) {
    return SigningKey(std::move(parts), Kind::kOther);
  }
  BIGNUM* secret = nullptr;
  if (EVP_PKEY_get_bn_param(parts->key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &secret) != 1) {
    return fail(ErrorCode::kMalformed, "an EC key without its private part");
  }
  parts->secret.reset(secret);
  parts->curve.reset(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  SQUALL_CHECK(parts->curve != nullptr);
  return SigningKey(std::move(parts), Kind::kP256);
}

void SigningKey::append_rsa_signature(DigestKind kind, std::string_view message,
                                      std::string& out) const {
  SQUALL_CHECK(kind_ == Kind::kRsa);
  const DigestContext context(EVP_MD_CTX_new());
  SQUALL_CHECK(
      EVP_DigestSignInit(context.get(), nullptr, method_of(kind), nullptr, parts_->key.get()) == 1);
  std::size_t size = 0;
  SQUALL_CHECK(EVP_DigestSign(context.get(), nullptr, &size, raw(message), message.size()) == 1);
  const std::size_t from = out.size();
  out.resize(from + size);
  SQUALL_CHECK(EVP_DigestSign(context.get(), raw(out.data() + from), &size, raw(message),
                              message.size()) == 1);
  out.resize(from + size);
}

void SigningKey::append_es256_signature(std::string_view message, std::string& out) const {
  SQUALL_CHECK(kind_ == Kind::kP256);
  const EC_GROUP& curve = *parts_->curve;
  const Number digest = number_of(digest_of(DigestKind::kSha256, message).bytes());
  const NumberContext context(BN_CTX_new());
  SQUALL_CHECK(BN_nnmod(digest.get(), digest.get(), EC_GROUP_get0_order(&curve), context.get()) ==
               1);
  Nonces nonces(*parts_->secret, *digest);
  while (true) {
    const Number nonce = nonces.next();
    if (const auto signature = sign_with(*nonce, curve, *parts_->secret, *digest)) {
      out.append(view(bytes_of(*signature->r))).append(view(bytes_of(*signature->s)));
      return;
    }
    nonces.reject();
  }
}

}  // namespace squall
