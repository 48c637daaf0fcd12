#include "loadgen/expr/condition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/compare.hpp"
#include "loadgen/expr/scanner.hpp"

namespace squall::expr {
namespace {

struct MetricInfo {
  std::string_view name;
  Metric metric;
  MetricUnit unit;
  bool has_step = true;
  bool has_exposure = true;
  bool has_phase = true;
  bool has_span = false;
};

constexpr MetricInfo kPercentileInfo{
    "p99", Metric::kPercentile, MetricUnit::kDuration, true, true, true, true};

constexpr MetricInfo effect_count(std::string_view name, Metric metric, bool has_step) {
  return {name, metric, MetricUnit::kCount, has_step, false, false, false};
}

constexpr std::array kMetrics{
    MetricInfo{"mean", Metric::kMean, MetricUnit::kDuration, true, true, true, true},
    MetricInfo{"max", Metric::kMax, MetricUnit::kDuration, true, true, true, true},
    MetricInfo{"error_rate", Metric::kErrorRate, MetricUnit::kShare},
    MetricInfo{"rate", Metric::kRate, MetricUnit::kRate},
    MetricInfo{"operations", Metric::kOperations, MetricUnit::kCount},
    MetricInfo{"attempt_error_rate", Metric::kAttemptErrorRate, MetricUnit::kShare},
    MetricInfo{"attempts", Metric::kAttempts, MetricUnit::kCount},
    MetricInfo{"dropped", Metric::kDropped, MetricUnit::kCount, true, false},
    MetricInfo{"time_to_recover", Metric::kTimeToRecover, MetricUnit::kDuration, true, false,
               false},
    effect_count("duplicate_effects", Metric::kDuplicateEffects, true),
    effect_count("lost_effects", Metric::kLostEffects, true),
    effect_count("phantom_effects", Metric::kPhantomEffects, true),
    effect_count("unattributed_effects", Metric::kUnattributedEffects, false),
    effect_count("undecided_effects", Metric::kUndecidedEffects, true)};

const MetricInfo& info_of(Metric metric) {
  const auto found = std::find_if(kMetrics.begin(), kMetrics.end(),
                                  [&](const MetricInfo& one) { return one.metric == metric; });
  return found == kMetrics.end() ? kPercentileInfo : *found;
}

// What stands before the comparison, in the order in which it must stand there.
enum class Rank { kStep, kExposure, kPhase, kSpan, kMetric };

struct Selector {
  std::string_view word;
  Rank rank;
  void (*apply)(Condition&);
};
constexpr std::array kSelectors{
    Selector{"clean", Rank::kExposure, [](Condition& c) { c.exposure = ExposureSelector::kClean; }},
    Selector{"faulted", Rank::kExposure,
             [](Condition& c) { c.exposure = ExposureSelector::kFaulted; }},
    Selector{"warmup", Rank::kPhase, [](Condition& c) { c.phase = PhaseSelector::kWarmup; }},
    Selector{"measured", Rank::kPhase, [](Condition& c) { c.phase = PhaseSelector::kMeasured; }},
    Selector{"baseline", Rank::kPhase, [](Condition& c) { c.phase = PhaseSelector::kBaseline; }},
    Selector{"fault", Rank::kPhase, [](Condition& c) { c.phase = PhaseSelector::kFault; }},
    Selector{"recovery", Rank::kPhase, [](Condition& c) { c.phase = PhaseSelector::kRecovery; }},
    Selector{"all", Rank::kPhase, [](Condition& c) { c.phase = PhaseSelector::kAll; }},
    Selector{"response", Rank::kSpan, [](Condition& c) { c.span = SpanName::kResponse; }},
    Selector{"lag", Rank::kSpan, [](Condition& c) { c.span = SpanName::kLag; }},
    Selector{"queue", Rank::kSpan, [](Condition& c) { c.span = SpanName::kQueue; }},
    Selector{"service", Rank::kSpan, [](Condition& c) { c.span = SpanName::kService; }}};

const Selector* find_selector(std::string_view word) {
  const auto found = std::find_if(kSelectors.begin(), kSelectors.end(),
                                  [&](const Selector& one) { return one.word == word; });
  return found == kSelectors.end() ? nullptr : &*found;
}

const MetricInfo* find_metric(std::string_view word) {
  const auto found = std::find_if(kMetrics.begin(), kMetrics.end(),
                                  [&](const MetricInfo& one) { return one.name == word; });
  return found == kMetrics.end() ? nullptr : &*found;
}

// "p99.9" looks like a percentile, whatever its number.
bool looks_like_percentile(std::string_view word) {
  return word.size() > 1 && word.front() == 'p' &&
         word.find_first_not_of("0123456789.", 1) == std::string_view::npos;
}

std::optional<double> parse_plain(std::string_view digits) {
  double number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                           std::chars_format::fixed);
  const bool whole = code == std::errc() && end == digits.data() + digits.size();
  return whole ? std::optional(number) : std::nullopt;
}

bool is_step_name(std::string_view word) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !word.empty() && std::count(word.begin(), word.end(), '.') <= 1 && word.front() != '.' &&
         word.back() != '.' && std::all_of(word.begin(), word.end(), allowed);
}

std::vector<std::string_view> words_after(Rank rank) {
  std::vector<std::string_view> words;
  for (const Selector& one : kSelectors) {
    if (one.rank > rank) {
      words.push_back(one.word);
    }
  }
  words.push_back(kPercentileInfo.name);
  for (const MetricInfo& one : kMetrics) {
    words.push_back(one.name);
  }
  return words;
}

class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : scanner_(text) { condition_.source = text; }

  Result<Condition> parse() {
    auto result = parse_step()
                      .and_then([&] { return parse_selectors(); })
                      .and_then([&] { return check_selectors(); })
                      .and_then([&] { return parse_comparison(); })
                      .and_then([&] { return parse_bound(); })
                      .and_then([&] { return parse_sustained(); });
    if (!result) {
      return fail(std::move(result).error());
    }
    return std::move(condition_);
  }

 private:
  // Where a selector was written, 0: nowhere.
  struct Columns {
    std::size_t step = 0;
    std::size_t exposure = 0;
    std::size_t phase = 0;
    std::size_t span = 0;
  };

  Result<void> parse_step() {
    const std::string_view word = scanner_.peek_word();
    if (word.empty() || is_condition_word(word)) {
      return {};
    }
    Scanner ahead = scanner_;
    ahead.take_word();
    // A single word before the comparison is meant as a metric, not as a step.
    if (!is_step_name(word) || ahead.peek_word().empty()) {
      return scanner_.unexpected_here("a metric", words_after(Rank::kSpan));
    }
    columns_.step = scanner_.column();
    condition_.step = scanner_.take_word();
    return {};
  }

  Result<void> parse_selectors() {
    Rank last = Rank::kStep;
    while (true) {
      const std::string_view word = scanner_.peek_word();
      if (looks_like_percentile(word)) {
        return parse_percentile();
      }
      if (const MetricInfo* metric = find_metric(word)) {
        condition_.metric = metric->metric;
        scanner_.take_word();
        return {};
      }
      const Selector* selector = find_selector(word);
      if (selector == nullptr) {
        return scanner_.unexpected_here(last == Rank::kSpan ? "a metric" : "a selector or a metric",
                                        words_after(last));
      }
      if (selector->rank <= last) {
        return Scanner::error_at(
            scanner_.column(),
            fmt::format(
                "\"{}\" stands in the wrong place; the order is: step, clean or faulted, "
                "a phase (measured, baseline, fault, recovery, warmup or all), span, metric",
                word));
      }
      last = selector->rank;
      remember(last);
      selector->apply(condition_);
      scanner_.take_word();
    }
  }

  void remember(Rank rank) {
    switch (rank) {
      case Rank::kExposure:
        columns_.exposure = scanner_.column();
        return;
      case Rank::kPhase:
        columns_.phase = scanner_.column();
        return;
      case Rank::kSpan:
        columns_.span = scanner_.column();
        return;
      case Rank::kStep:
      case Rank::kMetric:
        return;
    }
  }

  Result<void> parse_percentile() {
    const std::size_t column = scanner_.column();
    const std::string_view word = scanner_.take_word();
    const auto percentile = parse_plain(word.substr(1));
    if (!percentile || *percentile <= 0 || *percentile > 100) {
      return Scanner::error_at(
          column,
          fmt::format("\"{}\" is not a percentile; write for example p99.9 (above 0, at most 100)",
                      word));
    }
    condition_.metric = Metric::kPercentile;
    condition_.percentile = *percentile;
    return {};
  }

  Result<void> check_selectors() {
    const MetricInfo& info = info_of(condition_.metric);
    if (columns_.span != 0 && !info.has_span) {
      return Scanner::error_at(
          columns_.span,
          fmt::format("{} has no span: only percentiles, mean and max have one", info.name));
    }
    if (columns_.step != 0 && !info.has_step) {
      return Scanner::error_at(columns_.step, fmt::format("{} belong to no step", info.name));
    }
    if (columns_.exposure != 0 && !info.has_exposure) {
      return Scanner::error_at(
          columns_.exposure,
          fmt::format("{} counts clean and faulted operations together", info.name));
    }
    if (columns_.phase != 0 && !info.has_phase) {
      return Scanner::error_at(
          columns_.phase,
          condition_.metric == Metric::kTimeToRecover
              ? std::string("time_to_recover is of the recovery, compared with the baseline")
              : fmt::format("{} covers everything that was ever sent, in all phases", info.name));
    }
    return {};
  }

  Result<void> parse_comparison() {
    const auto comparison = scanner_.take_comparison();
    if (!comparison) {
      return fail(comparison.error());
    }
    condition_.comparison = *comparison;
    return {};
  }

  Result<void> parse_bound() {
    const std::size_t column = scanner_.column();
    const std::string_view word = scanner_.peek_word();
    if (word.empty()) {
      return scanner_.unexpected_here(expected_bound(), {});
    }
    scanner_.take_word();
    const auto bound = bound_of(word);
    if (!bound) {
      return Scanner::error_at(
          column, fmt::format("\"{}\" is not {}", printable(word, 60), expected_bound()));
    }
    condition_.bound = *bound;
    return {};
  }

  [[nodiscard]] std::string expected_bound() const {
    switch (unit_of(condition_.metric)) {
      case MetricUnit::kDuration:
        return "a duration such as 250ms";
      case MetricUnit::kShare:
        return "a share such as 1% (0% to 100%)";
      case MetricUnit::kRate:
        return "a rate such as 200/s";
      case MetricUnit::kCount:
        return "a whole number such as 0";
    }
    SQUALL_CHECK(false);
  }

  [[nodiscard]] std::optional<double> bound_of(std::string_view word) const {
    if (word == "0") {
      return 0.0;
    }
    switch (unit_of(condition_.metric)) {
      case MetricUnit::kDuration: {
        const auto value = parse_duration(word);
        return value ? std::optional(static_cast<double>(value->count())) : std::nullopt;
      }
      case MetricUnit::kShare: {
        // "error_rate < 1" would mean 100%, which nobody means.
        const auto value = parse_share(word);
        return value && word.ends_with('%') ? std::optional(value->fraction) : std::nullopt;
      }
      case MetricUnit::kRate: {
        const auto value = parse_rate(word);
        return value ? std::optional(value->per_second) : std::nullopt;
      }
      case MetricUnit::kCount: {
        const bool digits = word.find_first_not_of("0123456789") == std::string_view::npos;
        return digits && word.size() <= 15 ? parse_plain(word) : std::nullopt;
      }
    }
    SQUALL_CHECK(false);
  }

  Result<void> parse_sustained() {
    if (scanner_.at_end()) {
      return {};
    }
    const std::size_t for_column = scanner_.column();
    if (!scanner_.take_if("for")) {
      return Scanner::error_at(
          for_column,
          fmt::format("\"{}\" stands where only \"for\" or the end can be; a number and its "
                      "unit are one word, as in 100ms",
                      printable(scanner_.peek_anything(), 60)));
    }
    if (is_effect_metric(condition_.metric) || condition_.metric == Metric::kTimeToRecover) {
      return Scanner::error_at(for_column,
                               fmt::format("{} is known at the end only and takes no \"for\"",
                                           info_of(condition_.metric).name));
    }
    const std::size_t column = scanner_.column();
    const std::string_view word = scanner_.peek_word();
    if (word.empty()) {
      return scanner_.unexpected_here("a number of whole seconds such as 5s", {});
    }
    scanner_.take_word();
    const auto duration = parse_duration(word);
    if (!duration || *duration < std::chrono::seconds(1) ||
        *duration % std::chrono::seconds(1) != Duration::zero()) {
      return Scanner::error_at(
          column,
          fmt::format("\"{}\" is not a number of whole seconds such as 5s", printable(word, 60)));
    }
    condition_.sustained = *duration;
    return scanner_.expect_end();
  }

  Scanner scanner_;
  Condition condition_;
  Columns columns_;
};

}  // namespace

MetricUnit unit_of(Metric metric) {
  return info_of(metric).unit;
}

bool is_effect_metric(Metric metric) {
  switch (metric) {
    case Metric::kDuplicateEffects:
    case Metric::kLostEffects:
    case Metric::kPhantomEffects:
    case Metric::kUnattributedEffects:
    case Metric::kUndecidedEffects:
      return true;
    case Metric::kPercentile:
    case Metric::kMean:
    case Metric::kMax:
    case Metric::kErrorRate:
    case Metric::kRate:
    case Metric::kOperations:
    case Metric::kAttemptErrorRate:
    case Metric::kAttempts:
    case Metric::kDropped:
    case Metric::kTimeToRecover:
      return false;
  }
  SQUALL_CHECK(false);
}

bool is_condition_word(std::string_view word) {
  return looks_like_percentile(word) || find_metric(word) != nullptr ||
         find_selector(word) != nullptr;
}

bool Condition::holds(double value) const {
  return compare(comparison, value, bound);
}

Result<Condition> parse_condition(std::string_view text) {
  return ConditionParser(text).parse();
}

std::string_view condition_grammar() {
  return R"(condition   = [ step ] [ exposure ] [ phase ] [ span ] metric comparison bound [ "for" seconds ] ;
step        = name [ "." name ] ;                  (* a scenario, or one step of it; none: all of them *)
exposure    = "clean" | "faulted" ;                (* operations that no client fault touched, or that one did *)
phase       = "warmup" | "measured" | "all"        (* none: measured, which is all three of the next *)
            | "baseline" | "fault" | "recovery" ;  (* before, while and after the plan's faults and actions *)
span        = "response" | "lag" | "queue" | "service" ;  (* none: response *)
metric      = percentile | "mean" | "max"          (* of a span: a duration *)
            | "error_rate" | "rate" | "operations" (* of operations: a share, a rate, a count *)
            | "attempt_error_rate" | "attempts"    (* of attempts: a share, a count *)
            | "dropped"                            (* arrivals that never started: a count *)
            | "time_to_recover"                    (* from the end of the last fault: a duration *)
            | "duplicate_effects" | "lost_effects" | "phantom_effects"
            | "unattributed_effects" | "undecided_effects" ;  (* of effects, whole run: a count *)
percentile  = "p" number ;                         (* p50, p99, p99.9: above 0, at most 100 *)
comparison  = "==" | "!=" | "<" | "<=" | ">" | ">=" ;
bound       = duration | share | rate | integer ;  (* 250ms, 1%, 200/s, 0: as the metric asks *)
seconds     = duration ;                           (* whole seconds: it holds in each of that many in a row *)

expectation = "status" "in" status ".." status     (* both ends included *)
            | "status" comparison status
            | "json" pointer comparison ( text | number | "true" | "false" | names )
            | "json" pointer "exists"
            | "json" pointer "matches" pattern         (* texts without their quotes, others as written *)
            | "header" text ( "==" | "!=" ) text       (* any field of that name; case of the name is ignored *)
            | "header" text "exists"
            | "header" text "contains" text
            | "header" text "matches" pattern
            | "body" "contains" text
            | "body" "matches" pattern
            | "size" comparison size                   (* of the decoded body: 10KiB *)
            | "time" comparison duration               (* service time *)
            | "not" expectation ;                      (* once *)
names       = "{{" name "}}" ;                       (* of a number; texts that are compared with or contained *)
                                                   (* may hold them, too: filled in for the operation *)
extraction  = source [ "optional" | "default" text ] ;
source      = "json" pointer
            | "header" text
            | "cookie" text
            | "regex" pattern [ "in" "header" text ] ; (* the first named group, else group 1, else all of it *)
pattern     = text ;                                   (* a regular expression of RE2 *)
pointer     = ? RFC 6901: /items/0/id ? | text ;   (* quoted when it holds blanks, quotes or <>=! *)
text        = ? a JSON string: "succeeded" ? ;
status      = ? 100 to 999 ? ;
name        = ? letters, digits, "_" and "-" ? ;
)";
}

}  // namespace squall::expr
