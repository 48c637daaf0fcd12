// squall-shop articles: its command line.
#include <chrono>
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/articles.hpp"
#include "tests/shop/command_line.hpp"

namespace squall::shop {

void add_articles_role(CLI::App& app, Action& action) {
  CLI::App* articles =
      app.add_subcommand("articles", "Articles that are read much and changed little");
  auto options = std::make_shared<ArticlesOptions>();
  add_service_options(*articles, options->http, options->log_level);
  articles->add_option("--db", options->database_file, "SQLite file, which other replicas share")
      ->required()
      ->type_name("FILE");
  add_duration(*articles, "--ttl", options->ttl, "How long what is remembered is good");
  add_choice<ArticlesCaching>(
      *articles, "--caching", options->caching,
      {{"ttl", ArticlesCaching::kTtl}, {"invalidate", ArticlesCaching::kInvalidate}},
      "What a write does to the caches: nothing, or every replica leaves the article out until it "
      "is committed");
  articles
      ->add_option("--replica", options->replicas,
                   "invalidate: URL of a replica; once for each, this one included")
      ->type_name("URL");
  articles->footer(
      "\nGET /articles/{id}                           {\"id\",\"value\"}\n"
      "PUT /articles/{id} {\"value\"}                 makes or changes it\n"
      "POST /cache/{id}/hold /cache/{id}/release    for the replicas among themselves\n"
      "GET /healthz /readyz /metrics\n");
  articles->callback([options, &action] {
    if (options->caching == ArticlesCaching::kInvalidate && options->replicas.empty()) {
      throw CLI::ValidationError("--replica", "is needed with --caching invalidate");
    }
    action = [options] { return run_articles(*options); };
  });
}

}  // namespace squall::shop
