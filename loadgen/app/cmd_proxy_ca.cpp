// squall proxy ca [--directory DIR]
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/output.hpp"
#include "loadgen/app/proxy_commands.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/net/certificate_authority.hpp"

namespace squall::app {
namespace {

using model::ExitCode;
using net::CertificateAuthority;

// {0}: the certificate's path.
constexpr std::string_view kHowToTrust = R"(
Whoever is to talk to a proxy with `terminate = true` has to trust the certificate:
  curl                    curl --cacert {0} https://...
  OpenSSL, Python, Go     SSL_CERT_FILE={0}
  Python requests         REQUESTS_CA_BUNDLE={0}
  Node.js                 NODE_EXTRA_CA_CERTS={0}
  Java                    keytool -importcert -noprompt -alias squall -file {0} \
                            -keystore trust.jks -storepass changeit
                          java -Djavax.net.ssl.trustStore=trust.jks
  a plan of squall        tls = {{ ca = "{0}" }} of the [[target]]
  a whole Debian          cp {0} /usr/local/share/ca-certificates/squall.crt
                          update-ca-certificates
The key stays here: who has it can pose as any host to those who trust the certificate.
)";

ExitCode refuse(const Error& error) {
  say("squall: {}\n", error.message);
  return error.code == ErrorCode::kIo ? ExitCode::kNotWritten : ExitCode::kUsage;
}

ExitCode show_authority(std::string directory) {
  if (directory.empty()) {
    auto usual = CertificateAuthority::usual_directory();
    if (!usual) {
      return refuse({usual.error().code, usual.error().message + " with --directory", {}});
    }
    directory = std::move(*usual);
  }
  const auto origin = CertificateAuthority::create(directory);
  if (!origin) {
    return refuse(origin.error());
  }
  const auto authority = CertificateAuthority::open(directory);
  if (!authority) {
    return refuse(authority.error());
  }
  const std::string certificate = CertificateAuthority::certificate_file(directory);
  std::string expires;
  append_iso8601((*authority)->expires(), expires);
  print("{} ({})\n  certificate  {}\n  key          {}\n  expires      {}\n  SHA-256      {}\n",
        (*authority)->name(),
        *origin == CertificateAuthority::Origin::kMadeNow ? "made now" : "was there, unchanged",
        certificate, CertificateAuthority::key_file(directory), expires,
        (*authority)->fingerprint());
  put(fmt::format(fmt::runtime(kHowToTrust), certificate));
  return ExitCode::kPass;
}

}  // namespace

void add_proxy_ca(CLI::App& proxy, Cli& cli) {
  auto directory = std::make_shared<std::string>();
  CLI::App* ca = proxy.add_subcommand(
      "ca", "Make the certificate authority of proxies that speak TLS with clients, or show it");
  ca->add_option("--directory", *directory,
                 "Where ca.pem and ca-key.pem are (default: squall in XDG_DATA_HOME or "
                 "~/.local/share)")
      ->type_name("DIR");
  ca->callback(
      [directory, &cli] { cli.action = [directory] { return show_authority(*directory); }; });
}

}  // namespace squall::app
