#include "tests/shop/role.hpp"

#include <unistd.h>

#include <cstdio>

#include <fmt/core.h>

namespace squall::shop {
namespace {

HttpOptions with_signals_blocked(const HttpOptions& options) {
  block_stop_signals();
  return options;
}

}  // namespace

Role::Role(const std::string& name, const HttpOptions& options, LogLevel log_level)
    : log_(name, log_level),
      metrics_(name),
      options_(with_signals_blocked(options)),
      http_(options_, {log_, metrics_, stop_}) {}

int Role::serve(const std::function<void()>& clean_up) {
  const Result<std::uint16_t> port = http_.bind();
  if (!port) {
    fmt::print(stderr, "squall-shop: {}\n", port.error().message);
    return 1;
  }
  log_.info("listening", nullptr, {{"host", options_.host}, {"port", std::int64_t{*port}}});
  const HttpService::End end = http_.run();
  log_.info("stopped", nullptr, {{"in_flight", metrics_.in_flight()}});
  if (end == HttpService::End::kCutShort) {
    clean_up();
    ::_exit(0);
  }
  return 0;
}

}  // namespace squall::shop
