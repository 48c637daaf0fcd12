// squall-shop mail: its command line.
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/mail.hpp"

namespace squall::shop {
namespace {

constexpr const char* kFooter =
    "\nPOST /mails {\"token\",\"text\"}   sends; once per Idempotency-Key when one is sent\n"
    "GET  /ledger?token=              what was sent: {\"effects\":[{\"token\",\"id\",\"key\"}]}\n"
    "GET  /healthz /readyz /metrics\n";

}  // namespace

void add_mail_role(CLI::App& app, Action& action) {
  CLI::App* mail = app.add_subcommand("mail", "Sends receipts to customers");
  auto options = std::make_shared<MailOptions>();
  add_service_options(*mail, options->http, options->log_level);
  mail->footer(kFooter);
  mail->callback([options, &action] { action = [options] { return run_mail(*options); }; });
}

}  // namespace squall::shop
