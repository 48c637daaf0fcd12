// The command line of squall-shop: one subcommand per role, each declared in a file of its own
// (ROLE_role.cpp).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"

namespace CLI {
class App;
}

namespace squall::shop {

// What the chosen role does; returns the process's exit code.
using Action = std::function<int()>;

// Each adds its subcommand, which sets `action` when it is chosen. Borrows `action`.
void add_shop_role(CLI::App& app, Action& action);
void add_psp_role(CLI::App& app, Action& action);
void add_mail_role(CLI::App& app, Action& action);
void add_gateway_role(CLI::App& app, Action& action);
void add_certificate_role(CLI::App& app, Action& action);
void add_tokens_role(CLI::App& app, Action& action);
void add_leases_role(CLI::App& app, Action& action);
void add_uploads_role(CLI::App& app, Action& action);
void add_jobs_role(CLI::App& app, Action& action);
void add_articles_role(CLI::App& app, Action& action);
void add_orders_role(CLI::App& app, Action& action);
void add_notes_role(CLI::App& app, Action& action);
void add_documents_role(CLI::App& app, Action& action);

// What every role that serves HTTP takes.
void add_service_options(CLI::App& app, HttpOptions& http, LogLevel& log_level);

// Options borrow the value that they set; its present value is the default.
void add_duration(CLI::App& app, const std::string& name, Duration& value, const std::string& help);
// As add_duration; "none" is Duration::zero(), which stands for no limit.
void add_limit(CLI::App& app, const std::string& name, Duration& value, const std::string& help);

// One of `words`; `choose` is called with the one that was given.
void add_words(CLI::App& app, const std::string& name, const std::vector<std::string>& words,
               const std::string& chosen, std::function<void(const std::string&)> choose,
               const std::string& help);

template <class Enum>
void add_choice(CLI::App& app, const std::string& name, Enum& value,
                const std::map<std::string, Enum>& choices, const std::string& help) {
  std::vector<std::string> words;
  std::string chosen;
  for (const auto& [word, choice] : choices) {
    words.push_back(word);
    chosen = choice == value ? word : chosen;
  }
  add_words(
      app, name, words, chosen,
      [&value, choices](const std::string& word) { value = choices.at(word); }, help);
}

}  // namespace squall::shop
