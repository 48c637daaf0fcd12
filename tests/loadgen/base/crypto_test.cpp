#include "loadgen/base/crypto.hpp"

#include <gtest/gtest.h>

#include "loadgen/base/encoding.hpp"
#include "tests/support/signing_keys.hpp"

namespace squall {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  append_hex(bytes, out);
  return out;
}

TEST(Crypto, DigestsAsTheStandardSays) {
  // FIPS 180-4 examples.
  EXPECT_EQ(hex(digest_of(DigestKind::kSha1, "abc").bytes()),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(digest_of(DigestKind::kSha256, "").bytes()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of(DigestKind::kSha384, "abc").bytes().size(), 48U);
  EXPECT_EQ(digest_of(DigestKind::kSha512, "abc").bytes().size(), 64U);
}

TEST(Crypto, AuthenticatesAsTheStandardSays) {
  // RFC 4231 §4.3, RFC 2202 §3.
  EXPECT_EQ(hex(hmac_of(DigestKind::kSha256, "Jefe", "what do ya want for nothing?").bytes()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_of(DigestKind::kSha1, "Jefe", "what do ya want for nothing?").bytes()),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  // An empty key is a key of its own, not the one of the call before.
  const std::string empty = hex(hmac_of(DigestKind::kSha256, "", "").bytes());
  EXPECT_EQ(empty, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  static_cast<void>(hmac_of(DigestKind::kSha256, "another", ""));
  EXPECT_EQ(hex(hmac_of(DigestKind::kSha256, {}, "").bytes()), empty);
}

TEST(Crypto, NamesItsDigests) {
  for (const std::string_view name : digest_kind_names()) {
    EXPECT_TRUE(digest_kind_from(name)) << name;
  }
  EXPECT_FALSE(digest_kind_from("md5"));
}

// RFC 6979 §A.2.5, with SHA-256.
TEST(SigningKey, SignsEs256WithTheNonceOfItsStandard) {
  const auto key = SigningKey::from_pem(test::rfc6979_key());
  ASSERT_TRUE(key) << key.error().message;
  ASSERT_EQ(key->kind(), SigningKey::Kind::kP256);
  std::string sample;
  key->append_es256_signature("sample", sample);
  EXPECT_EQ(hex(sample),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  std::string test;
  key->append_es256_signature("test", test);
  EXPECT_EQ(hex(test),
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

TEST(SigningKey, ItsSignaturesAreTakenByOpenSsl) {
  for (const std::string& pem : {test::rfc6979_key(), test::new_rsa_key()}) {
    const auto key = SigningKey::from_pem(pem);
    ASSERT_TRUE(key) << key.error().message;
    for (int i = 0; i < 50; ++i) {
      const std::string message(static_cast<std::size_t>(i), static_cast<char>('a' + i % 20));
      std::string signature;
      std::string again;
      if (key->kind() == SigningKey::Kind::kRsa) {
        key->append_rsa_signature(DigestKind::kSha256, message, signature);
        key->append_rsa_signature(DigestKind::kSha256, message, again);
      } else {
        key->append_es256_signature(message, signature);
        key->append_es256_signature(message, again);
      }
      EXPECT_EQ(signature, again);
      EXPECT_TRUE(test::verifies(pem, message, signature)) << i;
      EXPECT_FALSE(test::verifies(pem, message + "x", signature)) << i;
    }
  }
}

TEST(SigningKey, RefusesWhatIsNoPrivateKey) {
  EXPECT_FALSE(SigningKey::from_pem(""));
  EXPECT_FALSE(SigningKey::from_pem("secret"));
  EXPECT_FALSE(
      SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  // Encrypted: nobody is asked for the passphrase.
  EXPECT_FALSE(
      SigningKey::from_pem("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                           "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg=\n"
                           "-----END ENCRYPTED PRIVATE KEY-----\n"));
  EXPECT_EQ(SigningKey::from_pem(test::new_p384_key())->kind(), SigningKey::Kind::kOther);
}

}  // namespace
}  // namespace squall
