// Templates as text and as a JSON string: what parses prints its source, which parses to the same;
// JSON stays JSON.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/expr/expectation_eval.hpp"
#include "loadgen/expr/feeder.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/expr/value.hpp"

namespace {

using namespace squall;
using namespace squall::expr;

std::string rendered(const Template& text) {
  static const std::string kBody = "{\"body\":\"\x01\"}";
  static const std::array<std::string, 2> kExtracted{"pay \"1\" \\ \n\x01", "42"};
  std::string out;
  text.render({.key = "k\"ey",
               .sequence = 17,
               .run_id = "run",
               .now = WallTime(std::chrono::seconds(1'700'000'000)),
               .extracted = kExtracted,
               .chance = 7,
               .body = {&kBody, kBody.size()}},
              out);
  return out;
}

const FeederSet& feeders() {
  static const FeederSet all = [] {
    FeederRows rows({"email", "age"});
    for (const std::string_view cell : {"a\"@b", "1", "c\n\\", "2"}) {
      rows.add_cell(cell);
    }
    FeederSet set;
    set.add(std::make_shared<const Feeder>("users", std::move(rows), FeederOrder::kShuffled, 3));
    return set;
  }();
  return all;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  Scope scope([](const std::string& name) {
    return name == "SECRET" ? std::optional<std::string>("s\"{{") : std::nullopt;
  });
  scope.define("var.x", "x");
  const TemplateNames names{
      .extracted = {"payment", "order"}, .feeders = &feeders(), .body = true, .scope = &scope};
  const auto parsed = Template::parse(text, names);
  if (parsed) {
    const auto again = Template::parse(parsed->source(), names);
    SQUALL_CHECK(again.has_value());
    SQUALL_CHECK(rendered(*again) == rendered(*parsed));
    SQUALL_CHECK(!parsed->is_literal() || rendered(*parsed) == text);
  } else {
    SQUALL_CHECK(parsed.error().where && parsed.error().where->column >= 1 &&
                 parsed.error().where->column <= size + 1);
  }

  const Value object{Table{{text, {}, Value{text, {}}}}, {}};
  const auto json = Template::from_json(object, names);
  SQUALL_CHECK(json.has_value() == parsed.has_value());
  if (json && is_ascii(text)) {
    AnswerChecker checker;
    const std::string body = rendered(*json);
    checker.begin(200, body);
    SQUALL_CHECK(checker.meets({Expectation::JsonExists{""}, ""}));
  }

  static_cast<void>(scope.substitute(text));
  static_cast<void>(scope.typed(text));
  return 0;
}
