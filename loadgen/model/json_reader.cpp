#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/units.hpp"
#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/slice.hpp"
#include "loadgen/stats/histogram_codec.hpp"

namespace squall::model {
namespace {

using nlohmann::json;

// More than any run leaves: a cell of four histograms needs 0.8 MiB, and the number of cells is
// capped.
constexpr std::size_t kMostHistogramBytes = std::size_t{1} << 30;
constexpr std::uint64_t kMostUnsigned = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void JsonReader::refuse(std::string_view key, std::string_view problem) {
  if (ok()) {
    const std::string place = pointer() + (key.empty() ? "" : fmt::format("/{}", key));
    context_->error = Error{
        ErrorCode::kMalformed, fmt::format("{}: {}", place.empty() ? "/" : place, problem), {}};
  }
}

std::string JsonReader::pointer() const {
  if (parent_ == nullptr) {
    return "";
  }
  std::string text = fmt::format("{}/{}", parent_->pointer(), key_);
  return index_ > 0 ? fmt::format("{}/{}", text, index_ - 1) : text;
}

std::size_t JsonReader::size_of(const json& array) {
  return array.size();
}

const json& JsonReader::item_of(const json& array, std::size_t index) {
  return array[index];
}

bool JsonReader::require_object() {
  if (!value_->is_object()) {
    refuse("", "expected an object");
  }
  return ok();
}

const json* JsonReader::find(std::string_view key, Kind kind, Missing missing) {
  if (!ok() || !require_object()) {
    return nullptr;
  }
  const auto found = value_->find(key);
  if (found == value_->end()) {
    if (missing == Missing::kNever || (missing == Missing::kByStyle && !compact())) {
      refuse(key, "is missing");
    }
    return nullptr;
  }
  bool right = true;
  std::string_view expected;
  switch (kind) {
    case Kind::kAny:
      break;
    case Kind::kObject:
      right = found->is_object();
      expected = "expected an object";
      break;
    case Kind::kArray:
      right = found->is_array();
      expected = "expected a list";
      break;
    case Kind::kString:
      right = found->is_string();
      expected = "expected a text";
      break;
    case Kind::kBool:
      right = found->is_boolean();
      expected = "expected true or false";
      break;
  }
  if (!right) {
    refuse(key, expected);
    return nullptr;
  }
  return &*found;
}

std::optional<std::uint64_t> JsonReader::unsigned_at(std::string_view key, std::uint64_t most,
                                                     Missing missing) {
  const json* value = find(key, Kind::kAny, missing);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > most) {
    refuse(key, fmt::format("expected a whole number from 0 to {}", most));
    return std::nullopt;
  }
  return value->get<std::uint64_t>();
}

std::optional<std::int64_t> JsonReader::signed_at(std::string_view key) {
  const json* value = find(key, Kind::kAny);
  if (value == nullptr) {
    return std::nullopt;
  }
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool fits = value->is_number_unsigned() ? value->get<std::uint64_t>() <= kMost
                                                : value->is_number_integer();
  if (!fits) {
    refuse(key, "expected a whole number of 64 bits");
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

void JsonReader::field(std::string_view key, std::uint64_t& value) {
  value = unsigned_at(key, kMostUnsigned, Missing::kByStyle).value_or(value);
}

void JsonReader::field(std::string_view key, std::uint32_t& value) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  value = static_cast<std::uint32_t>(unsigned_at(key, kMost, Missing::kByStyle).value_or(value));
}

void JsonReader::field(std::string_view key, std::int64_t& value) {
  value = signed_at(key).value_or(value);
}

void JsonReader::field(std::string_view key, int& value) {
  const std::int64_t number = signed_at(key).value_or(value);
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) {
    refuse(key, "expected a whole number of 32 bits");
    return;
  }
  value = static_cast<int>(number);
}

void JsonReader::field(std::string_view key, bool& value) {
  if (const json* found = find(key, Kind::kBool)) {
    value = found->get<bool>();
  }
}

void JsonReader::field(std::string_view key, double& value) {
  const json* found = find(key, Kind::kAny);
  if (found == nullptr) {
    return;
  }
  if (found->is_null()) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (found->is_number()) {
    value = found->get<double>();
  } else {
    refuse(key, "expected a number or null");
  }
}

void JsonReader::field(std::string_view key, std::string& value) {
  if (const json* found = find(key, Kind::kString)) {
    value = found->get_ref<const std::string&>();
  }
}

void JsonReader::field(std::string_view key, std::vector<std::string>& value) {
  const json* found = find(key, Kind::kArray);
  if (found == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    if (!(*found)[i].is_string()) {
      refuse(fmt::format("{}/{}", key, i), "expected a text");
      return;
    }
    value.push_back((*found)[i].get_ref<const std::string&>());
  }
}

void JsonReader::field(std::string_view key, Duration& value) {
  value = Duration(signed_at(key).value_or(value.count()));
}

void JsonReader::always(std::string_view key, std::uint32_t& value) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  value = static_cast<std::uint32_t>(unsigned_at(key, kMost, Missing::kNever).value_or(value));
}

void JsonReader::always(std::string_view key, bool& value) {
  if (const json* found = find(key, Kind::kBool, Missing::kNever)) {
    value = found->get<bool>();
  }
}

void JsonReader::always(std::string_view key, std::string& value) {
  if (const json* found = find(key, Kind::kString, Missing::kNever)) {
    value = found->get_ref<const std::string&>();
  }
}

void JsonReader::sparse(std::string_view key, std::uint64_t& value) {
  value = unsigned_at(key, kMostUnsigned, Missing::kAlways).value_or(value);
}

void JsonReader::sparse(std::string_view key, std::uint32_t& value) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  value = static_cast<std::uint32_t>(unsigned_at(key, kMost, Missing::kAlways).value_or(value));
}

void JsonReader::sparse(std::string_view key, std::string& value) {
  if (const json* found = find(key, Kind::kString, Missing::kAlways)) {
    value = found->get_ref<const std::string&>();
  }
}

void JsonReader::mark(std::string_view key, bool& value) {
  const json* found = find(key, Kind::kBool, Missing::kAlways);
  value = found != nullptr && found->get<bool>();
}

void JsonReader::maybe(std::string_view key, std::int64_t& value) {
  const json* found = find(key, Kind::kAny);
  if (found == nullptr || found->is_null()) {
    value = -1;
    return;
  }
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  value = static_cast<std::int64_t>(unsigned_at(key, kMost, Missing::kByStyle).value_or(0));
}

std::optional<std::uint16_t> JsonReader::index_from(const json& value, JsonTable table) const {
  if (value.is_null() && table == JsonTable::kSteps) {
    return kOverflowStep;
  }
  if (value.is_number_unsigned() && value.get<std::uint64_t>() < kOverflowStep) {
    return static_cast<std::uint16_t>(value.get<std::uint64_t>());
  }
  if (!value.is_string()) {
    return std::nullopt;
  }
  return context_->names.at(static_cast<std::size_t>(table))
      .index_of(value.get_ref<const std::string&>());
}

void JsonReader::reference(std::string_view key, JsonTable table, std::uint16_t& index) {
  const json* value = find(key, Kind::kAny, Missing::kNever);
  if (value == nullptr) {
    return;
  }
  const std::optional<std::uint16_t> found = index_from(*value, table);
  if (!found) {
    refuse(key, "names nothing that the record lists");
  }
  index = found.value_or(index);
}

void JsonReader::references(std::string_view key, JsonTable table,
                            std::vector<std::uint16_t>& indices) {
  const json* list = find(key, Kind::kArray);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const std::optional<std::uint16_t> found = index_from((*list)[i], table);
    if (!found) {
      refuse(fmt::format("{}/{}", key, i), "names nothing that the record lists");
      return;
    }
    indices.push_back(*found);
  }
}

void JsonReader::numbers(std::string_view key, std::vector<std::uint64_t>& values) {
  const json* list = find(key, Kind::kArray);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const json& value = (*list)[i];
    if (!value.is_number_unsigned()) {
      refuse(fmt::format("{}/{}", key, i), "expected a whole number that is not negative");
      return;
    }
    values.push_back(value.get<std::uint64_t>());
  }
}

void JsonReader::histogram(std::string_view key, stats::Histogram& histogram, JsonUnit /*unit*/) {
  object(key, [&](JsonReader& inner) {
    std::uint64_t count = 0;
    std::uint64_t overflow = 0;
    std::string text;
    inner.field("count", count);
    inner.field("overflow", overflow);
    inner.always("v2", text);
    if (!inner.ok()) {
      return;
    }
    if (!text.empty()) {
      Result<stats::Histogram> decoded = stats::decode_v2_base64(text);
      if (!decoded) {
        inner.refuse("v2", decoded.error().message);
        return;
      }
      if (decoded->layout() != histogram.layout()) {
        inner.refuse("v2", "the histogram has another layout than this figure's");
        return;
      }
      histogram = std::move(*decoded);
    }
    context_->histogram_bytes += histogram.counts().size_bytes();
    if (context_->histogram_bytes > kMostHistogramBytes) {
      inner.refuse("v2", fmt::format("the record's histograms need more than {}",
                                     format_bytes({kMostHistogramBytes})));
    } else if (!compact() && histogram.count() != count) {
      inner.refuse("count", "is not the number of values in the histogram");
    } else if (overflow > kMostUnsigned - histogram.count()) {
      inner.refuse("overflow", "is more than can be counted");
    } else {
      histogram.record_n(std::numeric_limits<std::int64_t>::max(), overflow);
    }
  });
}

}  // namespace squall::model
