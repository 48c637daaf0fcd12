#include "loadgen/engine/curve_arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace squall::engine {
namespace {

// Where the next arrival lies on the axis of counts.
class EvenCounts {
 public:
  double next() { return static_cast<double>(next_++); }

 private:
  std::uint64_t next_ = 0;
};

class PoissonCounts {
 public:
  explicit PoissonCounts(StreamId stream) : rng_(stream) {}
  double next() { return sum_ += rng_.next_exponential(); }

 private:
  Rng rng_;
  double sum_ = 0;
};

template <class Counts>
class CurveCursor final : public model::ArrivalCursor {
 public:
  CurveCursor(RateCurve curve, Duration length, Counts counts)
      : curve_(std::move(curve)), length_(length), counts_(std::move(counts)) {}

  std::size_t fill(std::span<Duration> out) override {
    std::size_t filled = 0;
    while (filled < out.size() && !ended_) {
      const auto at = curve_.at_count(counts_.next());
      if (!at || *at >= length_) {
        ended_ = true;
        break;
      }
      last_ = std::max(last_, *at);  // two that are nearly one may round across each other
      out[filled++] = last_;
    }
    return filled;
  }

 private:
  RateCurve curve_;
  Duration length_;
  Counts counts_;
  Duration last_{};
  bool ended_ = false;
};

class CurveProcess final : public model::ArrivalProcess {
 public:
  CurveProcess(RateCurve curve, Spacing spacing) : curve_(std::move(curve)), spacing_(spacing) {}

  [[nodiscard]] std::unique_ptr<model::ArrivalCursor> open(const model::LoadSpan& span,
                                                           StreamId stream) const override {
    RateCurve curve = curve_.with_lead(span.warmup);
    if (spacing_ == Spacing::kEven) {
      return std::make_unique<CurveCursor<EvenCounts>>(std::move(curve), span.length(),
                                                       EvenCounts());
    }
    return std::make_unique<CurveCursor<PoissonCounts>>(std::move(curve), span.length(),
                                                        PoissonCounts(stream));
  }
  [[nodiscard]] double expected_count(const model::LoadSpan& span) const override {
    const RateCurve curve = curve_.with_lead(span.warmup);
    return spacing_ == Spacing::kEven ? even_count(curve, span.length())
                                      : curve.integral(span.length());
  }
  [[nodiscard]] Rate peak_rate(const model::LoadSpan& span) const override {
    return curve_.peak(span.duration);
  }

 private:
  RateCurve curve_;
  Spacing spacing_;
};

}  // namespace

expr::KeySpec spacing_key() {
  return {.name = "spacing",
          .type = expr::ValueType::kString,
          .help =
              "`even`: at equal distances for the rate of the moment; `poisson`: independent "
              "arrivals whose mean rate follows the curve.",
          .default_value = "even",
          .choices = {"even", "poisson"}};
}

Spacing read_spacing(expr::TableReader& reader) {
  return reader.string("spacing") == "poisson" ? Spacing::kPoisson : Spacing::kEven;
}

double even_count(const RateCurve& curve, Duration length) {
  const auto is_due = [&](double count) {
    const auto at = curve.at_count(count);
    return at && *at < length;
  };
  // The integral alone may be off by one where it is a whole number but for rounding.
  double count = std::ceil(curve.integral(length));
  while (count > 0 && !is_due(count - 1)) {
    --count;
  }
  while (is_due(count)) {
    ++count;
  }
  return count;
}

std::unique_ptr<model::ArrivalProcess> along_curve(RateCurve curve, Spacing spacing) {
  return std::make_unique<CurveProcess>(std::move(curve), spacing);
}

}  // namespace squall::engine
