// A table of a plan, read with a description: what a fault or an oracle compiles from.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::test {

// Parses `toml` (keys at its top level) and reads it against `spec`, which must outlive this.
class ReadTable {
 public:
  ReadTable(std::string_view toml, const expr::TableSpec& spec)
      : scope_([](const std::string&) { return std::optional<std::string>(); }),
        value_(parsed(toml)),
        reader_(value_, spec, scope_, diagnostics_) {}

  [[nodiscard]] expr::TableReader& reader() { return reader_; }
  [[nodiscard]] const Diagnostics& diagnostics() const { return diagnostics_; }
  [[nodiscard]] std::string problems() const { return diagnostics_.to_text(); }
  void define(const std::string& name, const std::string& value) { scope_.define(name, value); }

 private:
  static expr::Value parsed(std::string_view toml) {
    Result<expr::Value> value = expr::parse_toml(toml, "test.toml");
    EXPECT_TRUE(value.has_value()) << (value ? "" : to_string(value.error()));
    return value ? std::move(*value) : expr::Value{};
  }

  expr::Scope scope_;
  Diagnostics diagnostics_;
  expr::Value value_;
  expr::TableReader reader_;
};

}  // namespace squall::test
