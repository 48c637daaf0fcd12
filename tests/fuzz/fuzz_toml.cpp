// TOML text to values, back to text, and read by a key table that has every type: whatever comes,
// each problem is a diagnostic, and what is written reads back.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/check.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"

namespace {

using namespace squall;
using namespace squall::expr;

constexpr int kTypes = static_cast<int>(ValueType::kTableList) + 1;

// Keys "a", "b", "c"… of one type each.
std::string key_of(int type) {
  return std::string(1, static_cast<char>('a' + type));
}

const TableSpec& spec() {
  static const TableSpec inner{
      "inner", "", {{.name = "x", .help = "", .required = true, .choices = {"one", "two"}}}};
  static const TableSpec all = [] {
    TableSpec table{"all", "", {}};
    for (int type = 0; type < kTypes; ++type) {
      table.keys.push_back({.name = key_of(type),
                            .type = static_cast<ValueType>(type),
                            .help = "",
                            .table = &inner});
    }
    return table;
  }();
  return all;
}

void read_everything(const Value& document, const Scope& scope, Diagnostics& diagnostics) {
  TableReader reader(document, spec(), scope, diagnostics);
  const TemplateNames names{{"extracted"}};
  const auto key = [](ValueType type) { return key_of(static_cast<int>(type)); };
  static_cast<void>(reader.string(key(ValueType::kString)));
  static_cast<void>(reader.text(key(ValueType::kTemplate), names));
  static_cast<void>(reader.integer(key(ValueType::kInteger), 0, 10));
  static_cast<void>(reader.number(key(ValueType::kNumber), 0, 1));
  static_cast<void>(reader.boolean(key(ValueType::kBoolean)));
  static_cast<void>(reader.duration(key(ValueType::kDuration)));
  static_cast<void>(reader.rate(key(ValueType::kRate)));
  static_cast<void>(reader.share(key(ValueType::kShare)));
  static_cast<void>(reader.bytes(key(ValueType::kBytes)));
  static_cast<void>(reader.distribution(key(ValueType::kDistribution)).at(0.5, 0.5));
  if (const auto window = reader.window(key(ValueType::kWindow))) {
    SQUALL_CHECK(window->from < window->to);
  }
  static_cast<void>(reader.string_list(key(ValueType::kStringList)));
  static_cast<void>(reader.template_map(key(ValueType::kTemplateMap), names));
  static_cast<void>(reader.json(key(ValueType::kJson), names));
  for (const ValueType type : {ValueType::kTable, ValueType::kTableList}) {
    for (const Value* table : reader.tables(key(type))) {
      SQUALL_CHECK(table->as_table() != nullptr);
    }
  }
}

bool is_printable(std::string_view message) {
  return message.find_first_of(std::string_view("\x00\x1b\n\r\x7f", 5)) == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto document = parse_toml(text, "plan.toml");
  if (!document) {
    SQUALL_CHECK(document.error().where && document.error().where->line > 0);
    SQUALL_CHECK(is_printable(document.error().message));
    return 0;
  }
  const std::string written = to_toml(*document);
  const auto again = parse_toml(written, "again.toml");
  SQUALL_CHECK(again.has_value());
  SQUALL_CHECK(to_toml(*again) == written);

  Scope scope([](const std::string& name) {
    return name == "SECRET" ? std::optional<std::string>("hidden-from-all") : std::nullopt;
  });
  scope.define("var.a", "1s");
  scope.define("var.b", Value{std::int64_t{5}, {}});
  scope.define("port.shop", "8080");
  Diagnostics diagnostics;
  read_everything(*document, scope, diagnostics);
  const bool is_secret_in_plan = text.find("hidden-from-all") != std::string::npos;
  for (const Diagnostic& item : diagnostics.sorted()) {
    SQUALL_CHECK(item.where.line > 0);
    SQUALL_CHECK(is_printable(item.message));
    SQUALL_CHECK(is_secret_in_plan || item.message.find("hidden") == std::string::npos ||
                 text.find("hidden") != std::string::npos);
  }
  return 0;
}
