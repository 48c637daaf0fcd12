// `history` of a step, and [[history]].
#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/extraction.hpp"
#include "loadgen/model/history_plan.hpp"
#include "loadgen/plan/history_reader.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/tables.hpp"

namespace squall::plan {
namespace {

using expr::Token;
using expr::ValueType;
using model::HistoryCheckKind;
using model::HistoryOp;
using model::StepHistory;

// What a step says of its request has to be what the request carries, in every attempt.
void check_same_for_all(expr::TableReader& reader, std::string_view key,
                        const expr::Template& text) {
  if (text.reads_clock()) {
    reader.error(key,
                 "what is in the history may not use {{now}}: it is another one in each "
                 "attempt; write for example \"{{seq}}\"");
  } else if (text.uses(Token::kDraw)) {
    reader.error(key,
                 "what is in the history may not draw: what is drawn here is not what the "
                 "request draws; write for example \"{{seq}}\", or take it from a feeder");
  }
}

std::optional<expr::Extraction> read_extraction(expr::TableReader& reader, std::string_view key,
                                                const Build& build) {
  const std::string text = reader.text(key, {}).source();
  auto extraction = expr::parse_extraction("seen", text);
  if (!extraction) {
    const auto& at = extraction.error().where;
    build.diagnostics.error(
        build.text.inside({text, reader.where(key)}, at ? at->column : 1),
        fmt::format("{} (what an answer shows is written as in extract, for example \"json "
                    "/value\")",
                    extraction.error().message));
    return std::nullopt;
  }
  return *std::move(extraction);
}

void refuse_key(expr::TableReader& reader, std::string_view key, std::string_view why) {
  if (reader.has(key)) {
    reader.error(key, std::string(why));
  }
}

void read_seen(expr::TableReader& reader, StepHistory& marks, const Build& build) {
  refuse_key(reader, "expected", "a read expects nothing: \"expected\" is of op = \"cas\"");
  if (!reader.has("value")) {
    reader.diagnostics().error(reader.where("op"),
                               "a read needs \"value\": where its answer shows what it saw, for "
                               "example value = \"json /value\"");
    return;
  }
  marks.seen = read_extraction(reader, "value", build);
  if (!reader.has("each")) {
    return;
  }
  marks.each = reader.string("each");
  if (!marks.each.empty() && marks.each.front() != '/') {
    reader.error("each", "a JSON pointer begins with \"/\", for example \"/id\"");
  } else if (marks.seen && marks.seen->from != expr::Extraction::From::kJson) {
    reader.error("each", "only a value that is taken with \"json /pointer\" has elements");
  }
}

void read_written(expr::TableReader& reader, const expr::TemplateNames& names, StepHistory& marks) {
  refuse_key(reader, "each", "\"each\" is about what a read saw");
  if (reader.has("value")) {
    marks.value = reader.text("value", names);
    check_same_for_all(reader, "value", marks.value);
  } else if (marks.op != HistoryOp::kTransfer) {
    reader.diagnostics().error(
        reader.where("op"),
        fmt::format("\"{}\" needs \"value\", for example value = \"{{{{seq}}}}\"",
                    to_string(marks.op)));
  }
  if (marks.op == HistoryOp::kCas && !reader.has("expected")) {
    reader.diagnostics().error(reader.where("op"),
                               "\"cas\" needs \"expected\": the value that has to be there");
  } else if (marks.op != HistoryOp::kCas) {
    refuse_key(reader, "expected", "\"expected\" is of op = \"cas\"");
  } else {
    marks.expected = reader.text("expected", names);
    check_same_for_all(reader, "expected", marks.expected);
  }
  // What is put into a list is found again by what it is.
  if (marks.op == HistoryOp::kAppend && reader.has("value") && marks.value.is_literal()) {
    reader.error("value", fmt::format("\"{}\" is the same for each operation, so nobody could say "
                                      "whose is there; write for example \"{{{{key}}}}\"",
                                      printable(marks.value.source())));
  }
}

std::vector<std::string> op_words() {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < model::kHistoryOpCount; ++i) {
    words.emplace_back(to_string(static_cast<HistoryOp>(i)));
  }
  return words;
}

std::vector<std::string> check_words() {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < model::kHistoryCheckKindCount; ++i) {
    words.emplace_back(to_string(static_cast<HistoryCheckKind>(i)));
  }
  return words;
}

}  // namespace

std::shared_ptr<const StepHistory> read_step_history(const expr::Value& table,
                                                     const expr::TemplateNames& names,
                                                     const Build& build) {
  expr::TableReader reader(table, step_history_spec(), build.scope, build.diagnostics);
  auto marks = std::make_shared<StepHistory>();
  marks->where = reader.where();
  const auto op = model::history_op_from(reader.string("op"));
  if (!op) {
    return marks;  // reported by the reader
  }
  marks->op = *op;
  marks->key = reader.text("key", names);
  check_same_for_all(reader, "key", marks->key);
  if (marks->op == HistoryOp::kRead) {
    read_seen(reader, *marks, build);
  } else {
    read_written(reader, names, *marks);
  }
  if (reader.has("version")) {
    marks->version = read_extraction(reader, "version", build);
  }
  return marks;
}

const expr::TableSpec& step_history_spec() {
  static const expr::TableSpec spec{
      .name = "scenario.step.history",
      .help =
          "What the step does to the target's state, in the terms of Jepsen: each of its "
          "attempts and copies becomes an operation of the run's history "
          "(`history.ndjson`), which `[[history]]` checks and `squall report DIR --as edn` "
          "exports. An attempt is `ok` when it succeeded, `fail` when it was certainly not done "
          "(a 4xx, nothing was sent; every read without a success), else `info`.",
      .keys = {
          {.name = "op",
           .type = ValueType::kString,
           .help = "`read` sees the whole value; `write` makes it another one, `cas` only where it "
                   "is the expected one; `add` puts an element into a set or a number onto a "
                   "counter; `append` puts a text that only this operation has at the end of a "
                   "list; `transfer` moves something between the parts of a bank.",
           .required = true,
           .choices = op_words(),
           .example = "\"write\""},
          {.name = "key",
           .type = ValueType::kTemplate,
           .help = "Of the thing that is read or changed. Keys are judged one by one.",
           .default_value = "all",
           .example = "\"item-{{items.id}}\""},
          {.name = "value",
           .type = ValueType::kTemplate,
           .help =
               "What is written, added or appended, as the request carries it. Of a read: where "
               "its answer shows what it saw, as in `extract` (`json /value`, `header \"X\"` "
               "…); a list for sets and logs. What is not there is nothing.",
           .example = "\"{{seq}}\""},
          {.name = "expected",
           .type = ValueType::kTemplate,
           .help = "Of `cas`: the value that has to be there.",
           .example = "\"{{before}}\""},
          {.name = "each",
           .type = ValueType::kString,
           .help = "JSON pointer into each element of the list, or member of the object, that a "
                   "read saw.",
           .example = "\"/id\""},
          {.name = "version",
           .type = ValueType::kTemplate,
           .help = "Where the answer shows the version number of what was seen or written, a whole "
                   "number, for `check = \"session\"`; as in `extract`.",
           .example = "\"header \\\"ETag\\\"\""},
      }};
  return spec;
}

// NOLINTNEXTLINE(readability-function-size): a table
const expr::TableSpec& history_spec() {
  static const expr::TableSpec spec{
      .name = "history",
      .help =
          "A consistency model that the history of the run has to keep. What is violated is "
          "exit code 5, with the operations that show it; what could not be decided is "
          "inconclusive. A plan whose checks begin with a value (`initial`, every counter) "
          "needs `preflight = false`, which would change it.",
      .keys = {
          {.name = "check",
           .type = ValueType::kString,
           .help =
               "`set`: every acknowledged element is there in the end (after Jepsen's set-full: "
               "lost, stale, recovered). `register`: linearizable, key by key. `session`: read "
               "your writes, monotonic reads and writes, writes follow reads, by `version`, "
               "for each client. `counter`: each read is at least what was acknowledged and at "
               "most what was asked for, and grows. `bank`: the sum is the same in each read. "
               "`lost-update`: what was acknowledged is in the last read.",
           .required = true,
           .choices = check_words(),
           .example = "\"register\""},
          {.name = "name",
           .type = ValueType::kString,
           .help = "For reports; the check unless given.",
           .example = "\"stock\""},
          {.name = "steps",
           .type = ValueType::kStringList,
           .help = "Steps or scenarios whose operations are judged; unless given, all with a "
                   "`history` that the check is about.",
           .example = "[\"buy.put\", \"buy.get\"]"},
          {.name = "repeats",
           .type = ValueType::kString,
           .help = "What retries and copies of a change may do: with `once` all attempts of an "
                   "operation are done once together, as an idempotent API promises; with `again` "
                   "each may do the same again, as a plain PUT does.",
           .default_value = "once",
           .choices = {"once", "again"}},
          {.name = "initial",
           .type = ValueType::kJson,
           .help = "Of `register` and `counter`: the value before the load. A register's is "
                   "unknown unless given, a counter's 0.",
           .example = "0"},
          {.name = "total",
           .type = ValueType::kInteger,
           .help = "Of `bank`: the sum; that of the first read unless given.",
           .example = "1000"},
          {.name = "negative",
           .type = ValueType::kBoolean,
           .help = "Of `bank`: whether a part may be below zero.",
           .default_value = "true"},
          {.name = "linearizable",
           .type = ValueType::kBoolean,
           .help = "Of `set`: whether an element that a read after its acknowledgement does not "
                   "show is a violation although a later one does.",
           .default_value = "false"},
          {.name = "time_limit",
           .type = ValueType::kDuration,
           .help = "Of `register`: after which the search, which may take any time, is given up; "
                   "the keys that are left are then undecided.",
           .default_value = "10s"},
      }};
  return spec;
}

}  // namespace squall::plan
