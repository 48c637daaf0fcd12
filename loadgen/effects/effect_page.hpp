// One answer of a target that lists or counts effects, read without trusting it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::effects {

// Where things stand in the answer: RFC 6901 pointers; "" is the whole document.
struct PageLayout {
  std::string items;  // the list
  std::string key;    // inside an item
  std::optional<std::string> count =
      {};                                // inside an item: how many effects it stands for; else one
  std::optional<std::string> next = {};  // where the next page is
};

struct EffectPage {
  std::map<std::string, std::uint64_t, std::less<>> counts;
  std::set<std::string, std::less<>> undecided;  // keys whose count made no sense, with …
  std::string undecided_reason;                  // … the first reason
  std::optional<std::string>
      next;  // a URL or a value; nothing on the last page (absent, null, false or "")
  // What looks like the way to a next page though the layout names none: `"/next": 500`. Empty when
  // nothing does.
  std::string unread_next;
};

// kMalformed when the answer is no JSON, has no list where it should be, or an item has no usable
// key: then it is not known whose effects are missing. An item with a key and a senseless count
// makes that key undecided.
[[nodiscard]] Result<EffectPage> read_page(std::string_view body, const PageLayout& layout);

// The number at `pointer`. kMalformed when there is none.
[[nodiscard]] Result<std::uint64_t> read_count(std::string_view body, std::string_view pointer);

// a + b, at most 2^64 - 1.
[[nodiscard]] std::uint64_t add_counts(std::uint64_t a, std::uint64_t b);

}  // namespace squall::effects
