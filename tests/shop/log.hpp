// Structured logs: one JSON object per line on stderr.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "tests/shop/trace.hpp"

namespace squall::shop {

enum class LogLevel { kInfo, kError, kNone };

// Any thread; a line is one write, so lines of several threads do not mix.
class Log {
 public:
  using Value = std::variant<std::string_view, std::int64_t, double>;
  using Fields = std::initializer_list<std::pair<std::string_view, Value>>;

  // `role` stands in each line. Lines below `lowest` are not written.
  Log(std::string role, LogLevel lowest) : role_(std::move(role)), lowest_(lowest) {}

  // `trace` may be null.
  void info(std::string_view message, const Trace* trace, Fields fields) const;
  void error(std::string_view message, const Trace* trace, Fields fields) const;

 private:
  void write(LogLevel level, std::string_view message, const Trace* trace, Fields fields) const;

  std::string role_;
  LogLevel lowest_;
};

}  // namespace squall::shop
