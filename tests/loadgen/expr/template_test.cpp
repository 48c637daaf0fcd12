#include "loadgen/expr/template.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/expr/feeder.hpp"
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
      {"{{now +5m}}", "1700000300"},
      {"{{now -30s | unix}}", "1699999970"},
      {"{{now +1h30m | iso}}", "2023-11-14T23:43:20.005Z"},
      {"{{now | strftime \"%Y%m%dT%H%M%SZ\"}}", "20231114T221320Z"},
      {"{{now | iso | urlencode}}", "2023-11-14T22%3A13%3A20.005Z"},
      {"{{key | upper}}", "K-1"},
      {"{{key|base64|lower}}", "ay0x"},
      {"{{\"user:p|w}}d\" | base64}}", "dXNlcjpwfHd9fWQ="},
      {"{{\"\\\"{{key}}\\\" \\{{\" | upper}}", "\"K-1\" {{"},
      {"{{'{\"a\":{\"b\":{{seq}}}}' | trim}}", "{\"a\":{\"b\":17}}"},
      {"{{\"{{\"{{seq}}-\" | base64}}\" | hex}}", "4d546374"},  // hex of "MTct"
      {"{{payment | json}}", "\"pay-\\\"1\\\"\\n\""},
      {"{{\"abc\" | sha256}}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"{{\"abc\" | sha256 | base64}}", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="},
      {"{{\"abc\" | sha256 | upper}}",
       "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"},
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
      {"a {{kee}}", ErrorCode::kInvalidArgument, 5,
       "{{kee}} is not known here; did you mean {{key}}?"},
      {"{{paymnet}}", ErrorCode::kInvalidArgument, 3,
       "{{paymnet}} is not known here; did you mean {{payment}}?"},
      {"{{zzzzzzzz}}", ErrorCode::kInvalidArgument, 3,
       "{{zzzzzzzz}} is not known here; known are key, seq, index, run, caller, now, payment "
       "or order-id, and functions (plans/README.md, Templates)"},
      {"{{}}", ErrorCode::kInvalidArgument, 3,
       "{{}} is not known here; known are key, seq, index, run, caller, now, payment "
       "or order-id, and functions (plans/README.md, Templates)"},
      {"{{now | rfc}}", ErrorCode::kInvalidArgument, 9,
       "there is no filter \"rfc\"; write unix, unix_ms, iso, http, strftime, base64, base64url, "
       "hex, urlencode, sha256, lower, upper, trim or json"},
      {"{{now | }}", ErrorCode::kInvalidArgument, 8,
       "there is no filter \"\"; write unix, unix_ms, iso, http, strftime, base64, base64url, "
       "hex, urlencode, sha256, lower, upper, trim or json"},
      {"{{now | isso}}", ErrorCode::kInvalidArgument, 9,
       "there is no filter \"isso\"; did you mean \"iso\"?"},
      {"{{key | base46}}", ErrorCode::kInvalidArgument, 9,
       "there is no filter \"base46\"; did you mean \"base64\"?"},
      {"{{seq | iso}}", ErrorCode::kInvalidArgument, 9,
       "iso is a format of {{now}} and stands right behind it, not behind {{seq}}"},
      {"{{now | upper | iso}}", ErrorCode::kInvalidArgument, 17,
       "iso is a format of {{now}} and stands right behind it, not behind {{now}}"},
      {"{{seq 5}}", ErrorCode::kInvalidArgument, 7, "{{seq}} takes no argument"},
      {"{{key | upper 5}}", ErrorCode::kInvalidArgument, 15, "upper takes no argument"},
      {"{{now 5m}}", ErrorCode::kInvalidArgument, 7,
       "\"5m\" is no offset of {{now}}; write for example +5m or -30s"},
      {"{{now +5m +1s}}", ErrorCode::kInvalidArgument, 11,
       "{{now}} takes one argument, such as +5m or -30s"},
      {"{{now | strftime}}", ErrorCode::kInvalidArgument, 9,
       "strftime takes a format in quotes, such as \"%Y-%m-%d\""},
      {"{{now | strftime \"%q\"}}", ErrorCode::kInvalidArgument, 18,
       "this is no format for a time; write for example \"%Y-%m-%dT%H:%M:%SZ\""},
      {"{{uuidd}}", ErrorCode::kInvalidArgument, 3,
       "{{uuidd}} is not known here; did you mean {{uuid}}?"},
      {"{{rand_int 1}}", ErrorCode::kInvalidArgument, 3,
       "rand_int takes LOW HIGH; write for example {{rand_int 1 100}}"},
      {"{{rand_int 1 x}}", ErrorCode::kInvalidArgument, 14,
       "rand_int: an integer from -9223372036854775808 to 9223372036854775807 was expected, not x"},
      {"{{rand_int 5 4}}", ErrorCode::kInvalidArgument, 14, "rand_int: 4 is below 5"},
      {"{{\"a{{kee}}\" | hex}}", ErrorCode::kInvalidArgument, 7,
       "{{kee}} is not known here; did you mean {{key}}?"},
      {"{{\"a\\q\" | hex}}", ErrorCode::kInvalidArgument, 5,
       "\"\\q\" is no escape; in quotes there are \\\" \\\\ \\n \\r \\t \\{ and \\}"},
      {"{{\"open}}", ErrorCode::kMalformed, 1, "\"{{\"open}}\" has no closing \"}}\""},
      {"x{{body}}", ErrorCode::kInvalidArgument, 4,
       "{{body}} is known in the headers of a request, nowhere else"},
      {"ab{{key", ErrorCode::kMalformed, 3, "\"{{key\" has no closing \"}}\""},
      {"{{", ErrorCode::kMalformed, 1, "\"{{\" has no closing \"}}\""},
      {"{{k\ney}}", ErrorCode::kMalformed, 1, "\"{{k\\x0aey}}\" has no closing \"}}\""},
      {"{{\x1b[31m}}", ErrorCode::kInvalidArgument, 3,
       "{{\\x1b[31m}} is not known here; known are key, seq, index, run, caller, now, payment "
       "or order-id, and functions (plans/README.md, Templates)"},
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
      {"{ n = \"{{rand_int 7 7}}\", t = \"{{rand_int 7 7 | lower}}\", p = '{{pick \"7\"}}' }",
       R"({"n":7,"t":"7","p":"7"})"},
      {"{ s = '{{\"a\\\"b\" | trim}}', l = '<{{\"a\\\"b\" | trim}}>' }",
       R"({"s":"a\"b","l":"<a\"b>"})"},
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

TEST(Template, KnowsWhatItsArgumentsUse) {
  const auto parsed = [](std::string_view text) {
    TemplateNames all = names();
    all.body = true;
    return *Template::parse(text, all);
  };
  const Template drawn = parsed("{{rand_int 1 9}}");
  EXPECT_TRUE(drawn.uses(Token::kDraw));
  EXPECT_FALSE(drawn.is_volatile());
  EXPECT_FALSE(drawn.reads_clock());
  EXPECT_TRUE(parsed("{{totp \"JBSWY3DP\"}}").reads_clock());
  EXPECT_TRUE(parsed("{{totp \"JBSWY3DP\"}}").is_volatile());
  EXPECT_TRUE(parsed("{{uuid7}}").reads_clock());
  EXPECT_FALSE(parsed("{{uuid}}").reads_clock());
  EXPECT_TRUE(parsed("{{hmac \"sha256\" \"s\" \"{{now}}.{{body}}\"}}").reads_clock());
  EXPECT_TRUE(parsed("{{hmac \"sha256\" \"s\" \"{{now}}.{{body}}\"}}").uses(Token::kBody));
  EXPECT_FALSE(parsed("{{hmac \"sha256\" \"s\" \"{{key}}\"}}").reads_clock());
  EXPECT_TRUE(parsed("{{\"{{\"{{key}}\" | hex}}\" | sha256}}").uses(Token::kKey));
  EXPECT_TRUE(parsed("{{jwt \"HS256\" \"s\" '{\"iat\":{{now}}}'}}").reads_clock());
}

TEST(Template, WritesWhatAHeaderAndAPathCanCarry) {
  Template header = *Template::parse("a {{payment}} {{\"x\\r\\ny\" | trim}}", names());
  header.set_encoding(Encoding::kHeader);
  EXPECT_EQ(rendered(header), "a pay-\"1\"  x  y");
  Template path = *Template::parse("/a b/{{payment}}/{{seq}}", names());
  path.set_encoding(Encoding::kPath);
  EXPECT_EQ(rendered(path), "/a b/pay-%221%22%0A/17");
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
  FeederRows rows({"email"});
  rows.add_cell("somebody-with-a-long-name@example.org");
  FeederSet feeders;
  feeders.add(std::make_shared<const Feeder>("users", std::move(rows), FeederOrder::kShuffled, 1));
  TemplateNames all = names();
  all.feeders = &feeders;
  const Template text = *Template::parse(
      "POST /p/{{seq}} {{key}} {{run}} {{now}} {{now|unix_ms}} {{now|iso}} {{now|http}} "
      "{{payment}} {{users.email}} {{uuid}} {{uuid7}} {{rand_int 1 100}} {{rand_float 0 1}} "
      "{{rand_string 40}} {{pick \"a\" \"b{{seq}}\"}} {{zipf 1000 1.1}} {{normal 10 2 3}} "
      "{{now +5m | strftime \"%d.%m.%Y\"}} {{key | base64}} {{key | urlencode}} {{key | upper}}",
      all);
  const auto document = parse_toml(
      "j = { a = \"{{payment}}\", b = \"x{{payment}}\", c = \"{{seq}}\", d = \"{{now|iso}}\" }",
      "p");
  const Template json = *Template::from_json(*document->find("j"), names());
  std::string out;
  out.reserve(20000);
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
