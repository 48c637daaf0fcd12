// What a plan says to a detector, read from the record with the detector's own description.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

// The value of one key as RunRecord::detector_settings keeps it. `reader` reads a table that `spec`
// describes; problems go to its diagnostics. REQUIRES: the key is there and of type string, string
// list, duration, share, integer, number or boolean.
[[nodiscard]] std::string setting_text(expr::TableReader& reader, const expr::KeySpec& key);

// The settings of one detector. Borrows both. What the record does not say, or says in a way that
// cannot be read (records may be hostile), is the description's default.
// REQUIRES of each getter: `key` stands in the description with the type that the getter names.
class SettingsReader {
 public:
  SettingsReader(const RunRecord& record, std::string_view detector, const expr::TableSpec& spec);

  [[nodiscard]] std::string text(std::string_view key) const;
  // Without a default: empty.
  [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
  [[nodiscard]] Duration duration(std::string_view key) const;
  // Without a default: nothing.
  [[nodiscard]] std::optional<Duration> maybe_duration(std::string_view key) const;
  [[nodiscard]] double share(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] std::uint64_t count(std::string_view key) const;
  [[nodiscard]] bool flag(std::string_view key) const;

 private:
  [[nodiscard]] const std::string& default_of(std::string_view key) const;

  const std::map<std::string, std::string>* values_ = nullptr;  // null: the plan says nothing
  const expr::TableSpec& spec_;
};

}  // namespace squall::model
