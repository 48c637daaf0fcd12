// An expectation in the first line, an answer's body behind it: neither the one nor the other
// throws, and what is said of hostile bodies is printable.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/expr/expectation.hpp"
#include "loadgen/expr/expectation_eval.hpp"

namespace {

using namespace squall::expr;

bool is_printable(std::string_view message) {
  return message.find_first_of(std::string_view("\x00\x1b\n\r\x7f", 5)) == std::string_view::npos;
}

void judge(AnswerChecker& checker, const Expectation& expectation) {
  const bool met = checker.meets(expectation);
  SQUALL_CHECK(met == checker.meets(expectation));
  SQUALL_CHECK(is_printable(checker.describe(expectation)));
  if (const auto* json = std::get_if<Expectation::JsonCompare>(&expectation.condition)) {
    // Nothing can be compared that is not there.
    SQUALL_CHECK(met == expectation.negated ||
                 checker.meets({Expectation::JsonExists{json->pointer}, ""}));
  }
}

// Its text with names filled in, when it has any.
void judge_filled(AnswerChecker& checker, const Expectation& expectation) {
  const auto text = expected_text(expectation, {.extracted = {"x"}});
  if (text && *text) {
    SQUALL_CHECK(checker.meets(expectation, &**text) !=
                 checker.meets({expectation.condition, "", !expectation.negated}, &**text));
    SQUALL_CHECK(checker.wanted(expectation, &**text).starts_with(expectation.source));
  } else if (!text) {
    const auto& where = text.error().where;
    SQUALL_CHECK(where && where->column >= 1 && where->column <= expectation.source.size() + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  const std::string_view first = std::string_view(text).substr(0, line_end);
  const std::string_view body = std::string_view(text).substr(std::min(line_end + 1, text.size()));

  static AnswerChecker checker;
  // The answer's header fields are the body's lines: whatever stands there, it is only looked at.
  checker.begin({.status = 200,
                 .body = body,
                 .head = body,
                 .body_bytes = body.size(),
                 .service = std::chrono::milliseconds(250)});
  const auto expectation = parse_expectation(first);
  if (expectation) {
    judge(checker, *expectation);
    judge_filled(checker, *expectation);
  } else {
    const auto& error = expectation.error();
    SQUALL_CHECK(error.where && error.where->column >= 1 &&
                 error.where->column <= first.size() + 1);
    SQUALL_CHECK(is_printable(error.message));
  }
  static const std::array<Expectation, 3> kFixed{
      Expectation{Expectation::JsonExists{""}, ""},
      Expectation{Expectation::JsonCompare{"/a/0/b", Comparison::kNotEqual, "x"}, ""},
      Expectation{Expectation::JsonCompare{"", Comparison::kLess, 5.0}, ""}};
  for (const Expectation& one : kFixed) {
    judge(checker, one);
  }
  std::string out;
  if (const auto extraction = parse_extraction("x", first)) {
    const bool there = checker.extract(*extraction, out);
    SQUALL_CHECK(there || out.empty());
    SQUALL_CHECK(out.size() <= kMaxExtractedBytes);
    SQUALL_CHECK(there || !extraction->otherwise ||
                 extraction->otherwise->size() > kMaxExtractedBytes || !body.empty());
  }
  SQUALL_CHECK(!checker.extract({"x", ""}, out) || checker.meets(kFixed[0]));
  return 0;
}
