// squall's own certificate authority: its files, and what it signs.
#include "loadgen/net/certificate_authority.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <thread>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/net/certificate.hpp"
#include "tests/support/files.hpp"
#include "tests/tls/identity.hpp"

namespace squall::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Origin = CertificateAuthority::Origin;

unsigned mode_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777U;
}

class CertificateAuthorityTest : public testing::Test {
 protected:
  test::TestDirectory files_ = {};
  const std::string directory_ = files_ / "data/squall";
};

TEST_F(CertificateAuthorityTest, IsMadeOnceAndNeverOverwritten) {
  ASSERT_EQ(CertificateAuthority::create(directory_).value(), Origin::kMadeNow);
  const std::string certificate =
      test::read_file(CertificateAuthority::certificate_file(directory_));
  const std::string key = test::read_file(CertificateAuthority::key_file(directory_));
  EXPECT_EQ(CertificateAuthority::create(directory_).value(), Origin::kWasThere);
  EXPECT_EQ(test::read_file(CertificateAuthority::certificate_file(directory_)), certificate);
  EXPECT_EQ(test::read_file(CertificateAuthority::key_file(directory_)), key);
  EXPECT_EQ(mode_of(directory_), 0700U);
  EXPECT_EQ(mode_of(CertificateAuthority::key_file(directory_)), 0600U);
}

TEST_F(CertificateAuthorityTest, OfManyMakersOneMakesIt) {
  std::atomic<int> makers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto made = CertificateAuthority::create(directory_);
      EXPECT_TRUE(made.has_value()) << made.error().message;
      makers += made.value_or(Origin::kWasThere) == Origin::kMadeNow ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(makers, 1);
  EXPECT_TRUE(CertificateAuthority::open(directory_).has_value());
}

TEST_F(CertificateAuthorityTest, HalfOfItIsLeftAloneAndReported) {
  ASSERT_TRUE(CertificateAuthority::create(directory_).has_value());
  ASSERT_EQ(::unlink(CertificateAuthority::key_file(directory_).c_str()), 0);
  const auto again = CertificateAuthority::create(directory_);
  ASSERT_FALSE(again.has_value());
  EXPECT_THAT(again.error().message, AllOf(HasSubstr("ca.pem"), HasSubstr("ca-key.pem")));
  EXPECT_FALSE(CertificateAuthority::open(directory_).has_value());
}

TEST_F(CertificateAuthorityTest, SaysWhoItIsAndHowLong) {
  ASSERT_TRUE(CertificateAuthority::create(directory_).has_value());
  const auto authority = CertificateAuthority::open(directory_);
  ASSERT_TRUE(authority.has_value()) << authority.error().message;
  EXPECT_THAT((*authority)->name(), testing::StartsWith("squall CA "));
  EXPECT_EQ((*authority)->fingerprint().size(), 32U * 3 - 1);
  const double days = to_seconds((*authority)->expires() - wall_clock_now()) / 86'400;
  EXPECT_NEAR(days, 5 * 365, 1);
}

TEST_F(CertificateAuthorityTest, VouchesForTheHostThatItIsAskedForAndNoOther) {
  ASSERT_TRUE(CertificateAuthority::create(directory_).has_value());
  const auto authority = CertificateAuthority::open(directory_);
  ASSERT_TRUE(authority.has_value());
  const CertificatePtr named((*authority)->issue("api.shop.example"));
  ASSERT_NE(named, nullptr);
  EXPECT_EQ(X509_check_host(named.get(), "api.shop.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(named.get(), "shop.example", 0, 0, nullptr), 0);
  const CertificatePtr numbered((*authority)->issue("127.0.0.1"));
  ASSERT_NE(numbered, nullptr);
  EXPECT_EQ(X509_check_ip_asc(numbered.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(numbered.get(), "127.0.0.2", 0), 0);
  EXPECT_EQ(X509_check_ca(numbered.get()), 0);
  // Longer than a common name may be.
  const std::string longest = std::string(60, 'a') + "." + std::string(60, 'b') + ".example";
  const CertificatePtr large((*authority)->issue(longest));
  ASSERT_NE(large, nullptr);
  EXPECT_EQ(X509_check_host(large.get(), longest.c_str(), 0, 0, nullptr), 1);
}

TEST_F(CertificateAuthorityTest, WhatIsNoAuthorityIsRefused) {
  const auto problem = [this](const test::Identity& identity) {
    static_cast<void>(files_.write("ca.pem", identity.certificate_pem));
    static_cast<void>(files_.write("ca-key.pem", identity.key_pem));
    const auto opened = CertificateAuthority::open(files_.path());
    return opened ? std::string() : opened.error().message;
  };
  EXPECT_EQ(problem(test::make_authority({})), "");
  EXPECT_THAT(problem(test::make_self_signed({})), HasSubstr("no CA's certificate"));
  EXPECT_THAT(problem(test::make_authority(
                  {.from = -std::chrono::hours(48), .to = -std::chrono::hours(24)})),
              HasSubstr("has expired"));
  test::Identity mixed = test::make_authority({});
  mixed.key_pem = test::make_authority({}).key_pem;
  EXPECT_THAT(problem(mixed), HasSubstr("is not the key of"));
  EXPECT_THAT(problem({"no PEM", "no PEM"}), HasSubstr("ca.pem"));
  const auto none = CertificateAuthority::open(directory_);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("squall proxy ca"));
}

TEST(Host, IsANameOrAnAddressAndNothingThatCouldSmuggle) {
  for (const char* const good :
       {"localhost", "a", "api-1.shop_2.example", "127.0.0.1", "::1", "xn--bcher-kva.example"}) {
    EXPECT_TRUE(is_host(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("a..b"), std::string(".a"), std::string("a.example,DNS:b"),
        std::string("a b"), std::string("*"), std::string("a\nb"), std::string(64, 'a'),
        std::string("a\0b", 3),
        std::string("b\xC3\xBC"
                    "cher.example")}) {
    EXPECT_FALSE(is_host(bad)) << bad;
  }
  std::string long_name = "a";
  while (long_name.size() <= 253) {
    long_name += ".a";
  }
  EXPECT_FALSE(is_host(long_name));
}

}  // namespace
}  // namespace squall::net
