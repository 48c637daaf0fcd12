#include <cmath>

#include <nlohmann/json.hpp>

#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/slice.hpp"
#include "loadgen/stats/histogram_codec.hpp"

namespace squall::model {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kColumns = 120;

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

bool is_leaf(const ordered_json& value) {
  return !value.is_structured() || value.empty();
}

void append_pretty(std::string& out, const ordered_json& value, std::size_t indent);

// The entries of a list or object that is too long for one line: short ones share lines, structured
// ones have their own.
void append_entries(std::string& out, const ordered_json& value, std::size_t indent) {
  const std::string line_break = "\n" + std::string(indent, ' ');
  std::size_t column = kColumns;
  bool previous_leaf = false;
  bool first = true;
  for (auto entry = value.begin(); entry != value.end(); ++entry) {
    std::string text = value.is_object() ? dump(entry.key()) + ": " : "";
    const bool leaf = is_leaf(*entry);
    append_pretty(text, *entry, indent);
    out += first ? "" : ",";
    if (first || !leaf || !previous_leaf || column + text.size() + 2 > kColumns) {
      out += line_break;
      column = indent;
    } else {
      out += ' ';
    }
    out += text;
    column += text.size() + 2;
    previous_leaf = leaf;
    first = false;
  }
}

void append_pretty(std::string& out, const ordered_json& value, std::size_t indent) {
  if (is_leaf(value)) {
    out += dump(value);
    return;
  }
  // Nothing of that many entries fits into a line; saves dumping the whole record at each level.
  constexpr std::size_t kMostEntries = kColumns / 2;
  if (value.size() <= kMostEntries) {
    if (std::string line = dump(value); indent + line.size() <= kColumns) {
      out += line;
      return;
    }
  }
  out += value.is_object() ? '{' : '[';
  append_entries(out, value, indent + 2);
  out += '\n' + std::string(indent, ' ');
  out += value.is_object() ? '}' : ']';
}

ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

void add_figures(ordered_json& out, const stats::Histogram& histogram, std::string_view unit) {
  const auto put = [&](std::string_view name, ordered_json value) {
    std::string key(name);
    key += unit;
    out[std::move(key)] = histogram.empty() ? ordered_json(nullptr) : std::move(value);
  };
  const auto percentile = [&](double at) -> ordered_json {
    const auto interval = stats::percentile_with_interval(histogram, at);
    return interval ? ordered_json(interval->value) : ordered_json(nullptr);
  };
  put("min", histogram.min());
  put("mean", number(std::round(histogram.mean() * 10) / 10));
  put("p50", percentile(50));
  put("p90", percentile(90));
  put("p99", percentile(99));
  put("p999", percentile(99.9));
  put("max", histogram.max());
}

ordered_json reference_to(const JsonNames& names, JsonTable table, std::uint16_t index) {
  if (table == JsonTable::kSteps && index == kOverflowStep) {
    return nullptr;
  }
  const std::optional<std::string> name = names.name_of(index);
  return name ? ordered_json(*name) : ordered_json(index);
}

}  // namespace

JsonNames::JsonNames(std::vector<std::string> names) : names_(std::move(names)) {
  std::map<std::string_view, unsigned> seen;
  for (const std::string& name : names_) {
    ++seen[name];
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(names_.size(), kOverflowStep); ++i) {
    if (seen[names_[i]] == 1) {
      indices_.emplace(names_[i], static_cast<std::uint16_t>(i));
    }
  }
}

std::optional<std::string> JsonNames::name_of(std::uint16_t index) const {
  if (index >= names_.size() || !indices_.contains(names_[index])) {
    return std::nullopt;
  }
  return names_[index];
}

std::optional<std::uint16_t> JsonNames::index_of(std::string_view name) const {
  const auto found = indices_.find(name);
  return found == indices_.end() ? std::nullopt : std::optional(found->second);
}

JsonWriter::JsonWriter(Context& context)
    : context_(&context), value_(std::make_unique<ordered_json>(ordered_json::object())) {}

JsonWriter::~JsonWriter() = default;

void JsonWriter::field(std::string_view key, std::uint64_t value) {
  if (value != 0 || !compact()) {
    (*value_)[std::string(key)] = value;
  }
}

void JsonWriter::field(std::string_view key, std::int64_t value) {
  if (value != 0 || !compact()) {
    (*value_)[std::string(key)] = value;
  }
}

void JsonWriter::field(std::string_view key, bool value) {
  if (value || !compact()) {
    (*value_)[std::string(key)] = value;
  }
}

void JsonWriter::field(std::string_view key, double value) {
  if (value != 0 || !compact()) {
    (*value_)[std::string(key)] = number(value);
  }
}

void JsonWriter::field(std::string_view key, const std::string& value) {
  if (!value.empty() || !compact()) {
    (*value_)[std::string(key)] = value;
  }
}

void JsonWriter::field(std::string_view key, const std::vector<std::string>& value) {
  if (!value.empty() || !compact()) {
    (*value_)[std::string(key)] = value;
  }
}

void JsonWriter::always(std::string_view key, std::uint32_t value) {
  (*value_)[std::string(key)] = value;
}

void JsonWriter::always(std::string_view key, bool value) {
  (*value_)[std::string(key)] = value;
}

void JsonWriter::always(std::string_view key, const std::string& value) {
  (*value_)[std::string(key)] = value;
}

void JsonWriter::sparse(std::string_view key, std::uint64_t value) {
  if (value != 0) {
    (*value_)[std::string(key)] = value;
  }
}

void JsonWriter::sparse(std::string_view key, const std::string& value) {
  if (!value.empty()) {
    (*value_)[std::string(key)] = value;
  }
}

void JsonWriter::mark(std::string_view key, bool value) {
  if (value) {
    (*value_)[std::string(key)] = true;
  }
}

void JsonWriter::maybe(std::string_view key, std::int64_t value) {
  if (value >= 0) {
    (*value_)[std::string(key)] = value;
  } else if (!compact()) {
    (*value_)[std::string(key)] = nullptr;
  }
}

void JsonWriter::reference(std::string_view key, JsonTable table, std::uint16_t index) {
  (*value_)[std::string(key)] =
      reference_to(context_->names.at(static_cast<std::size_t>(table)), table, index);
}

void JsonWriter::references(std::string_view key, JsonTable table,
                            const std::vector<std::uint16_t>& indices) {
  if (indices.empty() && compact()) {
    return;
  }
  ordered_json list = ordered_json::array();
  for (const std::uint16_t index : indices) {
    list.push_back(reference_to(context_->names.at(static_cast<std::size_t>(table)), table, index));
  }
  (*value_)[std::string(key)] = std::move(list);
}

void JsonWriter::histogram(std::string_view key, const stats::Histogram& histogram, JsonUnit unit) {
  if (histogram.empty() && compact()) {
    return;
  }
  ordered_json out = ordered_json::object();
  if (!compact()) {
    out["count"] = histogram.count();
  }
  if (histogram.overflow() > 0 || !compact()) {
    out["overflow"] = histogram.overflow();
  }
  if (!compact()) {
    add_figures(out, histogram, unit == JsonUnit::kMicroseconds ? "_us" : "_ns");
  }
  out["v2"] = histogram.empty() ? "" : stats::encode_v2_base64(histogram);
  (*value_)[std::string(key)] = std::move(out);
}

void JsonWriter::numbers(std::string_view key, const std::vector<std::uint64_t>& values) {
  if (!values.empty() || !compact()) {
    (*value_)[std::string(key)] = values;
  }
}

void JsonWriter::for_people(std::string_view key, const std::string& value) {
  if (!compact()) {
    (*value_)[std::string(key)] = value;
  }
}

void JsonWriter::put_object(std::string_view key, JsonWriter& inner) {
  if (!inner.value_->empty() || !compact()) {
    (*value_)[std::string(key)] = std::move(*inner.value_);
  }
}

JsonWriter::List::List(JsonWriter& owner, std::string_view key) : owner_(owner), key_(key) {
  if (!owner.compact()) {
    (*owner.value_)[std::string(key)] = ordered_json::array();
  }
}

void JsonWriter::List::add(JsonWriter& inner) {
  (*owner_.value_)[std::string(key_)].push_back(std::move(*inner.value_));
}

std::string JsonWriter::text() const {
  if (compact()) {
    return dump(*value_);
  }
  std::string out;
  append_pretty(out, *value_, 0);
  return out + "\n";
}

}  // namespace squall::model
