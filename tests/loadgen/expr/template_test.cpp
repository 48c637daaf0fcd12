#include "loadgen/expr/template.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/expr/value.hpp"

namespace {
// Counts what the process allocates, to hold rendering against its promise.
thread_local std::size_t allocations = 0;
}  // namespace

// Not inlined: the compiler would see malloc at one place and delete at another, and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace squall::expr {
namespace {

using namespace std::chrono_literals;

const std::array<std::string, 2> kExtracted{"pay-\"1\"\n", "42"};

RenderContext context() {
  return {.key = "k-1",
          .sequence = 17,
          .run_id = "run-7",
          .now = WallTime(1'700'000'000s + 5ms),
          .extracted = kExtracted};
}

TemplateNames names() {
  return {{"payment", "order-id"}};
}

std::string rendered(const Template& text) {
  std::string out;
  text.render(context(), out);
  return out;
}

std::string rendered(std::string_view text) {
  const auto parsed = Template::parse(text, names());
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().message);
  return parsed ? rendered(*parsed) : "";
}

std::string rendered_json(std::string_view toml) {
  const auto document = parse_toml("json = " + std::string(toml), "p.toml");
  EXPECT_TRUE(document) << toml;
  const auto parsed = Template::from_json(*document->find("json"), names());
  EXPECT_TRUE(parsed) << toml << ": " << (parsed ? "" : to_string(parsed.error()));
  return parsed ? rendered(*parsed) : "";
}

TEST(Template, RendersEveryName) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"", ""},
      {"plain", "plain"},
      {"{{key}}", "k-1"},
      {"/orders/{{seq}}?run={{run}}", "/orders/17?run=run-7"},
      {"{{ seq }}{{seq}}", "1717"},
      {"{{order-id}}/{{payment}}", "42/pay-\"1\"\n"},
      {"{{now}}", "1700000000"},
      {"{{now | unix}}", "1700000000"},
      {"{{now|unix_ms}}", "1700000000005"},
      {"{{now | iso}}", "2023-11-14T22:13:20.005Z"},
      {"Date: {{now | http}}", "Date: Tue, 14 Nov 2023 22:13:20 GMT"},
      {"{{{seq}}}", "{17}"},
      {"{{{{seq}}}}", "{{17}}"},
      {"}} { } {key}", "}} { } {key}"},
      {"ä{{seq}}ö", "ä17ö"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(rendered(text), expected) << text;
  }
}

TEST(Template, AppendsToWhatIsThere) {
  std::string out = "head ";
  Template::parse("{{seq}}", names())->render(context(), out);
  EXPECT_EQ(out, "head 17");
}

TEST(Template, RendersTheEdgesOfNumbersAndTime) {
  RenderContext edge = context();
  edge.sequence = ~std::uint64_t{0};
  edge.now = WallTime(-1ns);
  std::string out;
  Template::parse("{{seq}} {{now}} {{now|unix_ms}} {{now|iso}}", names())->render(edge, out);
  EXPECT_EQ(out, "18446744073709551615 -1 -1 1969-12-31T23:59:59.999Z");
}

TEST(Template, RendersNothingForAValueThatWasNotExtracted) {
  RenderContext bare = context();
  bare.extracted = {};
  std::string out;
  Template::parse("a{{payment}}b", names())->render(bare, out);
  EXPECT_EQ(out, "ab");
}

TEST(Template, SaysWhatIsWrongAndWhere) {
  struct Case {
    std::string_view text;
    ErrorCode code;
    unsigned column;
    std::string_view message;
  };
  const Case cases[]{
      {"a {{kee}}", ErrorCode::kInvalidArgument, 3,
       "{{kee}} is not known here; did you mean {{key}}?"},
      {"{{paymnet}}", ErrorCode::kInvalidArgument, 1,
       "{{paymnet}} is not known here; did you mean {{payment}}?"},
      {"{{zzzzzzzz}}", ErrorCode::kInvalidArgument, 1,
       "{{zzzzzzzz}} is not known here; known are key, seq, index, run, caller, now, payment or order-id"},
      {"{{}}", ErrorCode::kInvalidArgument, 1,
       "{{}} is not known here; known are key, seq, index, run, caller, now, payment or order-id"},
      {"{{now | rfc}}", ErrorCode::kInvalidArgument, 1,
       "{{now}} has no format \"rfc\"; write unix, unix_ms, iso or http"},
      {"{{now | }}", ErrorCode::kInvalidArgument, 1,
       "{{now}} has no format \"\"; write unix, unix_ms, iso or http"},
      {"{{seq | iso}}", ErrorCode::kInvalidArgument, 1, "only {{now}} takes a format, not {{seq}}"},
      {"ab{{key", ErrorCode::kMalformed, 3, "\"{{key\" has no closing \"}}\""},
      {"{{", ErrorCode::kMalformed, 1, "\"{{\" has no closing \"}}\""},
      {"{{k\ney}}", ErrorCode::kMalformed, 1, "\"{{k\\x0aey}}\" has no closing \"}}\""},
      {"{{\x1b[31m}}", ErrorCode::kInvalidArgument, 1,
       "{{\\x1b[31m}} is not known here; known are key, seq, index, run, caller, now, payment or order-id"},
  };
  for (const Case& one : cases) {
    const auto parsed = Template::parse(one.text, names());
    ASSERT_FALSE(parsed) << one.text;
    EXPECT_EQ(parsed.error().code, one.code) << one.text;
    EXPECT_EQ(parsed.error().message, one.message);
    EXPECT_EQ(parsed.error().where->column, one.column) << one.text;
  }
}

TEST(TemplateFromJson, WritesValuesInOrderWithTheirTypes) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"{ z = 1, a = true, f = 0.5, g = 2.0, h = 1e300 }",
       R"({"z":1,"a":true,"f":0.5,"g":2.0,"h":1e+300})"},
      {"{}", "{}"},
      {"[]", "[]"},
      {"[1, \"x\", [false], { a = [] }]", R"([1,"x",[false],{"a":[]}])"},
      {"\"just text\"", R"("just text")"},
      {"-9223372036854775808", "-9223372036854775808"},
      {R"({ "k\"ey" = "q\" s\\ n\n t\t c\u0001 d\u007f ä 🦀" })",
       "{\"k\\\"ey\":\"q\\\" s\\\\ n\\n t\\t c\\u0001 d\x7f ä 🦀\"}"},
      // Exactly one expression keeps its own type; inside text it is text.
      {"{ order = \"{{seq}}\", id = \"o-{{seq}}\" }", R"({"order":17,"id":"o-17"})"},
      {"{ at = \"{{now}}\", ms = \"{{now | unix_ms}}\" }",
       R"({"at":1700000000,"ms":1700000000005})"},
      {"{ at = \"{{now | iso}}\", h = \"{{now|http}}\" }",
       R"({"at":"2023-11-14T22:13:20.005Z","h":"Tue, 14 Nov 2023 22:13:20 GMT"})"},
      {"{ token = \"{{key}}\", run = \"{{ run }}\" }", R"({"token":"k-1","run":"run-7"})"},
      {"{ p = \"{{payment}}\", q = \"<{{payment}}>\" }",
       R"({"p":"pay-\"1\"\n","q":"<pay-\"1\"\n>"})"},
      {"{ n = \"{{order-id}}\" }", R"({"n":"42"})"},
      {"{ b = \"{{{seq}}}\" }", R"({"b":"{17}"})"},
      {"{ q = '\"{{seq}}\"' }", R"({"q":"\"17\""})"},
  };
  for (const auto& [toml, expected] : cases) {
    EXPECT_EQ(rendered_json(toml), expected) << toml;
  }
}

TEST(TemplateFromJson, PointsAtTheStringThatIsWrong) {
  const auto document = parse_toml("json = { a = [1, \"{{kee}}\"],\n}", "p.toml");
  EXPECT_FALSE(document);
  const auto table = parse_toml("[json]\na = 1\nb = [ 1, \"x {{kee}}\" ]\n", "p.toml");
  const auto parsed = Template::from_json(*table->find("json"), names());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(to_string(parsed.error()),
            "p.toml:3:10: {{kee}} is not known here; did you mean {{key}}?");
  const auto infinite = parse_toml("json = [inf]", "p.toml");
  EXPECT_EQ(to_string(Template::from_json(*infinite->find("json"), names()).error()),
            "p.toml:1:9: JSON has no infinite numbers and no nan");
  const auto open = parse_toml("json = '{{key'", "p.toml");
  EXPECT_EQ(to_string(Template::from_json(*open->find("json"), names()).error()),
            "p.toml:1:8: \"{{key\" has no closing \"}}\"");
}

TEST(Template, KnowsWhatItUses) {
  const Template literal = *Template::parse("text", names());
  EXPECT_TRUE(literal.is_literal());
  EXPECT_EQ(literal.literal(), "text");
  EXPECT_FALSE(literal.is_volatile());
  const Template steady = *Template::parse("{{key}}{{seq}}{{run}}", names());
  EXPECT_FALSE(steady.is_literal());
  EXPECT_FALSE(steady.is_volatile());
  EXPECT_TRUE(steady.uses(Token::kKey));
  EXPECT_FALSE(steady.uses(Token::kNow));
  EXPECT_TRUE(Template::parse("{{now}}", names())->is_volatile());
  EXPECT_TRUE(Template::parse("{{payment}}", names())->is_volatile());
}

TEST(Template, JoinsAndPrintsItsSource) {
  Template text = *Template::parse("a{{key}}b", names());
  text.append(*Template::parse("c{{ now | iso }}", names()));
  text.append_literal("d");
  EXPECT_EQ(text.source(), "a{{key}}bc{{now | iso}}d");
  EXPECT_EQ(rendered(text), "ak-1bc2023-11-14T22:13:20.005Zd");
  text.append(text);
  EXPECT_EQ(rendered(text), "ak-1bc2023-11-14T22:13:20.005Zdak-1bc2023-11-14T22:13:20.005Zd");
  Template empty;
  empty.append_literal("x");
  EXPECT_TRUE(empty.is_literal());
  EXPECT_EQ(empty.literal(), "x");
}

TEST(Template, RendersWithoutAllocatingWhenThereIsRoom) {
  const Template text = *Template::parse(
      "POST /p/{{seq}} {{key}} {{run}} {{now}} {{now|unix_ms}} {{now|iso}} {{now|http}} "
      "{{payment}}",
      names());
  const auto document = parse_toml(
      "j = { a = \"{{payment}}\", b = \"x{{payment}}\", c = \"{{seq}}\", d = \"{{now|iso}}\" }",
      "p");
  const Template json = *Template::from_json(*document->find("j"), names());
  std::string out;
  out.reserve(2000);
  const RenderContext values = context();
  const std::size_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    out.clear();
    text.render(values, out);
    json.render(values, out);
  }
  EXPECT_EQ(allocations, before);
  EXPECT_GT(out.size(), 150U);
}

}  // namespace
}  // namespace squall::expr
