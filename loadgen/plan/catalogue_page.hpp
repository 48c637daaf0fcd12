// The [catalogue] table: what a plan of the catalogue says about the failure that it rehearses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall {
class Diagnostics;
}
namespace squall::expr {
class Scope;
struct TableSpec;
struct Value;
}  // namespace squall::expr

namespace squall::plan {

// A value. Texts are sentences for people, in Markdown.
struct CataloguePage {
  std::string id;           // the plan's name: what the finding is called, too
  std::string part;         // "A" to "E", as in the catalogue
  std::string incident;     // what teams met
  std::string promise;      // what is tested
  std::string provoked;     // how it is provoked
  std::string judged;       // how it is judged
  std::string sample;       // the least that a judgement needs
  std::string false_alarm;  // what would look like it and is not
  std::vector<std::string> remedies;
  // Assignments as of --set, with which the same plan rehearses the remedy. Without them it
  // rehearses the failure.
  std::vector<std::string> fixed;
  // Of `squall idempotency`, by number or name; empty: the plan is one for `squall run`.
  std::vector<std::string> properties;
};

// Of a plan's text; nothing else of the plan is looked at but its name. kMalformed with the first
// problem at file:line:col; kNotFound when there is no such table. `file` is for positions.
[[nodiscard]] Result<CataloguePage> read_catalogue_page(std::string_view text,
                                                        const std::string& file);

// The table's description, static, and its reader, for whoever has read the document. `id` stays
// empty.
[[nodiscard]] const expr::TableSpec& catalogue_spec();
[[nodiscard]] CataloguePage read_catalogue(const expr::Value& table, const expr::Scope& scope,
                                           Diagnostics& diagnostics);

// The page as Markdown, from its heading of that level on.
[[nodiscard]] std::string catalogue_markdown(const CataloguePage& page, unsigned heading_level);

}  // namespace squall::plan
