#include "loadgen/effects/effect_page.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "loadgen/effects/json_pointer.hpp"

namespace squall::effects {
namespace {

using nlohmann::json;

tl::unexpected<Error> malformed(std::string message) {
  return fail(ErrorCode::kMalformed, std::move(message));
}

Result<void> add_item(const json& item, std::size_t position, const PageLayout& layout,
                      EffectPage& page) {
  const std::string name = "item " + std::to_string(position);
  const json* key_value = find_json(item, layout.key);
  const std::optional<std::string> key = key_value == nullptr ? std::nullopt : as_key(*key_value);
  if (!key) {
    return malformed(name + " has no key at \"" + layout.key +
                     "\": " + shown(key_value == nullptr ? item : *key_value));
  }
  std::uint64_t effects = 1;
  if (layout.count) {
    const json* count_value = find_json(item, *layout.count);
    const Result<std::uint64_t> count =
        count_value == nullptr
            ? Result<std::uint64_t>(malformed("there is nothing at \"" + *layout.count + "\""))
            : as_count(*count_value);
    if (!count) {
      page.undecided.insert(*key);
      if (page.undecided_reason.empty()) {
        page.undecided_reason = name + ": " + count.error().message;
      }
      return {};
    }
    effects = *count;
  }
  std::uint64_t& total = page.counts[*key];
  total = add_counts(total, effects);
  return {};
}

Result<std::optional<std::string>> read_next(const json& document, const std::string& pointer) {
  const json* value = find_json(document, pointer);
  const bool none = value == nullptr || value->is_null() ||
                    (value->is_boolean() && !value->get<bool>()) || *value == "";
  if (none) {
    return std::optional<std::string>();
  }
  std::optional<std::string> next = as_key(*value);
  if (!next) {
    return malformed("\"" + pointer + "\" names no next page: " + shown(*value));
  }
  return next;
}

bool says_more(const json& value) {
  return value.is_boolean() ? value.get<bool>()
                            : (value.is_string() && value != "") || value.is_number_unsigned();
}

// The names that list APIs give to the way to their next page.
std::string unread_next(const json& document) {
  for (const char* pointer :
       {"/next", "/next_cursor", "/nextCursor", "/next_page", "/nextPage", "/next_page_token",
        "/nextPageToken", "/next_token", "/nextToken", "/next_url", "/links/next", "/_links/next",
        "/_links/next/href", "/paging/next", "/pagination/next", "/meta/next", "/has_more",
        "/hasMore"}) {
    const json* value = find_json(document, pointer);
    if (value != nullptr && says_more(*value)) {
      return "\"" + std::string(pointer) + "\": " + shown(*value);
    }
  }
  return {};
}

}  // namespace

std::uint64_t add_counts(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return a > kMost - b ? kMost : a + b;
}

Result<EffectPage> read_page(std::string_view body, const PageLayout& layout) {
  const Result<json> document = parse_json(body);
  if (!document) {
    return fail(document.error());
  }
  const json* items = find_json(*document, layout.items);
  if (items == nullptr || !items->is_array()) {
    return malformed("the answer has no list at \"" + layout.items + "\": " + shown(*document));
  }
  EffectPage page;
  std::size_t position = 0;
  for (const json& item : *items) {
    if (const Result<void> added = add_item(item, position, layout, page); !added) {
      return fail(added.error());
    }
    ++position;
  }
  if (layout.next) {
    Result<std::optional<std::string>> next = read_next(*document, *layout.next);
    if (!next) {
      return fail(next.error());
    }
    page.next = std::move(*next);
  } else {
    page.unread_next = unread_next(*document);
  }
  return page;
}

Result<std::uint64_t> read_count(std::string_view body, std::string_view pointer) {
  const Result<json> document = parse_json(body);
  if (!document) {
    return fail(document.error());
  }
  const json* value = find_json(*document, pointer);
  if (value == nullptr) {
    return malformed("there is nothing at \"" + std::string(pointer) + "\": " + shown(*document));
  }
  return as_count(*value);
}

}  // namespace squall::effects
