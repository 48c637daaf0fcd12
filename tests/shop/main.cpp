// squall-shop: a small shop and its payment provider, breakable on purpose, for squall to rehearse
// on.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "tests/shop/psp.hpp"
#include "tests/shop/shop.hpp"
#include "tests/tls/identity.hpp"

namespace squall::shop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kDescription =
    "A small shop and its payment provider, for squall to rehearse on.\n\n"
    "Each role is a process of its own, talks HTTP/1.1 and logs one JSON object per line to "
    "stderr. The shop's\n"
    "defects are the ones that real services have, switched on by options; without them it is "
    "correct.\n\n"
    "  squall-shop psp --port 9000 --answer-time 50ms &\n"
    "  squall-shop shop --port 8000 --psp http://127.0.0.1:9000 --payments racy &\n"
    "  curl -H 'Idempotency-Key: k1' -d '{\"order\":1,\"amount\":1999,\"token\":\"t1\"}' "
    "http://127.0.0.1:8000/payments\n"
    "  curl http://127.0.0.1:8000/ledger";

constexpr const char* kPspFooter =
    "\nPOST /charges {\"amount\",\"token\"}   charges; once per Idempotency-Key when one is sent\n"
    "GET  /charges?token=&limit=&after=  what was charged      GET /ledger  the same as "
    "{\"effects\":[...]}\n"
    "GET  /healthz /readyz /metrics\n";

constexpr const char* kShopFooter =
    "\nPOST /payments {\"order\",\"amount\",\"token\"}   takes a payment; heeds Idempotency-Key as "
    "--payments says\n"
    "GET  /payments/{id}\n"
    "POST /sessions {\"user\"}                      logs in: a canary, and the cookie sid\n"
    "GET  /session                                user and canary of the cookie's session\n"
    "POST /buy {\"item\",\"token\"}      takes a piece out of stock    PUT /stock/{item} "
    "{\"quantity\"}   GET /stock/{item}\n"
    "GET  /ledger?token=&limit=&after=   payments and sales: "
    "{\"effects\":[{\"token\",\"id\",\"amount\"}],\"next\":...},\n"
    "                                    all of them, or in pages when there is a limit\n"
    "GET  /healthz /readyz /metrics\n"
    "\nHow payments treat a repeated key:\n"
    "  none    not at all: every POST charges\n"
    "  racy    looks the key up, charges, stores the answer: requests that come during the charge "
    "charge again\n"
    "  atomic  claims the key under a unique constraint, charges under the same key, stores "
    "payment and answer\n"
    "          together; twins wait for the first and get its answer with Idempotent-Replayed: "
    "true\n";

CLI::Option* add_duration(CLI::App& app, const std::string& name, Duration& value,
                          const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [name, &value](const std::string& text) {
            const Result<Duration> parsed = parse_duration(text);
            if (!parsed) {
              throw CLI::ValidationError(name, parsed.error().message);
            }
            value = *parsed;
          },
          help)
      ->type_name("DURATION")
      ->default_str(format_duration(value));
}

template <class Enum>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Enum& value,
                        const std::map<std::string, Enum>& choices, const std::string& help) {
  std::string names;
  std::string chosen;
  for (const auto& [word, choice] : choices) {
    names += (names.empty() ? "" : "|") + word;
    chosen = choice == value ? word : chosen;
  }
  return app
      .add_option_function<std::string>(
          name,
          [name, names, &value, choices](const std::string& word) {
            const auto choice = choices.find(word);
            if (choice == choices.end()) {
              throw CLI::ValidationError(name, "\"" + word + "\" is none of " + names);
            }
            value = choice->second;
          },
          help)
      ->type_name(names)
      ->default_str(chosen);
}

void add_common(CLI::App& app, HttpOptions& http, LogLevel& log_level) {
  app.add_option("--port", http.port,
                 "Port to listen on; 0 takes a free one, which the first log line names")
      ->required();
  app.add_option("--host", http.host, "Address to listen on")->capture_default_str();
  app.add_option("--threads", http.threads, "Threads; every open connection occupies one")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  CLI::Option* certificate =
      app.add_option("--tls-certificate", http.certificate_file,
                     "Speak TLS with this certificate (PEM; \"squall-shop certificate\" makes one)")
          ->type_name("FILE");
  CLI::Option* key = app.add_option("--tls-key", http.key_file, "Its key (PEM)")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  add_choice<LogLevel>(
      app, "--log", log_level,
      {{"all", LogLevel::kInfo}, {"errors", LogLevel::kError}, {"none", LogLevel::kNone}},
      "What to log");
}

CLI::App* add_psp(CLI::App& app, PspOptions& options) {
  CLI::App* psp = app.add_subcommand("psp", "A payment provider");
  options.answer_time = milliseconds(20);
  add_common(*psp, options.http, options.log_level);
  add_duration(*psp, "--answer-time", options.answer_time,
               "How long the provider works on a charge");
  psp->footer(kPspFooter);
  return psp;
}

CLI::App* add_shop(CLI::App& app, ShopOptions& options) {
  CLI::App* shop = app.add_subcommand("shop", "A shop that takes payments and sells from stock");
  options.psp_timeout = seconds(2);
  options.payments.lock_time = seconds(5);
  options.payments.wait_time = seconds(5);
  add_common(*shop, options.http, options.log_level);
  shop->add_option("--psp", options.psp_url, "URL of the payment provider")
      ->required()
      ->type_name("URL");
  add_duration(*shop, "--psp-timeout", options.psp_timeout,
               "How long to wait for the payment provider");
  add_choice<PaymentsMode>(*shop, "--payments", options.payments.mode,
                           {{"none", PaymentsMode::kNone},
                            {"racy", PaymentsMode::kRacy},
                            {"atomic", PaymentsMode::kAtomic}},
                           "How payments treat a repeated Idempotency-Key");
  add_duration(*shop, "--lock-time", options.payments.lock_time,
               "atomic: when a claim counts as abandoned; longer than --psp-timeout");
  add_duration(*shop, "--wait-time", options.payments.wait_time,
               "atomic: how long twins wait, then 409");
  add_choice<StockMode>(*shop, "--stock", options.stock,
                        {{"racy", StockMode::kRacy}, {"atomic", StockMode::kAtomic}},
                        "How the last piece is sold");
  shop->add_option("--db", options.database_file,
                   "SQLite file, shared with other shops or kept (default: a private one)")
      ->type_name("FILE");
  shop->add_option("--webhook", options.webhook_url, "Where to POST an event per payment")
      ->type_name("URL");
  shop->add_option("--webhook-attempts", options.webhook_attempts, "Deliveries tried per event")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  shop->footer(kShopFooter);
  shop->callback([&options] {
    if (options.payments.lock_time <= options.psp_timeout) {
      throw CLI::ValidationError(
          "--lock-time", "must be longer than --psp-timeout, or live requests lose their claims");
    }
  });
  return shop;
}

struct CertificateOptions {
  std::string directory;
  std::vector<std::string> hosts = {"127.0.0.1", "localhost"};
};

CLI::App* add_certificate(CLI::App& app, CertificateOptions& options) {
  CLI::App* certificate = app.add_subcommand(
      "certificate", "Makes an authority and a certificate that it vouches for, for a day");
  certificate
      ->add_option("--directory", options.directory,
                   "Where ca.pem, certificate.pem and key.pem go; made when missing")
      ->required()
      ->type_name("DIR");
  certificate->add_option("--host", options.hosts, "Names and addresses that it is for")
      ->capture_default_str();
  return certificate;
}

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

int run(int argc, char** argv) {
  CLI::App app(kDescription, "squall-shop");
  app.require_subcommand(1);
  PspOptions psp_options;
  ShopOptions shop_options;
  CertificateOptions certificate_options;
  const CLI::App* psp = add_psp(app, psp_options);
  add_shop(app, shop_options);
  const CLI::App* certificate = add_certificate(app, certificate_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 has exit codes of its own; usage errors are 2 everywhere in squall.
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (certificate->parsed()) {
    return make_certificate(certificate_options);
  }
  return psp->parsed() ? run_psp(psp_options) : run_shop(shop_options);
}

}  // namespace
}  // namespace squall::shop

int main(int argc, char** argv) {
  return squall::shop::run(argc, argv);
}
