// squall-shop: a small shop and what it talks to, breakable on purpose, for squall to rehearse on.
#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"

namespace squall::shop {
namespace {

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

int run(int argc, char** argv) {
  CLI::App app(kDescription, "squall-shop");
  app.require_subcommand(1);
  Action action;
  for (const auto add_role :
       {add_psp_role, add_mail_role, add_shop_role, add_gateway_role, add_certificate_role,
        add_tokens_role, add_leases_role, add_uploads_role, add_jobs_role, add_articles_role,
        add_orders_role, add_notes_role, add_documents_role}) {
    add_role(app, action);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 has exit codes of its own; usage errors are 2 everywhere in squall.
    return app.exit(error) == 0 ? 0 : 2;
  }
  return action();
}

}  // namespace
}  // namespace squall::shop

int main(int argc, char** argv) {
  return squall::shop::run(argc, argv);
}
