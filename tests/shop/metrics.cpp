#include "tests/shop/metrics.hpp"

#include <iterator>

#include <fmt/format.h>

namespace squall::shop {

void Metrics::request(std::string_view method, std::string_view route, int status,
                      Duration duration) {
  const std::lock_guard lock(mutex_);
  ++requests_[{std::string(method), std::string(route), status}];
  Summary& summary = durations_[std::string(route)];
  ++summary.count;
  summary.sum += duration;
}

void Metrics::call(std::string_view service, std::string_view outcome, Duration duration) {
  const std::lock_guard lock(mutex_);
  Summary& summary = calls_[{std::string(service), std::string(outcome)}];
  ++summary.count;
  summary.sum += duration;
}

void Metrics::database_error() {
  const std::lock_guard lock(mutex_);
  ++database_errors_;
}

void Metrics::add_in_flight(std::int64_t change) {
  const std::lock_guard lock(mutex_);
  in_flight_ += change;
  if (in_flight_ == 0) {
    idle_.notify_all();
  }
}

std::int64_t Metrics::in_flight() const {
  const std::lock_guard lock(mutex_);
  return in_flight_;
}

bool Metrics::wait_until_idle(Duration limit) const {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, limit, [this] { return in_flight_ == 0; });
}

// Label values are the program's own words: methods that httplib knows, route patterns, names of
// outcomes. None needs escaping.
std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  auto to = std::back_inserter(out);
  fmt::format_to(
      to, "# HELP {0}_requests_total Answered requests.\n# TYPE {0}_requests_total counter\n",
      prefix_);
  for (const auto& [labels, count] : requests_) {
    const auto& [method, route, status] = labels;
    fmt::format_to(to, "{}_requests_total{{method=\"{}\",route=\"{}\",status=\"{}\"}} {}\n",
                   prefix_, method, route, status, count);
  }
  fmt::format_to(
      to,
      "# HELP {0}_request_duration_seconds From the request's first byte to its answer.\n"
      "# TYPE {0}_request_duration_seconds summary\n",
      prefix_);
  for (const auto& [route, summary] : durations_) {
    fmt::format_to(to, "{0}_request_duration_seconds_sum{{route=\"{1}\"}} {2}\n", prefix_, route,
                   to_seconds(summary.sum));
    fmt::format_to(to, "{0}_request_duration_seconds_count{{route=\"{1}\"}} {2}\n", prefix_, route,
                   summary.count);
  }
  fmt::format_to(to,
                 "# HELP {0}_call_duration_seconds Calls to other services.\n"
                 "# TYPE {0}_call_duration_seconds summary\n",
                 prefix_);
  for (const auto& [labels, summary] : calls_) {
    const auto& [service, outcome] = labels;
    fmt::format_to(to, "{0}_call_duration_seconds_sum{{service=\"{1}\",outcome=\"{2}\"}} {3}\n",
                   prefix_, service, outcome, to_seconds(summary.sum));
    fmt::format_to(to, "{0}_call_duration_seconds_count{{service=\"{1}\",outcome=\"{2}\"}} {3}\n",
                   prefix_, service, outcome, summary.count);
  }
  fmt::format_to(to,
                 "# HELP {0}_database_errors_total Statements that the database refused.\n"
                 "# TYPE {0}_database_errors_total counter\n{0}_database_errors_total {1}\n"
                 "# HELP {0}_requests_in_flight Requests being worked on.\n"
                 "# TYPE {0}_requests_in_flight gauge\n{0}_requests_in_flight {2}\n",
                 prefix_, database_errors_, in_flight_);
  return out;
}

}  // namespace squall::shop
