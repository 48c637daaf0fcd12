// [catalogue].
#include <utility>

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/plan/catalogue_page.hpp"

namespace squall::plan {

using expr::ValueType;

// NOLINTNEXTLINE(readability-function-size): a table
const expr::TableSpec& catalogue_spec() {
  static const expr::TableSpec spec{
      .name = "catalogue",
      .help =
          "The page of a failure of the catalogue, for `squall catalogue`; a run does not look "
          "at it. The plan's name is the failure's and its finding's.",
      .keys = {
          {.name = "part",
           .type = ValueType::kString,
           .help = "A effects and data, B capacity and latency, C failure propagation, D change, "
                   "E health, observability and security.",
           .required = true,
           .choices = {"A", "B", "C", "D", "E"}},
          {.name = "incident",
           .type = ValueType::kString,
           .help = "What teams met in production.",
           .required = true,
           .example = "\"A retry after a lost answer charges the customer twice.\""},
          {.name = "promise",
           .type = ValueType::kString,
           .help = "What is tested.",
           .required = true,
           .example = "\"However often it is sent, a payment is made once.\""},
          {.name = "provoked",
           .type = ValueType::kString,
           .help = "How the failure is provoked.",
           .required = true,
           .example = "\"Answers are lost, and clients retry.\""},
          {.name = "judged",
           .type = ValueType::kString,
           .help = "How it is judged.",
           .required = true,
           .example = "\"No key has two effects.\""},
          {.name = "sample",
           .type = ValueType::kString,
           .help = "The least that a judgement needs.",
           .required = true,
           .example = "\"One duplicate is enough to fail.\""},
          {.name = "false_alarm",
           .type = ValueType::kString,
           .help = "What would look like it and is not.",
           .required = true,
           .example = "\"An oracle that counts refunds as payments.\""},
          {.name = "remedies",
           .type = ValueType::kStringList,
           .help = "What usually helps.",
           .required = true,
           .example = "[\"Claim the key under a unique constraint.\"]"},
          {.name = "fixed",
           .type = ValueType::kStringList,
           .help = "Assignments as of `--set`, with which the plan rehearses the remedy; without "
                   "them it rehearses the failure.",
           .required = true,
           .example = "[\"vars.payments=atomic\"]"},
          {.name = "properties",
           .type = ValueType::kStringList,
           .help = "Which properties show it, where it is rehearsed by `squall idempotency`.",
           .example = "[\"crash-inside\"]"},
      }};
  return spec;
}

CataloguePage read_catalogue(const expr::Value& table, const expr::Scope& scope,
                             Diagnostics& diagnostics) {
  expr::TableReader reader(table, catalogue_spec(), scope, diagnostics);
  CataloguePage page;
  page.part = reader.string("part");
  page.incident = reader.string("incident");
  page.promise = reader.string("promise");
  page.provoked = reader.string("provoked");
  page.judged = reader.string("judged");
  page.sample = reader.string("sample");
  page.false_alarm = reader.string("false_alarm");
  for (expr::LocatedText& remedy : reader.string_list("remedies")) {
    page.remedies.push_back(std::move(remedy.text));
  }
  for (expr::LocatedText& assignment : reader.string_list("fixed")) {
    if (assignment.text.find('=') == std::string::npos) {
      diagnostics.error(assignment.where,
                        "write PATH=VALUE, as of --set, for example \"vars.payments=atomic\"");
    }
    page.fixed.push_back(std::move(assignment.text));
  }
  for (expr::LocatedText& property : reader.string_list("properties")) {
    page.properties.push_back(std::move(property.text));
  }
  return page;
}

}  // namespace squall::plan
