// squall-shop psp: its command line.
#include <chrono>
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/psp.hpp"

namespace squall::shop {
namespace {

constexpr const char* kFooter =
    "\nPOST /charges {\"amount\",\"token\"}   charges; once per Idempotency-Key when one is sent\n"
    "GET  /charges?token=&limit=&after=  what was charged      GET /ledger  the same as "
    "{\"effects\":[...]}\n"
    "GET  /rates/{currency}              what one unit of money is worth there\n"
    "GET  /healthz /readyz /metrics\n";

}  // namespace

void add_psp_role(CLI::App& app, Action& action) {
  CLI::App* psp = app.add_subcommand("psp", "A payment provider");
  auto options = std::make_shared<PspOptions>();
  options->answer_time = std::chrono::milliseconds(20);
  add_service_options(*psp, options->http, options->log_level);
  add_duration(*psp, "--answer-time", options->answer_time,
               "How long the provider works on a charge");
  psp->footer(kFooter);
  psp->callback([options, &action] { action = [options] { return run_psp(*options); }; });
}

}  // namespace squall::shop
