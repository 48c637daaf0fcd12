// How far another host's wall clock is from ours, from the Date headers of its answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"

namespace squall {

// "Tue, 14 Nov 2023 22:13:20 GMT" (IMF-fixdate of RFC 9110), the whole text. Nothing for anything
// else and for years before 1970 and after 2199.
[[nodiscard]] std::optional<WallTime> parse_http_date(std::string_view text);

// The value of the Date field in a response's head, up to the empty line; nothing without one.
[[nodiscard]] std::optional<WallTime> date_of(std::string_view response);

// Narrows with each answer: a Date names a whole second of the other clock that had begun between
// our sending the request and our having the answer. One thread.
class ClockEstimate {
 public:
  // `date`: what the answer said; `asked`, `answered`: by our clock.
  void add(WallTime date, WallTime asked, WallTime answered);

  [[nodiscard]] bool is_known() const { return answers_ > 0 && !is_unsteady(); }
  // The answers contradict each other: that clock, or ours, was moved meanwhile.
  [[nodiscard]] bool is_unsteady() const { return answers_ > 0 && least_ > most_; }
  // The other clock is ahead of ours by `least` to `most`; negative: behind. REQUIRES: is_known().
  [[nodiscard]] Duration least() const { return least_; }
  [[nodiscard]] Duration most() const { return most_; }
  // "3600.0s ahead (±0.50s)"; "not known".
  [[nodiscard]] std::string text() const;

 private:
  unsigned answers_ = 0;
  Duration least_ = Duration::min();
  Duration most_ = Duration::max();
};

}  // namespace squall
