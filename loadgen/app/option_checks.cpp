#include "loadgen/app/option_checks.hpp"

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
std::string no_condition(const std::string& text) {
  return problem_of(expr::parse_condition(text));
}

}  // namespace squall::app
