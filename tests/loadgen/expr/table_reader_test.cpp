#include "loadgen/expr/table_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::expr {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const TableSpec& step_spec() {
  static const TableSpec spec{"scenario.step",
                              "a request",
                              {{.name = "name", .help = "what it is called", .required = true}}};
  return spec;
}

const TableSpec& spec() {
  static const TableSpec table{
      "demo",
      "every type",
      {
          {.name = "name", .help = "", .default_value = "nobody"},
          {.name = "at",
           .help = "",
           .default_value = "headers",
           .choices = {"connect", "headers", "body"}},
          {.name = "path", .type = ValueType::kTemplate, .help = "", .default_value = "/{{seq}}"},
          {.name = "copies", .type = ValueType::kInteger, .help = "", .default_value = "2"},
          {.name = "plain_integer", .type = ValueType::kInteger, .help = ""},
          {.name = "sigma", .type = ValueType::kNumber, .help = "", .default_value = "0.5"},
          {.name = "verify", .type = ValueType::kBoolean, .help = "", .default_value = "true"},
          {.name = "timeout", .type = ValueType::kDuration, .help = "", .default_value = "2s"},
          {.name = "think", .type = ValueType::kDuration, .help = ""},
          {.name = "rate", .type = ValueType::kRate, .help = "", .default_value = "10/s"},
          {.name = "share", .type = ValueType::kShare, .help = "", .default_value = "100%"},
          {.name = "max_body", .type = ValueType::kBytes, .help = "", .default_value = "64KiB"},
          {.name = "latency", .type = ValueType::kDistribution, .help = "", .default_value = "5ms"},
          {.name = "window", .type = ValueType::kWindow, .help = ""},
          {.name = "command", .type = ValueType::kStringList, .help = ""},
          {.name = "on",
           .type = ValueType::kStringList,
           .help = "",
           .default_value = "[\"timeout\", \"reset\"]",
           .choices = {"timeout", "reset", "cut"}},
          {.name = "headers", .type = ValueType::kTemplateMap, .help = ""},
          {.name = "json", .type = ValueType::kJson, .help = ""},
          {.name = "load", .type = ValueType::kTable, .help = "", .table = &step_spec()},
          {.name = "step", .type = ValueType::kTableList, .help = "", .table = &step_spec()},
      }};
  return table;
}

// A document, its reader and what it reported.
class Reading {
 public:
  explicit Reading(std::string_view toml, const TableSpec& table_spec = spec())
      : scope_([](const std::string& name) -> std::optional<std::string> {
          return name == "TOKEN" ? std::optional<std::string>("s3cret-token") : std::nullopt;
        }),
        document_(parse_toml(toml, "p.toml").value()),
        reader_(document_, table_spec, define(scope_), diagnostics_) {}

  TableReader& operator*() { return reader_; }
  TableReader* operator->() { return &reader_; }
  [[nodiscard]] std::string problems() const { return diagnostics_.to_text(); }

 private:
  static const Scope& define(Scope& scope) {
    scope.define("var.t", "250ms");
    scope.define("var.n", Value{std::int64_t{7}, {}});
    scope.define("var.half", Value{0.5, {}});
    scope.define("var.yes", Value{true, {}});
    scope.define("var.word", "body");
    return scope;
  }

  Scope scope_;
  Diagnostics diagnostics_;
  Value document_;
  TableReader reader_;
};

const TemplateNames kNoNames{};

std::string rendered(const Template& text) {
  std::string out;
  text.render({.key = "k", .sequence = 3}, out);
  return out;
}

TEST(TableReader, GivesDefaultsForAbsentKeys) {
  Reading reading("");
  EXPECT_FALSE(reading->has("name"));
  EXPECT_EQ(reading->string("name"), "nobody");
  EXPECT_EQ(reading->string("at"), "headers");
  EXPECT_EQ(rendered(reading->text("path", kNoNames)), "/3");
  EXPECT_EQ(reading->integer("copies", 1, 9), 2);
  EXPECT_EQ(reading->integer("plain_integer", 4, 9), 4);
  EXPECT_EQ(reading->number("sigma", 0, 1), 0.5);
  EXPECT_TRUE(reading->boolean("verify"));
  EXPECT_EQ(reading->duration("timeout"), 2s);
  EXPECT_EQ(reading->duration("think"), 0s);
  EXPECT_EQ(reading->rate("rate"), Rate{10});
  EXPECT_EQ(reading->share("share"), Share{1});
  EXPECT_EQ(reading->bytes("max_body"), ByteCount{65536});
  EXPECT_EQ(reading->distribution("latency"), Distribution::constant(5ms));
  EXPECT_EQ(reading->window("window"), std::nullopt);
  EXPECT_TRUE(reading->string_list("command").empty());
  EXPECT_EQ(reading->string_list("on").size(), 2U);
  EXPECT_EQ(reading->string_list("on")[1].text, "reset");
  EXPECT_TRUE(reading->template_map("headers", kNoNames).empty());
  EXPECT_EQ(rendered(reading->json("json", kNoNames)), "");
  EXPECT_TRUE(reading->tables("step").empty());
  EXPECT_EQ(reading.problems(), "");
}

TEST(TableReader, ReadsEveryType) {
  Reading reading(R"(
name = "x"
at = "body"
path = "/p/{{seq}}"
copies = 5
sigma = 1
verify = false
timeout = "1m30s"
rate = "20k/s"
share = "5%"
max_body = "10MB"
latency = "80ms"
window = ["5s", "25s"]
command = ["sh", "-c", "{{var.t}}"]
on = ["cut"]
headers = { A = "{{key}}", B = "b{{var.n}}" }
json = { n = "{{var.n}}", h = "{{var.half}}", y = "{{var.yes}}", s = "<{{var.n}}>", l = [ "{{seq}}", "{{var.t}}" ] }
[load]
name = "l"
[[step]]
name = "one"
[[step]]
name = "two"
)");
  EXPECT_EQ(reading->string("name"), "x");
  EXPECT_EQ(reading->string("at"), "body");
  EXPECT_EQ(rendered(reading->text("path", kNoNames)), "/p/3");
  EXPECT_EQ(reading->integer("copies", 2, 9), 5);
  EXPECT_EQ(reading->number("sigma", 0, 1), 1.0);
  EXPECT_FALSE(reading->boolean("verify"));
  EXPECT_EQ(reading->duration("timeout"), 90s);
  EXPECT_EQ(reading->rate("rate"), Rate{20000});
  EXPECT_EQ(reading->share("share"), Share{0.05});
  EXPECT_EQ(reading->bytes("max_body"), ByteCount{10'000'000});
  EXPECT_EQ(reading->distribution("latency"), Distribution::constant(80ms));
  EXPECT_EQ(reading->window("window"), (Window{5s, 25s}));
  const auto command = reading->string_list("command");
  ASSERT_EQ(command.size(), 3U);
  EXPECT_EQ(command[2].text, "250ms");
  EXPECT_EQ(to_string(command[2].where), "p.toml:14:24");
  EXPECT_EQ(reading->string_list("on")[0].text, "cut");
  const auto headers = reading->template_map("headers", kNoNames);
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0].first, "A");
  EXPECT_EQ(rendered(headers[0].second), "k");
  EXPECT_EQ(rendered(headers[1].second), "b7");
  EXPECT_EQ(rendered(reading->json("json", kNoNames)),
            R"({"n":7,"h":0.5,"y":true,"s":"<7>","l":[3,"250ms"]})");
  ASSERT_EQ(reading->tables("load").size(), 1U);
  ASSERT_EQ(reading->tables("step").size(), 2U);
  EXPECT_EQ(*reading->tables("step")[1]->find("name")->as_string(), "two");
  EXPECT_EQ(to_string(reading->where("at")), "p.toml:3:6");
  EXPECT_EQ(to_string(reading->where("think")), to_string(reading->where()));
  EXPECT_EQ(reading.problems(), "");
}

TEST(TableReader, FillsInTheScopeForEveryScalar) {
  Reading reading(R"(
at = "{{var.word}}"
copies = "{{var.n}}"
sigma = "{{var.half}}"
verify = "{{var.yes}}"
timeout = "{{var.t}}"
window = ["0", "{{var.t}}"]
name = "Bearer ${env:TOKEN}"
)");
  EXPECT_EQ(reading->string("at"), "body");
  EXPECT_EQ(reading->integer("copies", 1, 9), 7);
  EXPECT_EQ(reading->number("sigma", 0, 1), 0.5);
  EXPECT_TRUE(reading->boolean("verify"));
  EXPECT_EQ(reading->duration("timeout"), 250ms);
  EXPECT_EQ(reading->window("window"), (Window{0s, 250ms}));
  EXPECT_EQ(reading->string("name"), "Bearer s3cret-token");
  EXPECT_EQ(reading.problems(), "");
}

// The constructor alone: TOML, what it says.
TEST(TableReader, ReportsKeysAndTypesWhenItIsMade) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"timeuot = \"2s\"", "p.toml:1:1: unknown key \"timeuot\"; did you mean \"timeout\"?\n"},
      {"\"\\u001b[31m\" = 1",
       "p.toml:1:1: unknown key \"\\x1b[31m\"; known keys: name, at, path, copies, plain_integer, "
       "sigma, verify, timeout, think, "
       "rate, share, max_body, latency, window, command, on, headers, json, load, step\n"},
      {"timeout = 250",
       "p.toml:1:11: \"timeout\" takes a duration such as \"250ms\", not an integer: the unit is "
       "missing\n"},
      {"timeout = 2.5",
       "p.toml:1:11: \"timeout\" takes a duration such as \"250ms\", not a number: the unit is "
       "missing\n"},
      {"timeout = true",
       "p.toml:1:11: \"timeout\" takes a duration such as \"250ms\", not a boolean\n"},
      {"rate = 200",
       "p.toml:1:8: \"rate\" takes a rate such as \"200/s\", not an integer: the unit is "
       "missing\n"},
      {"share = 0.05",
       "p.toml:1:9: \"share\" takes a share such as \"5%\", not a number: the unit is missing\n"},
      {"max_body = 1024",
       "p.toml:1:12: \"max_body\" takes a size such as \"64KiB\", not an integer: the unit is "
       "missing\n"},
      {"latency = 80",
       "p.toml:1:11: \"latency\" takes a duration or distribution such as \"80ms\" or { median = "
       "\"80ms\", sigma = 0.5, "
       "distribution = \"lognormal\" }, not an integer: the unit is missing\n"},
      {"copies = \"5\"", "p.toml:1:10: \"copies\" takes an integer such as 3, not a string\n"},
      {"copies = 1.5", "p.toml:1:10: \"copies\" takes an integer such as 3, not a number\n"},
      {"verify = \"yes\"", "p.toml:1:10: \"verify\" takes a boolean such as true, not a string\n"},
      {"name = 5", "p.toml:1:8: \"name\" takes a string such as \"text\", not an integer\n"},
      {"path = []",
       "p.toml:1:8: \"path\" takes a template such as \"order-{{seq}}\", not a list\n"},
      {"at = 1", "p.toml:1:6: \"at\" takes a string such as \"connect\", not an integer\n"},
      {"at = \"conect\"",
       "p.toml:1:6: \"at\" does not take \"conect\"; did you mean \"connect\"?\n"},
      {"at = \"zzzzzzz\"",
       "p.toml:1:6: \"at\" does not take \"zzzzzzz\"; write \"connect\", \"headers\" or "
       "\"body\"\n"},
      {"on = [\"cut\", \"resett\"]",
       "p.toml:1:14: \"on\" does not take \"resett\"; did you mean \"reset\"?\n"},
      {"on = \"cut\"",
       "p.toml:1:6: \"on\" takes a list of strings such as [\"timeout\"], not a string\n"},
      {"command = [\"a\", 5]",
       "p.toml:1:17: \"command\" takes a list of strings such as [\"one\", \"two\"], not an "
       "integer\n"},
      {"window = \"5s\"",
       "p.toml:1:10: \"window\" takes a window such as [\"5s\", \"25s\"], not a string\n"},
      {"window = [\"5s\"]",
       "p.toml:1:10: \"window\" takes a window such as [\"5s\", \"25s\"], not a list of 1\n"},
      {"window = [5, \"6s\"]",
       "p.toml:1:11: \"window\" takes a window such as [\"5s\", \"25s\"], not an integer\n"},
      {"headers = { A = 5 }", "p.toml:1:17: \"A\" takes a text in quotes, not an integer\n"},
      {"headers = [1]",
       "p.toml:1:11: \"headers\" takes a table of templates such as { Idempotency-Key = "
       "\"{{key}}\" }, not a list\n"},
      {"load = 1",
       "p.toml:1:8: \"load\" takes a table, under one header [scenario.step] or as { … }, not an "
       "integer\n"},
      {"[[load]]",
       "p.toml:1:1: \"load\" takes a table, under one header [scenario.step] or as { … }, not a "
       "list of tables\n"},
      {"[step]",
       "p.toml:1:1: \"step\" takes tables, each under a header [[scenario.step]], not a table\n"},
      {"step = [1]",
       "p.toml:1:8: \"step\" takes tables, each under a header [[scenario.step]], not a list\n"},
  };
  for (const auto& [toml, expected] : cases) {
    EXPECT_EQ(Reading(toml).problems(), expected) << toml;
  }
}

TEST(TableReader, ReportsMissingKeysAtTheTable) {
  static const TableSpec inner{"target.tls", "", {}};
  static const TableSpec demanding{
      "target",
      "",
      {{.name = "urls",
        .type = ValueType::kStringList,
        .help = "",
        .required = true,
        .example = "[\"http://127.0.0.1\"]"},
       {.name = "kind", .help = "", .required = true, .choices = {"drop", "duplicate"}},
       {.name = "tls", .type = ValueType::kTable, .help = "", .required = true, .table = &inner},
       {.name = "more",
        .type = ValueType::kTableList,
        .help = "",
        .required = true,
        .table = &inner}}};
  Diagnostics diagnostics;
  const Scope scope(nullptr);
  const Value document = parse_toml("\n  [target]\n", "p.toml").value();
  TableReader reader(*document.find("target"), demanding, scope, diagnostics);
  EXPECT_EQ(diagnostics.to_text(),
            "p.toml:2:3: \"urls\" is missing; write for example urls = [\"http://127.0.0.1\"]\n"
            "p.toml:2:3: \"kind\" is missing; write for example kind = \"drop\"\n"
            "p.toml:2:3: \"tls\" is missing; add a table [target.tls]\n"
            "p.toml:2:3: \"more\" is missing; add a table [[target.more]]\n");
  EXPECT_EQ(reader.string("kind"), "drop") << "some valid value";
  EXPECT_EQ(diagnostics.error_count(), 4U);
}

TEST(TableReader, ReportsAllProblemsAtOnce) {
  Reading reading("timeout = 5\nnmae = \"x\"\nrate = \"fast\"\n");
  static_cast<void>(reading->rate("rate"));
  EXPECT_EQ(
      reading.problems(),
      "p.toml:1:11: \"timeout\" takes a duration such as \"250ms\", not an integer: the unit is "
      "missing\n"
      "p.toml:2:1: unknown key \"nmae\"; did you mean \"name\"?\n"
      "p.toml:3:8: \"rate\": \"fast\" is not a rate; write for example \"200/s\" or \"3000/m\"\n");
}

// What a getter says of a value whose shape is right; and it says it once, however often it is
// asked.
template <class Read>
std::string problems_of(std::string_view toml, Read read) {
  Reading reading(toml);
  read(*reading);
  read(*reading);
  return reading.problems();
}

TEST(TableReader, ReportsBadScalarsWhereTheyStand) {
  EXPECT_EQ(problems_of("timeout = \"2 s\"",
                        [](TableReader& r) { EXPECT_EQ(r.duration("timeout"), 1s); }),
            "p.toml:1:11: \"timeout\": \"2 s\" is not a duration; write for example \"250ms\", "
            "\"2s\" or \"1m30s\"\n");
  EXPECT_EQ(
      problems_of("share = \"101%\"", [](TableReader& r) { static_cast<void>(r.share("share")); }),
      "p.toml:1:9: \"share\": \"101%\" is not a share; write for example \"5%\" (0% to 100%)\n");
  EXPECT_EQ(problems_of("max_body = \"big\"",
                        [](TableReader& r) { static_cast<void>(r.bytes("max_body")); }),
            "p.toml:1:12: \"max_body\": \"big\" is not a size; write for example \"512B\", "
            "\"64KiB\" or \"10MB\"\n");
  EXPECT_EQ(problems_of("copies = 200",
                        [](TableReader& r) { EXPECT_EQ(r.integer("copies", 2, 100), 2); }),
            "p.toml:1:10: \"copies\" must be from 2 to 100, not 200\n");
  EXPECT_EQ(problems_of("copies = 0",
                        [](TableReader& r) {
                          EXPECT_EQ(
                              r.integer("copies", 1, std::numeric_limits<std::int64_t>::max()), 1);
                        }),
            "p.toml:1:10: \"copies\" must be at least 1, not 0\n");
  EXPECT_EQ(
      problems_of("sigma = nan", [](TableReader& r) { EXPECT_EQ(r.number("sigma", 0, 10), 0); }),
      "p.toml:1:9: \"sigma\" must be from 0 to 10, not nan\n");
  EXPECT_EQ(problems_of("copies = \"{{var.t}}\"",
                        [](TableReader& r) { static_cast<void>(r.integer("copies", 0, 9)); }),
            "p.toml:1:10: \"copies\": \"250ms\" is not an integer\n");
  EXPECT_EQ(problems_of("verify = \"{{var.t}}\"",
                        [](TableReader& r) { static_cast<void>(r.boolean("verify")); }),
            "p.toml:1:10: \"verify\": \"250ms\" is not true or false\n");
  EXPECT_EQ(problems_of("timeout = \"{{var.tt}}\"",
                        [](TableReader& r) { static_cast<void>(r.duration("timeout")); }),
            "p.toml:1:11: {{var.tt}} is not defined; did you mean {{var.t}}?\n");
  EXPECT_EQ(problems_of("at = \"{{var.tt}}\"",
                        [](TableReader& r) { EXPECT_EQ(r.string("at"), "connect"); }),
            "p.toml:1:6: {{var.tt}} is not defined; did you mean {{var.t}}?\n");
}

TEST(TableReader, ReportsBadListsTemplatesAndJsonWhereTheyStand) {
  EXPECT_EQ(problems_of("window = [\"9s\", \"5s\"]",
                        [](TableReader& r) { EXPECT_EQ(r.window("window"), std::nullopt); }),
            "p.toml:1:10: \"window\" ends at 5s, not after its start at 9s\n");
  EXPECT_EQ(problems_of("window = [\"5s\", \"late\"]",
                        [](TableReader& r) { EXPECT_EQ(r.window("window"), std::nullopt); }),
            "p.toml:1:17: \"late\" is not a duration; write for example \"250ms\", \"2s\" or "
            "\"1m30s\"\n");
  EXPECT_EQ(problems_of("path = \"/{{sqe}}\"",
                        [](TableReader& r) { static_cast<void>(r.text("path", kNoNames)); }),
            "p.toml:1:8: {{sqe}} is not known here; did you mean {{seq}}?\n");
  EXPECT_EQ(problems_of("command = [\"a\", \"${env:NOPE}\"]",
                        [](TableReader& r) { EXPECT_EQ(r.string_list("command").size(), 1U); }),
            "p.toml:1:17: environment variable NOPE is not set\n");
  EXPECT_EQ(problems_of(
                "headers = { A = \"{{kee}}\", B = \"b\" }",
                [](TableReader& r) { EXPECT_EQ(r.template_map("headers", kNoNames).size(), 1U); }),
            "p.toml:1:17: {{kee}} is not known here; did you mean {{key}}?\n");
  EXPECT_EQ(problems_of("json = [ { a = \"{{port.x}}\" } ]",
                        [](TableReader& r) { static_cast<void>(r.json("json", kNoNames)); }),
            "p.toml:1:16: {{port.x}} is not defined\n");
  EXPECT_EQ(problems_of("json = [ { a = \"{{kee}}\" } ]",
                        [](TableReader& r) { static_cast<void>(r.json("json", kNoNames)); }),
            "p.toml:1:16: {{kee}} is not known here; did you mean {{key}}?\n");
}

TEST(TableReader, GoesOnAfterWrongShapes) {
  Reading reading(
      "timeout = 5\ncopies = \"x\"\nwindow = 1\ncommand = 2\nheaders = 3\nload = 4\nstep = 5\npath "
      "= 6\nat = 7\nlatency = 8\n");
  const std::string before = reading.problems();
  static_cast<void>(reading->duration("timeout"));
  static_cast<void>(reading->integer("copies", 1, 2));
  EXPECT_EQ(reading->window("window"), std::nullopt);
  EXPECT_TRUE(reading->string_list("command").empty());
  EXPECT_TRUE(reading->template_map("headers", kNoNames).empty());
  EXPECT_TRUE(reading->tables("load").empty());
  EXPECT_TRUE(reading->tables("step").empty());
  static_cast<void>(reading->text("path", kNoNames));
  EXPECT_EQ(reading->string("at"), "headers");
  static_cast<void>(reading->distribution("latency"));
  EXPECT_EQ(reading.problems(), before) << "each problem is reported once";
}

TEST(TableReader, KeepsTheTablesOfAMixedList) {
  Reading reading("step = [{ name = \"one\" }, 2, { name = \"three\" }]");
  EXPECT_EQ(reading->tables("step").size(), 2U);
  EXPECT_THAT(reading.problems(), HasSubstr("p.toml:1:8: \"step\" takes tables"));
}

TEST(TableReader, PrintsNoSecret) {
  Reading reading(R"(
timeout = "${env:TOKEN}"
at = "x${env:TOKEN}"
copies = "${env:TOKEN}"
verify = "${env:TOKEN}"
window = ["${env:TOKEN}", "5s"]
path = "${env:TOKEN} {{nope"
)");
  static_cast<void>(reading->duration("timeout"));
  static_cast<void>(reading->string("at"));
  static_cast<void>(reading->integer("copies", 1, 9));
  static_cast<void>(reading->boolean("verify"));
  static_cast<void>(reading->window("window"));
  static_cast<void>(reading->text("path", kNoNames));
  reading->error("at", "no s3cret-token here");
  reading->warning("at", "nor s3cret-token there");
  EXPECT_EQ(reading.problems().find("s3cret"), std::string::npos) << reading.problems();
  EXPECT_THAT(reading.problems(), HasSubstr("\"timeout\": \"***\" is not a duration"));
  EXPECT_THAT(reading.problems(), HasSubstr("p.toml:3:6: no *** here"));
  EXPECT_THAT(reading.problems(), HasSubstr("p.toml:3:6: warning: nor *** there"));
}

TEST(TableReader, ReportsAValueThatIsNoTable) {
  Diagnostics diagnostics;
  const Scope scope(nullptr);
  const Value number{std::int64_t{5}, {"p.toml", 3, 4}};
  TableReader reader(number, step_spec(), scope, diagnostics);
  EXPECT_EQ(diagnostics.to_text(), "p.toml:3:4: a table was expected here, not an integer\n");
  EXPECT_FALSE(reader.has("name"));
}

TEST(TableReaderDeathTest, RefusesAKeyThatTheDescriptionDoesNotHave) {
  Reading reading("");
  EXPECT_DEATH(static_cast<void>(reading->string("nope")), "internal error");
  EXPECT_DEATH(static_cast<void>(reading->duration("name")), "internal error");
}

}  // namespace
}  // namespace squall::expr
