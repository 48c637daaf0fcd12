// 28: all of it at once, for a while.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "claim keys by one atomic statement: what is right at rest races under load",
    "let the claim outlive the slowest work there is",
};

constexpr double kRepeated = 0.1;  // of the operations
// What is under way at a time in memory, with all its texts.
constexpr Duration kLongestSlice = std::chrono::seconds(5);
constexpr std::size_t kMostOfASlice = 2000;
// Whose tokens are kept, and counted in the end.
constexpr std::size_t kMostOperations = 50'000;
constexpr std::size_t kBodyKept = 400;
constexpr Duration kLatestRepeat = std::chrono::seconds(1);

enum class Repeat { kNone, kTogether, kInFlight, kLater };

struct Planned {
  Repeat repeat = Repeat::kNone;
  std::size_t first = 0;  // of its shots in the slice
  std::size_t shots = 0;
};

// Of operations; their repeats count as requests, too.
Rate allowed_rate(const Lab& lab) {
  const Rate wanted = lab.idempotency().load_rate;
  const auto& most = lab.plan().max_rate;
  return most && lab.plan().leaves_loopback()
             ? Rate{std::min(wanted.per_second, most->per_second / (1 + kRepeated))}
             : wanted;
}

struct Tally {
  std::uint64_t operations = 0;
  std::uint64_t requests = 0;
  std::uint64_t acked = 0;
  std::array<std::uint64_t, 4> by_repeat{};
  std::vector<std::string> tokens;  // of those that were acked
};

class LoadTest {
 public:
  LoadTest(Lab& lab, PropertyTest& test)
      : lab_(lab),
        test_(test),
        rate_(allowed_rate(lab)),
        apart_(from_seconds(1 / rate_.per_second)) {}

  void run() {
    const Duration time = lab_.idempotency().under_load;
    const auto all = static_cast<std::size_t>(to_seconds(time) * rate_.per_second);
    const std::size_t wanted = std::clamp<std::size_t>(all, 1, kMostOperations);
    const auto in_time = static_cast<std::size_t>(to_seconds(kLongestSlice) * rate_.per_second);
    const std::size_t slice = std::clamp<std::size_t>(in_time, 1, kMostOfASlice);
    test_.provoked(fmt::format("{} for {}, one in ten repeated together, in flight or later",
                               format_rate(rate_), format_duration(apart_ * wanted)));
    if (wanted < all) {
      test_.note(fmt::format("ended after {} operations: more are not kept in memory", wanted));
    }
    for (std::size_t done = 0; done < wanted && !lab_.stopped();) {
      const std::size_t now = std::min(slice, wanted - done);
      play_slice(now);
      done += now;
      lab_.tell(fmt::format("{} of {} operations", done, wanted));
    }
    conclude();
  }

 private:
  Repeat draw() {
    if (lab_.stratum(0, 1) >= kRepeated) {
      return Repeat::kNone;
    }
    const double which = lab_.stratum(0, 1);
    return which < 1.0 / 3   ? Repeat::kTogether
           : which < 2.0 / 3 ? Repeat::kInFlight
                             : Repeat::kLater;
  }

  // The shots of one operation that is due then.
  Planned add_shots(std::vector<Shot>& shots, Duration due, unsigned number) {
    Planned planned{.repeat = draw(), .first = shots.size(), .shots = 1};
    Shot shot = lab_.shot(lab_.new_operation());
    shot.after = due;
    if (planned.repeat == Repeat::kTogether) {
      shot.barrier = number;
    }
    shots.push_back(shot);
    if (planned.repeat == Repeat::kNone) {
      return planned;
    }
    const Duration service = lab_.service_time();
    if (planned.repeat == Repeat::kInFlight) {
      shot.after += std::chrono::duration_cast<Duration>(service * lab_.stratum(0, 1));
    } else if (planned.repeat == Repeat::kLater) {
      shot.after +=
          service + std::chrono::duration_cast<Duration>(kLatestRepeat * lab_.stratum(0, 1));
    }
    shots.push_back(std::move(shot));
    planned.shots = 2;
    return planned;
  }

  void play_slice(std::size_t operations) {
    std::vector<Shot> shots;
    std::vector<Planned> planned;
    for (std::size_t i = 0; i < operations; ++i) {
      planned.push_back(add_shots(shots, apart_ * i, static_cast<unsigned>(i)));
    }
    std::vector<Answer> answers = lab_.sender().play(shots);
    for (const Planned& one : planned) {
      keep(one, shots, answers);
    }
  }

  void keep(const Planned& planned, const std::vector<Shot>& shots, std::vector<Answer>& answers) {
    Trial trial;
    const Operation& operation = shots[planned.first].operation;
    const auto begin = answers.begin() + static_cast<std::ptrdiff_t>(planned.first);
    const auto end = begin + static_cast<std::ptrdiff_t>(planned.shots);
    const bool acked = std::any_of(begin, end, [](const Answer& one) { return one.succeeded(); });
    trial.expect(operation, acked ? 1 : 0, 1);
    for (std::size_t i = planned.first; i < planned.first + planned.shots; ++i) {
      Lab::spoil_by(trial, shots[i], answers[i]);
    }
    if (planned.repeat != Repeat::kNone && begin->succeeded() && (begin + 1)->succeeded()) {
      judge_replay(lab_, trial, *begin, *(begin + 1));
    }
    for (std::size_t i = 0; i < planned.shots; ++i) {
      trial.sent().push_back(
          sent(shots[planned.first + i], shots[planned.first].after, answers[planned.first + i]));
    }
    ++tally_.operations;
    tally_.requests += planned.shots;
    ++tally_.by_repeat[static_cast<std::size_t>(planned.repeat)];
    if (acked) {
      ++tally_.acked;
      tally_.tokens.push_back(operation.token);
    }
    test_.trials().push_back(std::move(trial));
  }

  // Without what nobody reads later; `due`: when the operation was, from which its times count.
  static Sent sent(const Shot& shot, Duration due, Answer& answer) {
    Sent one{.asks_effect = true, .shot = shot, .answer = std::move(answer)};
    one.shot.after -= due;
    for (Duration* at : {&one.answer.started, &one.answer.sent, &one.answer.ended}) {
      *at -= due;
    }
    one.answer.head.clear();
    if (one.answer.body.size() > kBodyKept) {
      one.answer.body.resize(kBodyKept);
    }
    one.answer.body.shrink_to_fit();
    one.answer.head.shrink_to_fit();
    return one;
  }

  void conclude() {
    test_.note(fmt::format(
        "{} operations in {} requests ({} repeated together, {} in flight, {} later), {} acked",
        tally_.operations, tally_.requests,
        tally_.by_repeat[static_cast<std::size_t>(Repeat::kTogether)],
        tally_.by_repeat[static_cast<std::size_t>(Repeat::kInFlight)],
        tally_.by_repeat[static_cast<std::size_t>(Repeat::kLater)], tally_.acked));
    if (!lab_.effects().possible() || lab_.effects().knows_only_totals() || tally_.tokens.empty() ||
        lab_.stopped()) {
      return;
    }
    const auto counts =
        lab_.effects().count(tally_.tokens, [this](std::string_view text) { lab_.tell(text); });
    if (!counts.problem.empty()) {
      return;  // whoever gives the verdict says so
    }
    std::uint64_t effects = 0;
    for (const auto& [token, count] : counts.effects) {
      effects += count;
    }
    test_.note(fmt::format("{} effects of {} acked operations", effects, tally_.tokens.size()));
  }

  Lab& lab_;
  PropertyTest& test_;
  const Rate rate_;
  const Duration apart_;
  Tally tally_;
};

void test(Lab& lab, PropertyTest& test) {
  LoadTest(lab, test).run();
}

}  // namespace

void register_property_kind_under_load(PropertyRegistry& registry);
void register_property_kind_under_load(PropertyRegistry& registry) {
  registry.add({.name = "under-load",
                .number = 28,
                .title = "Under load",
                .provocation = "a tenth of all operations repeated, for minutes",
                .promise = "Under load, too, each operation has one effect, however often it is "
                           "asked for.",
                .lacks = lacks_load,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
