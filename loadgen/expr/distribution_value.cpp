#include "loadgen/expr/distribution_value.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"

namespace squall::expr {
namespace {

class TableOf {
 public:
  TableOf(std::string_view kind, SourceRef where) : where_(std::move(where)) {
    add("distribution", Value{std::string(kind), where_});
  }

  // Nanoseconds: nothing is rounded.
  TableOf& time(std::string_view key, Duration duration) { return add(key, text_of(duration)); }
  TableOf& number(std::string_view key, double value) { return add(key, Value{value, where_}); }
  TableOf& add(std::string_view key, Value value) {
    table_.push_back({std::string(key), where_, std::move(value)});
    return *this;
  }
  [[nodiscard]] Value text_of(Duration duration) const {
    return {fmt::format("{}ns", duration.count()), where_};
  }
  [[nodiscard]] Value value() const { return {table_, where_}; }

 private:
  SourceRef where_;
  Table table_;
};

}  // namespace

Value distribution_value(const Distribution& distribution, const SourceRef& where) {
  switch (distribution.kind) {
    case DistributionKind::kConstant:
      return TableOf("constant", where).time("value", distribution.center).value();
    case DistributionKind::kUniform:
      return TableOf("uniform", where)
          .time("from", distribution.low)
          .time("to", distribution.high)
          .value();
    case DistributionKind::kNormal:
      return TableOf("normal", where)
          .time("mean", distribution.center)
          .time("stddev", Duration(std::llround(distribution.spread)))
          .value();
    case DistributionKind::kLognormal:
      return TableOf("lognormal", where)
          .time("median", distribution.center)
          .number("sigma", distribution.spread)
          .value();
    case DistributionKind::kPareto:
      return TableOf("pareto", where)
          .time("median", distribution.center)
          .number("alpha", distribution.spread)
          .value();
    case DistributionKind::kExponential:
      return TableOf("exponential", where).time("mean", distribution.center).value();
    case DistributionKind::kTable: {
      TableOf table("table", where);
      Array values;
      for (const Duration value : distribution.values) {
        values.push_back(table.text_of(value));
      }
      return table.add("values", {std::move(values), where}).value();
    }
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::expr
