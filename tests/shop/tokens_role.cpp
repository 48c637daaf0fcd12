// squall-shop tokens: its command line.
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/tokens.hpp"

namespace squall::shop {

void add_tokens_role(CLI::App& app, Action& action) {
  CLI::App* tokens = app.add_subcommand("tokens", "A service that trusts signed tokens (HS256)");
  auto options = std::make_shared<TokensOptions>();
  add_service_options(*tokens, options->http, options->log_level);
  tokens->add_option("--secret", options->secret, "That tokens are signed with")
      ->required()
      ->type_name("TEXT");
  add_choice<TokenTimes>(*tokens, "--times", options->times,
                         {{"checked", TokenTimes::kChecked}, {"ignored", TokenTimes::kIgnored}},
                         "Whether exp and nbf count");
  add_limit(*tokens, "--leeway", options->leeway, "By how much they may be missed");
  tokens->footer(
      "\nGET  /whoami      whose token stands in Authorization; 401 without one that "
      "counts\nGET  /healthz /readyz /metrics\n");
  tokens->callback([options, &action] { action = [options] { return run_tokens(*options); }; });
}

}  // namespace squall::shop
