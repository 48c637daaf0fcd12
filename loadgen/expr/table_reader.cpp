#include "loadgen/expr/table_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/value_shape.hpp"

namespace squall::expr {
namespace {

std::string redacted(std::string text, const std::set<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + 3)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  quoted.reserve(words.size());
  for (const std::string& word : words) {
    quoted.push_back(fmt::format("\"{}\"", word));
  }
  return join_or({quoted.begin(), quoted.end()});
}

template <class T>
Result<T> parse_number(std::string_view text, std::string_view what) {
  T number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not {}", printable(text, 60), what));
  }
  return number;
}

template <class T>
std::string range_problem(std::string_view key, T number, T min, T max) {
  if (max >= std::numeric_limits<T>::max()) {
    return fmt::format("\"{}\" must be at least {}, not {}", key, min, number);
  }
  return fmt::format("\"{}\" must be from {} to {}, not {}", key, min, max, number);
}

}  // namespace

TableReader::TableReader(const Value& table, const TableSpec& spec, const Scope& scope,
                         Diagnostics& diagnostics)
    : table_(table), spec_(spec), scope_(scope), diagnostics_(diagnostics) {
  const Table* entries = table.as_table();
  if (entries == nullptr) {
    report(table.where, fmt::format("a table was expected here, not {}", type_name(table)));
    return;
  }
  for (const Entry& entry : *entries) {
    check_entry(entry);
  }
  for (const KeySpec& key : spec.keys) {
    if (key.required && table.find(key.name) == nullptr) {
      report(table.where, missing_problem(key, spec.name));
    }
  }
}

void TableReader::check_entry(const Entry& entry) {
  const KeySpec* key = spec_.find(entry.key);
  if (key == nullptr) {
    const auto names = spec_.key_names();
    const auto nearest = nearest_name(entry.key, names);
    std::string known;
    for (const std::string_view name : names) {
      known += (known.empty() ? "" : ", ") + std::string(name);
    }
    report(entry.key_where, fmt::format("unknown key \"{}\"; {}", printable(entry.key, 60),
                                        nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                                : fmt::format("known keys: {}", known)));
    return;
  }
  const Value& value = entry.value;
  if (!shape_fits(key->type, value)) {
    report(value.where, shape_problem(*key, value));
    return;
  }
  const bool list = key->type == ValueType::kStringList || key->type == ValueType::kWindow;
  if (list) {
    for (const Value& item : *value.as_array()) {
      if (item.as_string() == nullptr) {
        report(item.where, shape_problem(*key, item));
      } else {
        check_choice(*key, item);
      }
    }
  } else if (key->type == ValueType::kTemplateMap) {
    for (const Entry& member : *value.as_table()) {
      if (member.value.as_string() == nullptr) {
        report(member.value.where, fmt::format("\"{}\" takes a text in quotes, not {}",
                                               printable(member.key, 60), type_name(member.value)));
      }
    }
  } else if (value.as_string() != nullptr) {
    check_choice(*key, value);
  }
}

void TableReader::check_choice(const KeySpec& spec, const Value& value) {
  if (spec.choices.empty()) {
    return;
  }
  const auto text = scope_.substitute(*value.as_string());
  // What cannot be substituted is reported by the getter.
  if (!text || std::find(spec.choices.begin(), spec.choices.end(), *text) != spec.choices.end()) {
    return;
  }
  const auto nearest = nearest_name(*text, {spec.choices.begin(), spec.choices.end()});
  report(value.where,
         fmt::format("\"{}\" does not take \"{}\"; {}", spec.name, printable(*text, 60),
                     nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                             : "write " + quoted_list(spec.choices)));
}

void TableReader::report(const SourceRef& where, std::string message) {
  diagnostics_.error(where, redacted(std::move(message), scope_.secrets()));
}

const KeySpec& TableReader::described(std::string_view key, ValueType type) const {
  const KeySpec* spec = spec_.find(key);
  SQUALL_CHECK(spec != nullptr && spec->type == type);
  return *spec;
}

const Value* TableReader::usable(const KeySpec& spec) const {
  const Value* value = table_.find(spec.name);
  return value != nullptr && shape_fits(spec.type, *value) ? value : nullptr;
}

bool TableReader::is_left_out(const KeySpec& spec) const {
  return !spec.required && !has(spec.name);
}

bool TableReader::has(std::string_view key) const {
  return table_.find(key) != nullptr;
}

SourceRef TableReader::where(std::string_view key) const {
  const Value* value = table_.find(key);
  return value != nullptr ? value->where : table_.where;
}

void TableReader::error(std::string_view key, std::string message) {
  report(where(key), std::move(message));
}

void TableReader::warning(std::string_view key, std::string message) {
  diagnostics_.warning(where(key), redacted(std::move(message), scope_.secrets()));
}

std::optional<std::string> TableReader::substituted(const Value& value) {
  auto text = scope_.substitute(*value.as_string());
  if (!text) {
    report(value.where, text.error().message);
    return std::nullopt;
  }
  return *std::move(text);
}

std::optional<std::string> TableReader::scalar(const KeySpec& spec) {
  const Value* value = usable(spec);
  if (value == nullptr) {
    return spec.default_value.empty() ? std::nullopt : std::optional(spec.default_value);
  }
  return value->as_string() != nullptr ? substituted(*value) : scalar_text(*value);
}

std::string TableReader::string(std::string_view key) {
  const KeySpec& spec = described(key, ValueType::kString);
  const auto text = scalar(spec);
  const auto& choices = spec.choices;
  if (choices.empty() || is_left_out(spec)) {
    return text.value_or("");
  }
  const bool allowed = text && std::find(choices.begin(), choices.end(), *text) != choices.end();
  return allowed ? *text : choices.front();
}

template <class Parse>
auto TableReader::parsed(const SourceRef& where, const std::string& text, std::string_view prefix,
                         Parse parse) -> std::optional<typename decltype(parse(text))::value_type> {
  auto value = parse(text);
  if (value) {
    return *std::move(value);
  }
  // Parsers quote what they are given, perhaps in part: they must not see a secret when they do.
  const auto shown = parse(redacted(text, scope_.secrets()));
  report(where, fmt::format("{}{}", prefix, shown ? "this value is wrong" : shown.error().message));
  return std::nullopt;
}

std::optional<Template> TableReader::template_of(const Value& value, const TemplateNames& names) {
  const auto text = substituted(value);
  if (!text) {
    return std::nullopt;
  }
  const TemplateNames known = with_scope(names);
  return parsed(value.where, *text, "",
                [&](std::string_view source) { return Template::parse(source, known); });
}

TemplateNames TableReader::with_scope(const TemplateNames& names) const {
  TemplateNames known = names;
  known.scope = &scope_;
  return known;
}

Template TableReader::text(std::string_view key, const TemplateNames& names) {
  const KeySpec& spec = described(key, ValueType::kTemplate);
  if (const Value* value = usable(spec)) {
    return template_of(*value, names).value_or(Template());
  }
  auto parsed = Template::parse(spec.default_value, names);
  SQUALL_CHECK(parsed.has_value());
  return *std::move(parsed);
}

template <class T, class Parse>
T TableReader::quantity(std::string_view key, ValueType type, Parse parse, T harmless) {
  const KeySpec& spec = described(key, type);
  const auto text = scalar(spec);
  if (!text) {
    return is_left_out(spec) ? T{} : harmless;
  }
  const auto value = parsed(where(key), *text, fmt::format("\"{}\": ", key), parse);
  // A description's own default always reads.
  SQUALL_CHECK(value || has(key));
  return value.value_or(harmless);
}

template <class T, class Parse>
T TableReader::bounded(std::string_view key, ValueType type, Parse parse, T min, T max) {
  const KeySpec& spec = described(key, type);
  if (!has(key) && spec.default_value.empty()) {
    return min;
  }
  const T number = quantity<T>(key, type, parse, min);
  if (has(key) && !(number >= min && number <= max)) {
    error(key, range_problem(key, number, min, max));
    return min;
  }
  return number;
}

std::int64_t TableReader::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const auto parse = [](std::string_view text) {
    return parse_number<std::int64_t>(text, "an integer");
  };
  return bounded(key, ValueType::kInteger, parse, min, max);
}

double TableReader::number(std::string_view key, double min, double max) {
  const auto parse = [](std::string_view text) { return parse_number<double>(text, "a number"); };
  return bounded(key, ValueType::kNumber, parse, min, max);
}

bool TableReader::boolean(std::string_view key) {
  const auto parse = [](std::string_view text) -> Result<bool> {
    if (text != "true" && text != "false") {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("\"{}\" is not true or false", printable(text, 60)));
    }
    return text == "true";
  };
  return quantity<bool>(key, ValueType::kBoolean, parse, false);
}

CountRange TableReader::count_range(std::string_view key, std::uint32_t min, std::uint32_t max) {
  const auto parse = [](std::string_view text) -> Result<CountRange> {
    constexpr std::string_view kWhat = "a count or a range of counts such as 2..5";
    const std::size_t dots = text.find("..");
    const auto low = parse_number<std::uint32_t>(text.substr(0, dots), kWhat);
    const auto high = dots == std::string_view::npos
                          ? low
                          : parse_number<std::uint32_t>(text.substr(dots + 2), kWhat);
    if (!low || !high) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("\"{}\" is not {}", printable(text, 60), kWhat));
    }
    if (*low > *high) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is empty: the lower count comes first", printable(text, 60)));
    }
    return CountRange{*low, *high};
  };
  const auto range = quantity<CountRange>(key, ValueType::kCountRange, parse, CountRange{min, min});
  if (has(key) && (range.low < min || range.high > max)) {
    error(key, fmt::format("\"{}\" must be from {} to {}, not {}", key, min, max,
                           range.low < min ? range.low : range.high));
    return {min, min};
  }
  return range;
}

Duration TableReader::duration(std::string_view key) {
  const auto parse = [](std::string_view text) { return parse_duration(text); };
  return quantity<Duration>(key, ValueType::kDuration, parse, std::chrono::seconds(1));
}

Rate TableReader::rate(std::string_view key) {
  return quantity<Rate>(key, ValueType::kRate, parse_rate, Rate{1});
}

Share TableReader::share(std::string_view key) {
  return quantity<Share>(key, ValueType::kShare, parse_share, Share{1});
}

ByteCount TableReader::bytes(std::string_view key) {
  return quantity<ByteCount>(key, ValueType::kBytes, parse_bytes, ByteCount{1024});
}

Distribution TableReader::distribution(std::string_view key) {
  const KeySpec& spec = described(key, ValueType::kDistribution);
  const Value* value = usable(spec);
  if (value != nullptr && value->as_table() != nullptr) {
    return read_distribution(*value, scope_, diagnostics_);
  }
  const auto parse = [](std::string_view text) { return parse_duration(text); };
  return Distribution::constant(
      quantity<Duration>(key, ValueType::kDistribution, parse, std::chrono::seconds(1)));
}

std::optional<Duration> TableReader::duration_of(const Value& value) {
  const auto text = substituted(value);
  if (!text) {
    return std::nullopt;
  }
  return parsed(value.where, *text, "",
                [](std::string_view source) { return parse_duration(source); });
}

std::optional<Window> TableReader::window(std::string_view key) {
  const Value* value = usable(described(key, ValueType::kWindow));
  if (value == nullptr) {
    return std::nullopt;
  }
  const Array& ends = *value->as_array();
  if (ends[0].as_string() == nullptr || ends[1].as_string() == nullptr) {
    return std::nullopt;
  }
  const auto from = duration_of(ends[0]);
  const auto to = duration_of(ends[1]);
  if (!from || !to) {
    return std::nullopt;
  }
  if (*from >= *to) {
    error(key, fmt::format("\"{}\" ends at {}, not after its start at {}", key,
                           format_duration(*to), format_duration(*from)));
    return std::nullopt;
  }
  return Window{*from, *to};
}

std::vector<LocatedText> TableReader::string_list(std::string_view key) {
  const KeySpec& spec = described(key, ValueType::kStringList);
  std::vector<LocatedText> texts;
  const Value* value = usable(spec);
  if (value == nullptr) {
    if (spec.default_value.empty()) {
      return texts;
    }
    const auto parsed = parse_toml("list = " + spec.default_value, "");
    SQUALL_CHECK(parsed && shape_fits(spec.type, *parsed->find("list")));
    for (const Value& item : *parsed->find("list")->as_array()) {
      SQUALL_CHECK(item.as_string() != nullptr);
      texts.push_back({*item.as_string(), where(key)});
    }
    return texts;
  }
  for (const Value& item : *value->as_array()) {
    if (item.as_string() == nullptr) {
      continue;
    }
    if (auto text = substituted(item)) {
      texts.push_back({*std::move(text), item.where});
    }
  }
  return texts;
}

std::vector<std::pair<std::string, Template>> TableReader::template_map(
    std::string_view key, const TemplateNames& names) {
  std::vector<std::pair<std::string, Template>> members;
  const Value* value = usable(described(key, ValueType::kTemplateMap));
  if (value == nullptr) {
    return members;
  }
  for (const Entry& entry : *value->as_table()) {
    if (entry.value.as_string() == nullptr) {
      continue;
    }
    if (auto text = template_of(entry.value, names)) {
      members.emplace_back(entry.key, *std::move(text));
    }
  }
  return members;
}

Result<Value> TableReader::substitute_all(const Value& value) const {
  if (const std::string* text = value.as_string()) {
    if (const Value* typed = scope_.typed(*text)) {
      return Value{typed->data, value.where};
    }
    auto replaced = scope_.substitute(*text);
    if (!replaced) {
      replaced.error().where = value.where;
      return fail(std::move(replaced).error());
    }
    return Value{*std::move(replaced), value.where};
  }
  Value copy = value;
  std::vector<Value*> members;
  if (auto* items = std::get_if<Array>(&copy.data)) {
    std::transform(items->begin(), items->end(), std::back_inserter(members),
                   [](Value& item) { return &item; });
  } else if (auto* entries = std::get_if<Table>(&copy.data)) {
    std::transform(entries->begin(), entries->end(), std::back_inserter(members),
                   [](Entry& entry) { return &entry.value; });
  }
  for (Value* member : members) {
    auto replaced = substitute_all(*member);
    if (!replaced) {
      return replaced;
    }
    *member = *std::move(replaced);
  }
  return copy;
}

Template TableReader::json(std::string_view key, const TemplateNames& names) {
  const Value* value = usable(described(key, ValueType::kJson));
  if (value == nullptr) {
    return {};
  }
  const TemplateNames known = with_scope(names);
  auto body = substitute_all(*value).and_then(
      [&](const Value& replaced) { return Template::from_json(replaced, known); });
  if (!body) {
    report(body.error().where.value_or(value->where), body.error().message);
    return {};
  }
  return *std::move(body);
}

std::vector<const Value*> TableReader::tables(std::string_view key) {
  const KeySpec* spec = spec_.find(key);
  SQUALL_CHECK(spec != nullptr &&
               (spec->type == ValueType::kTable || spec->type == ValueType::kTableList));
  const Value* value = table_.find(key);
  std::vector<const Value*> found;
  if (value == nullptr) {
    return found;
  }
  if (spec->type == ValueType::kTable) {
    if (value->as_table() != nullptr) {
      found.push_back(value);
    }
  } else if (const Array* items = value->as_array()) {
    for (const Value& item : *items) {
      if (item.as_table() != nullptr) {
        found.push_back(&item);
      }
    }
  }
  return found;
}

}  // namespace squall::expr
