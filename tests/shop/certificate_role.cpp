// squall-shop certificate: an authority and a certificate for the other roles.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/tls/identity.hpp"

namespace squall::shop {
namespace {

struct CertificateOptions {
  std::string directory;
  std::vector<std::string> hosts = {"127.0.0.1", "localhost"};
};

int make_certificate(const CertificateOptions& options) {
  const test::Identity authority = test::make_authority({.name = "squall-shop test authority"});
  const test::Identity identity = authority.issue({.name = "squall-shop", .hosts = options.hosts});
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  const std::pair<const char*, const std::string*> files[] = {
      {"ca.pem", &authority.certificate_pem},
      {"certificate.pem", &identity.certificate_pem},
      {"key.pem", &identity.key_pem}};
  for (const auto& [name, text] : files) {
    const std::string path = options.directory + "/" + name;
    std::ofstream file(path, std::ios::binary);
    file << *text;
    file.close();
    if (!file) {
      fmt::print(stderr, "squall-shop: cannot write {}\n", path);
      return 1;
    }
  }
  return 0;
}

}  // namespace

void add_certificate_role(CLI::App& app, Action& action) {
  CLI::App* certificate = app.add_subcommand(
      "certificate", "Makes an authority and a certificate that it vouches for, for a day");
  auto options = std::make_shared<CertificateOptions>();
  certificate
      ->add_option("--directory", options->directory,
                   "Where ca.pem, certificate.pem and key.pem go; made when missing")
      ->required()
      ->type_name("DIR");
  certificate->add_option("--host", options->hosts, "Names and addresses that it is for")
      ->capture_default_str();
  certificate->callback(
      [options, &action] { action = [options] { return make_certificate(*options); }; });
}

}  // namespace squall::shop
