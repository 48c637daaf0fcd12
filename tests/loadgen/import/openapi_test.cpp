// API descriptions to plans that load, and what the plans would send.
#include "loadgen/import/openapi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/import/import_case.hpp"
#include "tests/paths.hpp"
#include "tests/support/files.hpp"
#include "tests/support/golden.hpp"

namespace squall::import {
namespace {

using ::testing::HasSubstr;

Result<GeneratedPlan> openapi(std::string_view text, ImportOptions options = {}) {
  options.file = "api.yaml";
  return plan_from(Source::kOpenApi, text, options);
}

std::string bookshop() {
  return test::read_file(std::string(SQUALL_SOURCE_DIR) + "/tests/fixtures/bookshop.openapi.yaml");
}

TEST(OpenApiImport, TwentyOperationsBecomeAPlan) {
  const auto plan = openapi(bookshop());
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_EQ(ready->scenarios.size(), 18U);  // without two that delete
  EXPECT_EQ(ready->targets.front().replicas.front().url(), "http://eu.bookshop.example/v1");
  EXPECT_THAT(notes_of(plan), HasSubstr("2 operations that delete"));
  EXPECT_THAT(notes_of(plan), HasSubstr("other-file.yaml#/Item"));
  ::squall::testing::expect_golden(plan->text, SQUALL_SOURCE_DIR, "import/bookshop.toml");

  const auto all = loaded(valid(openapi(bookshop(), {.include_destructive = true})));
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(all->scenarios.size(), 20U);
}

TEST(OpenApiImport, TheUrlReplacesTheServer) {
  const auto server_of = [](const std::string& url) {
    const auto plan = loaded(valid(openapi(bookshop(), {.url = url})));
    return plan == nullptr ? "" : plan->targets.front().replicas.front().url();
  };
  EXPECT_EQ(server_of("http://127.0.0.1:8080"), "http://127.0.0.1:8080/v1");
  EXPECT_EQ(server_of("http://127.0.0.1:8080/v2/"), "http://127.0.0.1:8080/v2");
}

TEST(OpenApiImport, JsonAndSwagger2) {
  const auto plan = openapi(R"({
    "swagger": "2.0", "info": {"title": "Old"}, "host": "old.example", "schemes": ["http"],
    "basePath": "/api",
    "securityDefinitions": {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "security": [{"k": []}],
    "paths": {
      "/a/{id}": {
        "get": {"parameters": [{"name": "id", "in": "path", "type": "integer", "required": true},
                               {"name": "l", "in": "query", "type": "array", "required": true,
                                "collectionFormat": "csv",
                                "items": {"type": "string", "enum": ["x y"]}, "minItems": 2}],
                "responses": {"200": {}}},
        "post": {"parameters": [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/B"}}],
                 "responses": {"201": {}}},
        "put": {"parameters": [{"name": "f", "in": "formData", "type": "string", "required": true}]}
      }},
    "definitions": {"B": {"properties": {"n": {"type": "integer", "default": 3}}}}})");
  const std::string text = valid(plan);
  EXPECT_THAT(text, HasSubstr("urls = [\"http://old.example/api\"]"));
  EXPECT_THAT(text, HasSubstr("request = \"GET /a/1?l=x%20y,x%20y\""));
  EXPECT_THAT(text, HasSubstr("json = { n = 3 }"));
  EXPECT_THAT(text, HasSubstr("body = \"f=sample\""));
  EXPECT_THAT(text, HasSubstr("X-Key = \"${env:K}\""));
}

TEST(OpenApiImport, FormsWithFilesAreSentInParts) {
  const auto old = openapi(R"({"swagger": "2.0", "consumes": ["multipart/form-data"], "paths": {
      "/a": {"put": {"parameters": [
               {"name": "f", "in": "formData", "type": "file", "required": true},
               {"name": "n", "in": "formData", "type": "string", "required": true}]}},
      "/b": {"put": {"parameters": [
               {"name": "t", "in": "formData", "type": "string", "required": true}]}},
      "/c": {"put": {"consumes": ["application/x-www-form-urlencoded"], "parameters": [
               {"name": "u", "in": "formData", "type": "string", "required": true}]}}}})");
  const std::string text = valid(old);
  EXPECT_THAT(text, HasSubstr("multipart = [{ name = \"f\", generate = \"1KiB\" }, "
                              "{ name = \"n\", value = \"sample\" }]"));
  EXPECT_THAT(text, HasSubstr("multipart = [{ name = \"t\", value = \"sample\" }]"));
  EXPECT_THAT(text, HasSubstr("body = \"u=sample\""));
  const auto plan = openapi(
      "openapi: 3.0.0\npaths:\n  /a:\n    post:\n      requestBody: {content: "
      "{multipart/form-data: {schema: {type: object, properties: {pic: {$ref: "
      "'#/components/schemas/P'}, n: {type: string, example: '{{key}}'}, m: {type: integer}}}}}}\n"
      "components: {schemas: {P: {type: string, format: binary}}}\n");
  const std::string parts = valid(plan);
  EXPECT_THAT(parts, HasSubstr("multipart = [{ name = \"pic\", generate = \"1KiB\" }, "));
  EXPECT_THAT(parts, Not(HasSubstr("value = \"{{key}}\""))) << "text, not the operation's key";
  EXPECT_THAT(parts, HasSubstr("key}}"));
  EXPECT_THAT(parts, HasSubstr("{ name = \"m\", value = \"1\" }]"));
}

TEST(OpenApiImport, NumbersAndListsOfOpenApi31) {
  const auto plan = openapi(
      "openapi: 3.1.0\npaths:\n  /a:\n    post:\n      requestBody: {content: {application/json: "
      "{schema: {type: [object, 'null'], properties: {a: {type: [integer, 'null'], "
      "exclusiveMinimum: 5}, b: {const: x}, c: {examples: [7, 8]}, d: {type: 'null'}, e: {anyOf: "
      "[{type: 'null'}, {type: boolean}]}}}}}}\n");
  EXPECT_THAT(valid(plan), HasSubstr("\"a\": 6,\n  \"b\": \"x\",\n  \"c\": 7,\n  \"d\": null,\n  "
                                     "\"e\": true\n"));
  EXPECT_THAT(valid(plan), HasSubstr("The description names no host"));
}

TEST(OpenApiImport, SchemasThatLeadBackToThemselvesEnd) {
  std::string text =
      "openapi: 3.0.0\npaths:\n  /a:\n    post:\n      requestBody: {content: "
      "{application/json: {schema: {$ref: '#/components/schemas/S0'}}}}\n"
      "components:\n  schemas:\n";
  // Each of fifty schemas holds four of the next one, and the last one the first.
  for (int i = 0; i < 50; ++i) {
    const std::string next = "{$ref: '#/components/schemas/S" + std::to_string((i + 1) % 50) + "'}";
    text += "    S" + std::to_string(i) + ": {properties: {a: " + next + ", b: " + next +
            ", c: " + next + ", d: " + next + "}}\n";
  }
  text += "    Ring: {$ref: '#/components/schemas/Ring'}\n";
  const auto plan = openapi(text);
  EXPECT_LT(valid(plan).size(), 300'000U);
  EXPECT_FALSE(openapi("openapi: 3.0.0\npaths: {/a: {$ref: '#/paths/~1a'}}\n").has_value());
}

TEST(OpenApiImport, HostileNamesReachNoOtherKey) {
  const auto plan = openapi(R"({"openapi": "3.0.0",
    "info": {"title": "x\"\n[[target]]\nname = \"evil"},
    "paths": {"/a\"\n[checks]\nb": {"get": {"operationId": "\"]\n[x]", "summary": "s\n[[fault]]",
      "parameters": [{"name": "H\r\nX: y", "in": "header", "required": true, "example": "v"},
                     {"name": "V", "in": "header", "required": true, "example": "a\r\nX: y"},
                     {"name": "q\"", "in": "query", "required": true, "example": "{{key}}"}]}}}})");
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_EQ(ready->targets.size(), 1U);
  EXPECT_TRUE(ready->faults.empty());
  ASSERT_EQ(ready->steps.size(), 1U);
  EXPECT_TRUE(ready->steps[0].request.headers.empty());
  EXPECT_THAT(ready->steps[0].request.path.source(), HasSubstr("q%22=%7B%7Bkey%7D%7D"));
  EXPECT_THAT(notes_of(plan), HasSubstr("which a request cannot carry"));
}

TEST(OpenApiImport, SaysWhatItCannotRead) {
  struct Wrong {
    std::string_view text;
    std::string_view message;
  };
  const Wrong cases[]{
      {"", "api.yaml:1:1: the file is empty"},
      {"{", "api.yaml:1:2: this is no JSON"},
      {"a: [", "this is no YAML"},
      {"a: b", "api.yaml:1:1: this is no API description: it has neither \"openapi\""},
      {"openapi: 3.0.0", "it has no \"paths\""},
      {"openapi: 3.0.0\npaths: {}", "describes no operation"},
      {"openapi: 3.0.0\npaths: {/a: {delete: {}}}", "--include-destructive"},
  };
  for (const Wrong& one : cases) {
    const auto plan = openapi(one.text);
    ASSERT_FALSE(plan.has_value()) << one.text;
    EXPECT_THAT(to_string(plan.error()), HasSubstr(std::string(one.message))) << one.text;
  }
}

TEST(OpenApiImport, MoreOperationsThanAPlanTakesAreNamed) {
  std::string text = "openapi: 3.0.0\npaths:\n";
  for (int i = 0; i < 300; ++i) {
    text += "  /a" + std::to_string(i) + ": {get: {}}\n";
  }
  const auto plan = openapi(text);
  const auto ready = loaded(valid(plan));
  ASSERT_NE(ready, nullptr);
  EXPECT_EQ(ready->scenarios.size(), 250U);
  EXPECT_THAT(notes_of(plan), HasSubstr("GET /a250"));
}

}  // namespace
}  // namespace squall::import
