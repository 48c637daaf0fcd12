// squall-shop orders: its command line.
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/orders.hpp"

namespace squall::shop {

void add_orders_role(CLI::App& app, Action& action) {
  CLI::App* orders =
      app.add_subcommand("orders", "Takes orders, and tells a second service of them");
  auto options = std::make_shared<OrdersOptions>();
  add_service_options(*orders, options->http, options->log_level);
  orders->add_option("--db", options->database_file, "SQLite file (default: a private one)")
      ->type_name("FILE");
  orders
      ->add_option("--copy-to", options->copy_to,
                   "The second service, which speaks the same way (default: nobody is told)")
      ->type_name("URL");
  add_limit(*orders, "--copy-timeout", options->copy_timeout,
            "How long to wait for the second service");
  add_choice<OrdersCopies>(
      *orders, "--copies", options->copies,
      {{"dual", OrdersCopies::kDual}, {"outbox", OrdersCopies::kOutbox}},
      "How it is told: once, after the order is committed, or out of an outbox that is committed "
      "with the order, until it has taken it");
  orders->footer(
      "\nPOST /orders {\"token\"}   201; 200 when the order is there already\n"
      "GET  /orders             {\"items\":[{\"seq\",\"token\"}],\"next\"}\n"
      "GET  /healthz /readyz /metrics\n");
  orders->callback([options, &action] { action = [options] { return run_orders(*options); }; });
}

}  // namespace squall::shop
