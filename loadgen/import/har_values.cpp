#include "loadgen/import/har_values.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/extraction.hpp"
#include "loadgen/expr/json_place.hpp"
#include "loadgen/import/draft.hpp"

namespace squall::import {
namespace {

constexpr DocumentLimits kAnswerLimits{.bytes = 1024UL * 1024, .depth = 100, .values = 100'000};
constexpr std::size_t kShortest = 8;  // of a value that is taken
constexpr std::size_t kLongest = 4096;
constexpr std::size_t kMostGiven = 200'000;
// Of answers that are not JSON, for comments alone.
constexpr std::size_t kShortestInText = 16;
constexpr std::size_t kMostText = 4UL * 1024 * 1024;
constexpr unsigned kMostLookUps = 500;

// No byte that a URL, a form, a header or JSON would write otherwise.
bool suits(std::string_view value) {
  return value.size() >= kShortest && value.size() <= kLongest &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_' || c == '~';
         });
}

// A word of a language is the same everywhere; an id or a token has a digit, or both cases.
bool looks_made(std::string_view value) {
  const auto has = [&](char low, char high) {
    return std::any_of(value.begin(), value.end(), [&](char c) { return c >= low && c <= high; });
  };
  return has('0', '9') || (has('a', 'z') && has('A', 'Z'));
}

void collect(const Node& node, std::vector<std::string>& values) {
  if (const std::string* text = node.as_string()) {
    values.push_back(*text);
  }
  if (const auto* items = node.as_list()) {
    for (const Node& item : *items) {
      collect(item, values);
    }
  }
  if (const auto* members = node.as_object()) {
    for (const Member& member : *members) {
      collect(member.value, values);
    }
  }
}

void collect_pairs(std::string_view pairs, std::vector<std::string>& values) {
  for (const std::string_view pair : split(pairs, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) {
      values.emplace_back(pair.substr(equals + 1));
    }
  }
}

// Everything that stands alone at a place where fill_step() puts known values.
std::vector<std::string> values_of(const RecordedRequest& request) {
  std::vector<std::string> values;
  const std::string_view target = request.target;
  const std::size_t query = std::min(target.find('?'), target.size());
  for (const std::string_view segment : split(target.substr(0, query), '/')) {
    values.emplace_back(segment);
  }
  if (query < target.size()) {
    collect_pairs(target.substr(query + 1), values);
  }
  for (const auto& [name, value] : request.headers) {
    if (!equals_ignoring_case(name, "Cookie")) {
      values.push_back(value.substr(value.rfind(' ') + 1));
    }
  }
  if (request.body) {
    const std::string_view start = trim(*request.body);
    if (start.starts_with('{') || start.starts_with('[')) {
      if (const auto json = read_json(*request.body, "", kAnswerLimits)) {
        collect(*json, values);
      }
    } else {
      collect_pairs(*request.body, values);
    }
  }
  values.erase(std::remove_if(values.begin(), values.end(),
                              [](const std::string& value) { return !suits(value); }),
               values.end());
  return values;
}

}  // namespace

KnownValues HarValues::sent(const RecordedRequest& request, std::vector<std::string>& comments) {
  KnownValues known;
  for (const std::string& value : values_of(request)) {
    const auto given = given_.find(value);
    if (given == given_.end()) {
      look_in_texts(value, comments);
    } else {
      Given& source = given->second;
      if (source.name.empty()) {
        source.name = name_for(source.pointer);
        extractions_[source.step].push_back(
            {source.name, {}, toml_value("json " + source.pointer)});
      }
      known.emplace(value, source.name);
    }
    sent_.insert(value);
  }
  return known;
}

void HarValues::answered(std::size_t step, const std::string& step_name, std::string_view text) {
  const std::string_view start = trim(text.substr(0, kMostText));
  if (start.starts_with('{') || start.starts_with('[')) {
    if (const auto json = read_json(text, "", kAnswerLimits)) {
      give(*json, "", step);
      return;
    }
  }
  if (!text.empty() && text_bytes_ + text.size() <= kMostText) {
    text_bytes_ += text.size();
    texts_.push_back({step_name, text});
  }
}

// A value that is given again is that of the last answer: a token may go round.
void HarValues::give(const Node& node, const std::string& pointer, std::size_t step) {
  if (const auto* items = node.as_list()) {
    for (std::size_t i = 0; i < items->size(); ++i) {
      give((*items)[i], expr::pointer_to(pointer, std::to_string(i)), step);
    }
  }
  if (const auto* members = node.as_object()) {
    for (const Member& member : *members) {
      give(member.value, expr::pointer_to(pointer, member.key), step);
    }
  }
  const std::string* text = node.as_string();
  if (text == nullptr || !suits(*text) || !looks_made(*text) || sent_.contains(*text) ||
      given_.size() >= kMostGiven || pointer.empty() ||
      !expr::parse_extraction("value", "json " + pointer)) {
    return;
  }
  given_.insert_or_assign(*text, Given{step, pointer, {}});
}

// The last key of the pointer, made different from the names that templates have.
std::string HarValues::name_for(const std::string& pointer) {
  std::string key;
  for (const std::string_view part : split(pointer, '/')) {
    const bool index = part.find_first_not_of("0123456789") == std::string_view::npos;
    key = index ? key : std::string(part);
  }
  for (std::size_t at = 0; (at = key.find('~', at)) != std::string::npos;) {
    key.replace(at, 2, "-");
  }
  std::string name = names_.unique(key, "value");
  if (!expr::parse_extraction(name, "json " + pointer)) {
    name = names_.unique("the-" + name, "value");
  }
  return name;
}

void HarValues::look_in_texts(const std::string& value, std::vector<std::string>& comments) {
  if (value.size() < kShortestInText || !looks_made(value) || sent_.contains(value) ||
      looked_up_ >= kMostLookUps) {
    return;
  }
  ++looked_up_;
  const auto text = std::find_if(texts_.begin(), texts_.end(), [&](const Text& one) {
    return one.text.find(value) != std::string_view::npos;
  });
  if (text != texts_.end()) {
    comments.push_back(
        fmt::format("A value of {} characters that this request sends stands in the answer of {}, "
                    "which is no JSON: take it from there with `extract` and a regex.",
                    value.size(), text->step_name));
  }
}

}  // namespace squall::import
