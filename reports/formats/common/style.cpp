#include "reports/formats/common/style.hpp"

#include <fmt/core.h>

namespace squall::reports {
namespace {

std::string_view code_of(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kStrong:
      return "1";
    case Tone::kDim:
      return "2";
    case Tone::kGood:
      return "32";
    case Tone::kWarn:
      return "33";
    case Tone::kBad:
      return "31";
  }
  return "";
}

}  // namespace

std::string Style::paint(Tone tone, std::string_view text) const {
  const std::string_view code = code_of(tone);
  if (!color_ || code.empty() || text.empty()) {
    return std::string(text);
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

Tone tone_of(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::kPass:
      return Tone::kGood;
    case model::Verdict::kFail:
      return Tone::kBad;
    case model::Verdict::kInvalid:
    case model::Verdict::kInconclusive:
      return Tone::kWarn;
  }
  return Tone::kPlain;
}

}  // namespace squall::reports
