#include "loadgen/app/option_checks.hpp"

#include <charconv>
#include <cstdint>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/condition.hpp"

namespace squall::app {
namespace {

template <class T>
std::string problem_of(const Result<T>& parsed) {
  return parsed ? std::string() : to_string(parsed.error());
}

}  // namespace

std::string no_duration(const std::string& text) {
  return problem_of(parse_duration(text));
}
std::string no_rate(const std::string& text) {
  return problem_of(parse_rate(text));
}
std::string no_share(const std::string& text) {
  return problem_of(parse_share(text));
}
std::string no_count(const std::string& text) {
  std::uint64_t count = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = code == std::errc() && end == text.data() + text.size();
  return whole && count > 0 ? "" : printable(text) + " is no number from 1 up, for example 1000";
}
std::string no_latency(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string problem = no_duration(text.substr(0, colon));
  return problem.empty() && colon != std::string::npos ? no_share(text.substr(colon + 1)) : problem;
}
std::string no_condition(const std::string& text) {
  return problem_of(expr::parse_condition(text));
}

}  // namespace squall::app
