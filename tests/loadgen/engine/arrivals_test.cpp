#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "loadgen/engine/rate_curve.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// All instants, from the begin of the warm-up.
std::vector<Duration> all_within(const model::ArrivalProcess& process, const model::LoadSpan& span,
                                 std::uint64_t seed = 1, std::size_t batch = 100) {
  const auto cursor = process.open(span, StreamId(seed, "s", "arrivals"));
  std::vector<Duration> instants;
  std::vector<Duration> part(batch);
  while (const std::size_t got = cursor->fill(part)) {
    instants.insert(instants.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
  }
  return instants;
}

std::vector<Duration> all_of(const model::ArrivalProcess& process, Duration length,
                             std::uint64_t seed = 1, std::size_t batch = 100) {
  return all_within(process, {.warmup = {}, .duration = length}, seed, batch);
}

model::LoadSpan measured(Duration length) {
  return {.warmup = {}, .duration = length};
}

TEST(ConstantArrivals, AreExactInNumberAndPlace) {
  const auto process = arrivals("constant", "3/s");
  const auto instants = all_of(*process, seconds(10), 1);
  ASSERT_EQ(instants.size(), 30U);
  EXPECT_DOUBLE_EQ(process->expected_count(measured(seconds(10))), 30.0);
  for (std::size_t i = 0; i < instants.size(); ++i) {
    EXPECT_EQ(instants[i].count(), std::llround(static_cast<double>(i) * 1e9 / 3.0));
  }
}

TEST(ConstantArrivals, DoNotDriftInADay) {
  const auto process = arrivals("constant", "7/s");
  const auto instants = all_of(*process, std::chrono::hours(24), 1, 4096);
  ASSERT_EQ(instants.size(), 7U * 86400U);
  EXPECT_NEAR(to_seconds(instants.back()), 86400.0 - 1.0 / 7.0, 1e-8);
}

TEST(PoissonArrivals, AreTheSameForTheSameSeedWhateverTheBatch) {
  const auto process = arrivals("poisson", "500/s");
  EXPECT_EQ(all_of(*process, seconds(5), 7, 1), all_of(*process, seconds(5), 7, 512));
  EXPECT_NE(all_of(*process, seconds(5), 7), all_of(*process, seconds(5), 8));
}

// Anderson-Darling statistic of gaps against the exponential distribution with the true mean (case
// 0: fully specified, so the 1% critical value is 3.857 whatever the size; Stephens, "EDF
// Statistics for Goodness of Fit", 1974).
double anderson_darling(std::vector<double> gaps, double rate) {
  std::sort(gaps.begin(), gaps.end());
  const auto n = static_cast<double>(gaps.size());
  double sum = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const double low = -std::expm1(-gaps[i] * rate);
    const double high = gaps[gaps.size() - 1 - i] * rate;  // -log(1 - F)
    sum += (2.0 * static_cast<double>(i) + 1.0) * (std::log(low) - high);
  }
  return -n - sum / n;
}

TEST(PoissonArrivals, HaveExponentialGaps) {
  const auto process = arrivals("poisson", "1000/s");
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto instants = all_of(*process, seconds(20), seed);
    // 20,000 expected; five standard deviations.
    EXPECT_NEAR(static_cast<double>(instants.size()), 20000.0, 5 * std::sqrt(20000.0));
    std::vector<double> gaps;
    Duration before{};
    for (const Duration at : instants) {
      gaps.push_back(to_seconds(at - before));
      before = at;
    }
    EXPECT_LT(anderson_darling(gaps, 1000.0), 3.857) << "seed " << seed;
  }
}

// The 1.1 and the 10 have no exact product in binary.
TEST(ConstantArrivals, CountThemselvesExactly) {
  for (const char* rate : {"10/s", "0.7/s", "3/s", "1000/s", "7/m"}) {
    const auto process = arrivals("constant", rate);
    for (const int ms : {100, 700, 1100, 1900, 60'000}) {
      const Duration length = milliseconds(ms);
      EXPECT_EQ(process->expected_count(measured(length)),
                static_cast<double>(all_of(*process, length).size()))
          << rate << " for " << ms << "ms";
    }
  }
}

TEST(ConstantArrivals, AreNeverSkewedByMoreThanRounding) {
  const auto instants = all_of(*arrivals("constant", "777/s"), seconds(600));
  for (std::size_t i = 0; i < instants.size(); ++i) {
    const long double exact = static_cast<long double>(i) * 1e9L / 777.0L;
    ASSERT_LE(std::abs(static_cast<long double>(instants[i].count()) - exact), 0.51L) << i;
  }
}

struct Exact {
  const char* kind;
  const char* keys;
  Duration length;
  std::size_t arrivals;
  double peak;
};

// The integral of each rate, worked out by hand.
TEST(CurveArrivals, AreExactInNumber) {
  const Exact cases[] = {
      {"ramp", "from='0/s'\nto='1000/s'\nover='10s'", seconds(10), 5000, 1000},
      {"ramp", "from='0/s'\nto='1000/s'\nover='10s'", seconds(5), 1250, 500},
      {"ramp", "from='0/s'\nto='1000/s'\nover='10s'", seconds(25), 20000, 1000},
      {"ramp", "from='100/s'\nto='0/s'\nover='10s'", seconds(60), 500, 100},
      {"ramp", "from='0.1/s'\nto='0.3/s'\nover='30s'", seconds(30), 6, 0.3},
      {"steps", "steps=[{rate='100/s',for='3s'},{rate='0/s',for='2s'},{rate='50/s',for='1s'}]",
       seconds(10), 300 + 50 * 5, 100},
      {"steps", "from='100/s'\nby='50/s'\nevery='2s'\nto='230/s'", seconds(10),
       200 + 300 + 400 + 230 * 4, 230},
      {"steps", "from='30/s'\nby='10/s'\nevery='1s'\nto='10/s'", seconds(4), 30 + 20 + 20, 30},
      {"steps", "from='0.1/s'\nby='0.1/s'\nevery='10s'\nto='0.3/s'", seconds(30), 6, 0.3},
      {"spike", "base='10/s'\npeak='110/s'\nat='5s'\nfor='4s'\nrise='2s'", seconds(20),
       50 + 120 + 440 + 120 + 70, 110},
      {"spike", "base='0/s'\npeak='100/s'\nat='5s'\nfor='1s'", seconds(20), 100, 100},
      {"sine", "mean='100/s'\namplitude='100/s'\nperiod='7s'", seconds(14), 1400, 200},
      {"sine", "mean='100/s'\namplitude='30/s'\nperiod='10s'", seconds(30), 3000, 130},
      {"burst", "size=7\nevery='3s'", seconds(10), 28, 7},
      {"burst", "size=7\nevery='250ms'\nbase='10/s'", seconds(2), 56 + 20, 38},
      {"burst", "size=1\nevery='1s'", seconds(3), 3, 1},
  };
  for (const Exact& one : cases) {
    const auto process = arrivals_of(one.kind, one.keys);
    const auto instants = all_of(*process, one.length);
    EXPECT_EQ(instants.size(), one.arrivals) << one.kind << ": " << one.keys;
    EXPECT_EQ(process->expected_count(measured(one.length)), static_cast<double>(one.arrivals))
        << one.kind << ": " << one.keys;
    EXPECT_NEAR(process->peak_rate(measured(one.length)).per_second, one.peak, 1e-9)
        << one.kind << ": " << one.keys;
    EXPECT_TRUE(std::is_sorted(instants.begin(), instants.end())) << one.kind;
    EXPECT_GE(instants.front(), Duration::zero());
    EXPECT_LT(instants.back(), one.length);
  }
}

TEST(CurveArrivals, CountFromTheEndOfTheWarmup) {
  const auto ramp = arrivals_of("ramp", "from='10/s'\nto='110/s'\nover='10s'");
  const model::LoadSpan span{.warmup = seconds(2), .duration = seconds(10)};
  const auto instants = all_within(*ramp, span);
  const auto first_measured = std::lower_bound(instants.begin(), instants.end(), span.warmup);
  EXPECT_EQ(first_measured - instants.begin(), 20);
  EXPECT_EQ(instants.end() - first_measured, 600);
  EXPECT_EQ(ramp->expected_count(span), 620.0);

  const auto spike = arrivals_of("spike", "base='1/s'\npeak='100/s'\nat='0s'\nfor='1s'");
  EXPECT_EQ(all_within(*spike, {.warmup = seconds(5), .duration = seconds(1)}).size(), 105U);

  const auto burst = arrivals_of("burst", "size=2\nevery='3s'");
  EXPECT_EQ(all_within(*burst, {.warmup = seconds(4), .duration = seconds(4)}),
            (std::vector<Duration>{seconds(1), seconds(1), seconds(4), seconds(4), seconds(7),
                                   seconds(7)}));
}

// A Poisson process along a curve becomes one of rate 1 when time is rescaled by the integral of
// its rate. 1% critical value as above.
TEST(CurveArrivals, OfPoissonSpacingAreExponentialAfterTimeRescaling) {
  const auto process =
      arrivals_of("ramp", "from='100/s'\nto='1900/s'\nover='20s'\nspacing='poisson'");
  engine::RateCurve curve;
  curve.add_linear(seconds(20), Rate{100}, Rate{1900});
  curve.hold(Rate{1900});
  EXPECT_DOUBLE_EQ(process->expected_count(measured(seconds(20))), 20000);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto instants = all_of(*process, seconds(20), seed);
    EXPECT_NEAR(static_cast<double>(instants.size()), 20000.0, 5 * std::sqrt(20000.0));
    EXPECT_TRUE(std::is_sorted(instants.begin(), instants.end()));
    std::vector<double> gaps;
    double before = 0;
    for (const Duration at : instants) {
      const double now = curve.integral(at);
      // Instants are whole nanoseconds, so two may be the same; the test takes logarithms.
      gaps.push_back(std::max(now - before, 1e-6));
      before = now;
    }
    EXPECT_LT(anderson_darling(gaps, 1.0), 3.857) << "seed " << seed;
    // And without rescaling it is no homogeneous process: the test can fail.
    std::vector<double> raw;
    for (std::size_t i = 1; i < instants.size(); ++i) {
      raw.push_back(to_seconds(instants[i] - instants[i - 1]) + 1e-12);
    }
    EXPECT_GT(anderson_darling(raw, 1000.0), 3.857) << "seed " << seed;
  }
}

std::shared_ptr<const model::ArrivalProcess> trace(const std::string& content,
                                                   const std::string& keys,
                                                   const TestDirectory& folder) {
  return arrivals_of("trace", "file = '" + folder.write("t.txt", content) + "'\n" + keys);
}

TEST(TraceArrivals, AreTheRecordedOnesScaled) {
  const TestDirectory folder;
  const auto process = trace("100\n101\n101\n104\n", "speed = 2.0", folder);
  EXPECT_EQ(all_of(*process, seconds(10)),
            (std::vector<Duration>{Duration(0), milliseconds(500), milliseconds(500), seconds(2)}));
  EXPECT_EQ(all_of(*process, seconds(2), 1, 1).size(), 3U);  // [0, 2s)
  EXPECT_EQ(process->expected_count(measured(seconds(2))), 3);
  EXPECT_EQ(process->peak_rate(measured(seconds(10))).per_second, 3);
  EXPECT_EQ(all_within(*process, {.warmup = seconds(1), .duration = seconds(1)}),
            (std::vector<Duration>{seconds(1), milliseconds(1500), milliseconds(1500)}));
}

TEST(TraceArrivals, BeginWhenTheyDidBesideOthers) {
  const TestDirectory folder;
  const auto process = trace("100\n101\n", "begin = '3s'\nspeed = 2.0", folder);
  EXPECT_EQ(all_of(*process, seconds(10)),
            (std::vector<Duration>{milliseconds(1500), milliseconds(2000)}));
}

std::string problems_of(std::string_view kind, std::string_view keys) {
  const auto& found = registered_kind<model::ArrivalKind>(engine::register_arrivals, kind);
  std::string problems;
  EXPECT_NE(compile_kind(found, keys, problems), nullptr);
  return problems;
}

TEST(TraceArrivals, NameTheLineOfTheFileThatIsWrong) {
  const TestDirectory folder;
  const std::string path = folder.write("t.csv", "time\n1\n2\nnever\n");
  EXPECT_EQ(problems_of("trace", "file = '" + path + "'"),
            path +
                ":4:1: \"never\" is not a timestamp; right ones are 12.25, 1700000000.125 and "
                "2023-11-14T22:13:20.125Z\n");
  EXPECT_EQ(problems_of("trace", "file = '" + folder.path() + "'"),
            "test.toml:1:8: cannot read " + folder.path() + ": it is not a file\n");
  EXPECT_EQ(problems_of("trace", "file = '/no/such/file'"),
            "test.toml:1:8: cannot read /no/such/file: No such file or directory\n");
}

TEST(TraceArrivals, SayThatTheySortedTheFile) {
  const TestDirectory folder;
  const std::string path = folder.write("t.txt", "3\n1\n2\n");
  const std::string said = problems_of("trace", "file = '" + path + "'");
  EXPECT_NE(said.find("warning: 2 of 3 timestamps stand behind a later one, the first in line 2"),
            std::string::npos)
      << said;
}

TEST(Arrivals, WithoutTrafficAreAnErrorWithItsPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"constant", "rate = '0/s'"},
      {"poisson", "rate = '0/s'"},
      {"ramp", "from='0/s'\nto='0/s'\nover='1s'"},
      {"steps", "steps=[{rate='0/s',for='1s'}]"},
      {"steps", "from='0/s'\nby='1/s'\nevery='1s'\nto='0/s'"},
      {"spike", "base='0/s'\npeak='0/s'\nat='1s'\nfor='1s'"},
      {"sine", "mean='0/s'\namplitude='0/s'\nperiod='1s'"},
  };
  for (const auto& [kind, keys] : cases) {
    const std::string problems = problems_of(kind, keys);
    EXPECT_NE(problems.find("make"), std::string::npos) << kind << ": " << problems;
    EXPECT_NE(problems.find("no traffic"), std::string::npos) << kind << ": " << problems;
  }
}

TEST(Arrivals, OfHostileSizeAreRefusedOrBounded) {
  EXPECT_NE(problems_of("steps", "from='1/s'\nby='0.000001/s'\nevery='1s'\nto='1000/s'")
                .find("at most 10000 are possible"),
            std::string::npos);
  EXPECT_NE(problems_of("burst", "size=100000000\nevery='1s'").find("size"), std::string::npos);
  const auto endless = arrivals_of("burst", "size=10000000\nevery='1ns'");
  EXPECT_GT(endless->expected_count(measured(std::chrono::hours(800'000))), 1e25);
}

}  // namespace
}  // namespace squall::test
