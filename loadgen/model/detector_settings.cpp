#include "loadgen/model/detector_settings.hpp"

#include <charconv>
#include <limits>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::model {
namespace {

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                 : std::nullopt;
}

std::string joined(const std::vector<expr::LocatedText>& texts) {
  std::string all;
  for (const expr::LocatedText& one : texts) {
    all += (all.empty() ? "" : ",") + one.text;
  }
  return all;
}

}  // namespace

std::string setting_text(expr::TableReader& reader, const expr::KeySpec& key) {
  constexpr double kMost = 1e15;
  switch (key.type) {
    case expr::ValueType::kString:
      return reader.string(key.name);
    case expr::ValueType::kStringList:
      return joined(reader.string_list(key.name));
    case expr::ValueType::kDuration:
      return fmt::format("{}ns", reader.duration(key.name).count());
    case expr::ValueType::kShare:
      return fmt::format("{}", reader.share(key.name).fraction);
    case expr::ValueType::kInteger:
      return fmt::format("{}",
                         reader.integer(key.name, 0, std::numeric_limits<std::int32_t>::max()));
    case expr::ValueType::kNumber:
      return fmt::format("{}", reader.number(key.name, 0, kMost));
    case expr::ValueType::kBoolean:
      return reader.boolean(key.name) ? "true" : "false";
    case expr::ValueType::kTemplate:
    case expr::ValueType::kCountRange:
    case expr::ValueType::kRate:
    case expr::ValueType::kBytes:
    case expr::ValueType::kDistribution:
    case expr::ValueType::kWindow:
    case expr::ValueType::kTemplateMap:
    case expr::ValueType::kJson:
    case expr::ValueType::kTable:
    case expr::ValueType::kTableList:
    case expr::ValueType::kUsers:
      break;
  }
  SQUALL_CHECK(false);
}

SettingsReader::SettingsReader(const RunRecord& record, std::string_view detector,
                               const expr::TableSpec& spec)
    : spec_(spec) {
  const auto found = record.detector_settings.find(std::string(detector));
  values_ = found == record.detector_settings.end() ? nullptr : &found->second;
}

const std::string& SettingsReader::default_of(std::string_view key) const {
  const expr::KeySpec* described = spec_.find(key);
  SQUALL_CHECK(described != nullptr);
  return described->default_value;
}

std::string SettingsReader::text(std::string_view key) const {
  const std::string& usual = default_of(key);
  if (values_ == nullptr) {
    return usual;
  }
  const auto found = values_->find(std::string(key));
  return found == values_->end() ? usual : found->second;
}

std::vector<std::string> SettingsReader::list(std::string_view key) const {
  std::vector<std::string> items;
  const std::string all = text(key);
  for (const std::string_view item : split(all, ',')) {
    if (!trim(item).empty()) {
      items.emplace_back(trim(item));
    }
  }
  return items;
}

std::optional<Duration> SettingsReader::maybe_duration(std::string_view key) const {
  if (const auto given = parse_duration(text(key))) {
    return *given;
  }
  const auto usual = parse_duration(default_of(key));
  return usual ? std::optional<Duration>(*usual) : std::nullopt;
}

Duration SettingsReader::duration(std::string_view key) const {
  return maybe_duration(key).value_or(Duration::zero());
}

double SettingsReader::share(std::string_view key) const {
  auto given = parse_share(text(key));
  if (!given) {
    given = parse_share(default_of(key));
  }
  return given ? given->fraction : 0;
}

double SettingsReader::number(std::string_view key) const {
  const auto given = parse_number(text(key));
  return given ? *given : parse_number(default_of(key)).value_or(0);
}

std::uint64_t SettingsReader::count(std::string_view key) const {
  const double value = number(key);
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

bool SettingsReader::flag(std::string_view key) const {
  return text(key) == "true";
}

}  // namespace squall::model
