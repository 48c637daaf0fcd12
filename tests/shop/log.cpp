#include "tests/shop/log.hpp"

#include <unistd.h>

#include <chrono>
#include <ctime>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"

namespace squall::shop {
namespace {

std::string timestamp() {
  const auto since_epoch = wall_clock_now().time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(since_epoch - whole).count();
  const std::time_t seconds = whole.count();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, micros);
}

}  // namespace

void Log::info(std::string_view message, const Trace* trace, Fields fields) const {
  write(LogLevel::kInfo, message, trace, fields);
}

void Log::error(std::string_view message, const Trace* trace, Fields fields) const {
  write(LogLevel::kError, message, trace, fields);
}

void Log::write(LogLevel level, std::string_view message, const Trace* trace, Fields fields) const {
  if (level < lowest_) {
    return;
  }
  nlohmann::ordered_json line;
  line["time"] = timestamp();
  line["level"] = level == LogLevel::kInfo ? "info" : "error";
  line["role"] = role_;
  line["message"] = message;
  if (trace != nullptr) {
    line["trace_id"] = trace->trace_id;
    line["span_id"] = trace->span_id;
    if (!trace->parent_id.empty()) {
      line["parent_id"] = trace->parent_id;
    }
  }
  for (const auto& field : fields) {
    std::visit([&](const auto& plain) { line[std::string(field.first)] = plain; }, field.second);
  }
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  // A log that cannot be written must not stop the shop.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace squall::shop
