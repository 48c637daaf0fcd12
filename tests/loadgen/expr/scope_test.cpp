#include "loadgen/expr/scope.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::expr {
namespace {

Scope make_scope() {
  Scope scope([](const std::string& name) -> std::optional<std::string> {
    if (name == "TOKEN") {
      return "s3cret";
    }
    if (name == "EMPTY") {
      return "";
    }
    if (name == "TRICKY") {
      return "{{var.rate}} ${env:TOKEN}";
    }
    return std::nullopt;
  });
  scope.define("var.rate", "200/s");
  scope.define("var.host", "shop");
  scope.define("port.shop", "8080");
  scope.define("proxy.psp", "127.0.0.1:9000");
  scope.define("run", "r1");
  return scope;
}

TEST(Scope, FillsInWhatIsDefined) {
  const Scope scope = make_scope();
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"", ""},
      {"plain text", "plain text"},
      {"{{var.rate}}", "200/s"},
      {"{{ var.rate }}", "200/s"},
      {"http://{{var.host}}:{{port.shop}}/x", "http://shop:8080/x"},
      {"Bearer ${env:TOKEN}", "Bearer s3cret"},
      {"${env:EMPTY}", ""},
      {"{{run}}-{{var.host}}", "r1-shop"},
      {"{{{port.shop}}}", "{8080}"},
      {"$TOKEN ${TOKEN} ${ENV:TOKEN} }} {", "$TOKEN ${TOKEN} ${ENV:TOKEN} }} {"},
      {"ä{{var.host}}ö", "äshopö"},
  };
  for (const auto& [text, expected] : cases) {
    const auto result = scope.substitute(text);
    ASSERT_TRUE(result) << text << ": " << result.error().message;
    EXPECT_EQ(*result, expected) << text;
  }
}

TEST(Scope, LeavesRunTimeNamesAlone) {
  const Scope scope = make_scope();
  for (const std::string_view text :
       {"{{key}}", "{{seq}}", "{{now}}", "{{ now | iso }}", "{{payment}}",
        "a {{key}} b {{order-id}} c", "{{variable}}", "{{}}"}) {
    EXPECT_EQ(*scope.substitute(text), text);
  }
  EXPECT_EQ(*scope.substitute("{{key}}-{{var.host}}-{{now|unix_ms}}"),
            "{{key}}-shop-{{now|unix_ms}}");
}

TEST(Scope, DoesNotSearchWhatItPutIn) {
  const Scope scope = make_scope();
  EXPECT_EQ(*scope.substitute("${env:TRICKY}"), "{{var.rate}} ${env:TOKEN}");
}

TEST(Scope, SaysWhatIsWrongAndWhere) {
  const Scope scope = make_scope();
  struct Case {
    std::string_view text;
    ErrorCode code;
    unsigned column;
    std::string_view message;
  };
  const Case cases[]{
      {"a {{var.rat}}", ErrorCode::kNotFound, 3,
       "{{var.rat}} is not defined; did you mean {{var.rate}}?"},
      {"{{var.zzzzzz}}", ErrorCode::kNotFound, 1,
       "{{var.zzzzzz}} is not defined; known are var.host or var.rate"},
      {"{{port.shp}}", ErrorCode::kNotFound, 1,
       "{{port.shp}} is not defined; did you mean {{port.shop}}?"},
      {"{{sink.mail}}", ErrorCode::kNotFound, 1, "{{sink.mail}} is not defined"},
      {"{{proxy.}}", ErrorCode::kNotFound, 1,
       "{{proxy.}} is not defined; did you mean {{proxy.psp}}?"},
      {"x${env:NOPE}", ErrorCode::kNotFound, 2, "environment variable NOPE is not set"},
      {"${env:TOKEN", ErrorCode::kMalformed, 1, "\"${env:\" has no closing \"}\""},
      {"${env:A B}", ErrorCode::kMalformed, 1,
       "\"${env:A B}\" does not name an environment variable"},
      {"${env:}", ErrorCode::kMalformed, 1, "\"${env:}\" does not name an environment variable"},
      {"ab {{key", ErrorCode::kMalformed, 4, "\"{{key\" has no closing \"}}\""},
      {"{{key}", ErrorCode::kMalformed, 1, "\"{{key}\" has no closing \"}}\""},
      {"{{a\n}}", ErrorCode::kMalformed, 1, "\"{{a\\x0a}}\" has no closing \"}}\""},
      {"{{ {{key}} }}", ErrorCode::kMalformed, 1, "\"{{ {{key}} }}\" has no closing \"}}\""},
      {"{{var.rate | iso}}", ErrorCode::kInvalidArgument, 1,
       "{{var.rate}} is filled in while the plan is read and takes no format"},
  };
  for (const Case& one : cases) {
    const auto result = scope.substitute(one.text);
    ASSERT_FALSE(result) << one.text;
    EXPECT_EQ(result.error().code, one.code) << one.text;
    EXPECT_EQ(result.error().message, one.message);
    ASSERT_TRUE(result.error().where) << one.text;
    EXPECT_EQ(result.error().where->column, one.column) << one.text;
  }
}

TEST(Scope, RemembersSecretsButNoEmptyOnes) {
  const Scope scope = make_scope();
  EXPECT_TRUE(scope.secrets().empty());
  static_cast<void>(scope.substitute("${env:EMPTY} {{var.rate}}"));
  EXPECT_TRUE(scope.secrets().empty()) << "an empty secret would be found in every text";
  static_cast<void>(scope.substitute("${env:TOKEN}${env:TOKEN}"));
  EXPECT_EQ(scope.secrets(), (std::set<std::string>{"s3cret"}));
}

TEST(Scope, KnowsTypedValues) {
  Scope scope = make_scope();
  scope.define("var.amount", Value{std::int64_t{1999}, {}});
  scope.define("var.share", Value{0.5, {}});
  scope.define("var.text", Value{std::string("x"), {}});
  EXPECT_EQ(*scope.substitute("a{{var.amount}}{{var.share}}{{var.text}}"), "a19990.5x");
  ASSERT_NE(scope.typed("{{ var.amount }}"), nullptr);
  EXPECT_EQ(std::get<std::int64_t>(scope.typed("{{ var.amount }}")->data), 1999);
  EXPECT_EQ(scope.typed("{{var.text}}"), nullptr) << "a string";
  EXPECT_EQ(scope.typed(" {{var.amount}}"), nullptr) << "among other text";
  EXPECT_EQ(scope.typed("{{var.amount"), nullptr);
  EXPECT_EQ(scope.typed(""), nullptr);
  scope.define("var.amount", "now a string");
  EXPECT_EQ(scope.typed("{{var.amount}}"), nullptr);
  EXPECT_EQ(*scope.substitute("{{var.amount}}"), "now a string");
}

TEST(Scope, WithoutEnvironmentNothingIsSet) {
  const Scope scope(nullptr);
  EXPECT_FALSE(scope.substitute("${env:TOKEN}"));
}

}  // namespace
}  // namespace squall::expr
