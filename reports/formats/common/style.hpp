// Colours of terminal output, or none.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/model/verdict.hpp"

namespace squall::reports {

enum class Tone { kPlain, kStrong, kDim, kGood, kWarn, kBad };

// A value. Paints with the eight ANSI colours only, so that every theme stays readable.
class Style {
 public:
  explicit Style(bool color) : color_(color) {}
  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;

 private:
  bool color_;
};

[[nodiscard]] Tone tone_of(model::Verdict verdict);

}  // namespace squall::reports
