// The `tls` of a target.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/plan/plan_fixture.hpp"
#include "tests/support/files.hpp"

namespace squall::plan::test {
namespace {

using testing::HasSubstr;

std::string plan_with(std::string_view target) {
  return R"(format = 1
name = "small"
[load]
duration = "30s"
[[scenario]]
name = "buy"
arrivals = { process = "even", rate = "100/s" }
  [[scenario.step]]
  name = "charge"
  request = "POST /payments"
[[target]]
name = "shop"
)" + std::string(target);
}

class TlsTable : public testing::Test {
 protected:
  [[nodiscard]] std::string file(std::string_view name, std::string_view content) const {
    return directory_.write(name, content);
  }

  World world_;
  squall::test::TestDirectory directory_;
};

TEST_F(TlsTable, IsSafeWhenNothingIsWritten) {
  const auto plan = world_.plan(plan_with(R"(urls = ["https://shop.example"])"));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->targets[0].replicas[0].port, 443);
  EXPECT_EQ(plan->targets[0].tls, TlsSettings{});
  EXPECT_FALSE(plan->targets[0].tls->insecure);
  EXPECT_TRUE(plan->targets[0].tls->resumption);
}

TEST_F(TlsTable, FilesAreRelativeToThePlansFolder) {
  const std::string ca = file("ca.pem", "-----BEGIN CERTIFICATE-----\n");
  world_.options.folder = directory_.path();
  const auto plan =
      world_.plan(plan_with("urls = [\"https://127.0.0.1\"]\ntls = { ca = \"./ca.pem\" }"));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->targets[0].tls->ca_file, ca);
}

TEST_F(TlsTable, DoesNotExistForATargetWithoutTls) {
  const auto plan = world_.plan(plan_with(R"(urls = ["http://shop.example"])"));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->targets[0].tls, std::nullopt);
}

TEST_F(TlsTable, ReadsEveryKey) {
  const std::string ca = file("ca.pem", "-----BEGIN CERTIFICATE-----\n");
  const std::string certificate = file("me.pem", "-----BEGIN CERTIFICATE-----\n");
  const std::string key = file("me-key.pem", "-----BEGIN PRIVATE KEY-----\n");
  const std::string pin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  const auto plan =
      world_.plan(plan_with("urls = [\"https://127.0.0.1:8443/api\"]\n[target.tls]\nca = \"" + ca +
                            "\"\ncertificate = \"" + certificate + "\"\nkey = \"" + key +
                            "\"\npinned_key = \"" + pin + ";" + pin +
                            "\"\nserver_name = \"Shop.Example\"\n"
                            "min_version = \"1.3\"\nresumption = false\n"));
  ASSERT_NE(plan, nullptr);
  const TlsSettings wanted{.ca_file = ca,
                           .pinned_key = pin + ";" + pin,
                           .certificate_file = certificate,
                           .key_file = key,
                           .server_name = "shop.example",
                           .min_version = TlsVersion::k13,
                           .resumption = false,
                           .insecure = false};
  EXPECT_EQ(plan->targets[0].tls, wanted);
}

TEST_F(TlsTable, InsecureIsWrittenDown) {
  const auto plan =
      world_.plan(plan_with("urls = [\"https://127.0.0.1\"]\ntls = { insecure = true }"));
  ASSERT_NE(plan, nullptr);
  EXPECT_TRUE(plan->targets[0].tls->insecure);
}

TEST_F(TlsTable, AKeyBehindAPassphraseIsRefusedByName) {
  const std::string certificate = file("me.pem", "-----BEGIN CERTIFICATE-----\n");
  const std::string key = file("me-key.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
  const std::string problems =
      world_.problems(plan_with("urls = [\"https://127.0.0.1\"]\ntls = { certificate = \"" +
                                certificate + "\", key = \"" + key + "\" }"));
  EXPECT_THAT(problems, HasSubstr("me-key.pem is encrypted, and squall asks for no passphrase"));
}

TEST_F(TlsTable, AKeyInPlaceOfACertificateIsSeen) {
  const std::string key = file("me-key.pem", "-----BEGIN PRIVATE KEY-----\n");
  EXPECT_THAT(
      world_.problems(plan_with("urls = [\"https://127.0.0.1\"]\ntls = { ca = \"" + key + "\" }")),
      HasSubstr("me-key.pem holds no \"-----BEGIN CERTIFICATE-----\""));
}

TEST_F(TlsTable, PinsAreSha256OfAKey) {
  for (const char* pin : {"", "sha256//", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                          "sha256//AAAA", "sha1//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                          "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;"}) {
    EXPECT_THAT(
        world_.problems(plan_with("urls = [\"https://127.0.0.1\"]\ntls = { pinned_key = \"" +
                                  std::string(pin) + "\" }")),
        HasSubstr("is not the SHA-256 of a public key in base64"))
        << pin;
  }
}

}  // namespace
}  // namespace squall::plan::test
