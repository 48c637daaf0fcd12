// 21: what becomes of a key when its time is over, and just before.
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
    "keep keys for as long as is documented, counted from the first request's end",
    "make the window longer than the longest time after which a client still retries",
};

constexpr unsigned kOperations = 5;  // of each kind, in one round
constexpr double kInside = 0.8;      // of the window
constexpr double kOutside = 1.2;

// Goes forward in time: by the clock of a service, or by waiting.
class TimeTravel {
 public:
  explicit TimeTravel(Lab& lab) : lab_(lab) {}
  ~TimeTravel() {
    if (ahead_ > Duration::zero()) {
      static_cast<void>(lab_.world().set_clock_ahead(*lab_.idempotency().clock, Duration::zero()));
    }
  }
  TimeTravel(const TimeTravel&) = delete;
  TimeTravel& operator=(const TimeTravel&) = delete;

  // To so long after that instant. False: it could not be done, which spoils the trial.
  bool to(Trial& trial, TimePoint after, Duration time) {
    const auto& clock = lab_.idempotency().clock;
    if (clock) {
      ahead_ = time;
      return lab_.act(trial,
                      fmt::format("the clock of {} is {} ahead", *clock, format_duration(time)),
                      [&] { return lab_.world().set_clock_ahead(*clock, time); });
    }
    const Duration left = after + time - monotonic_now();
    return left <= Duration::zero() || lab_.wait(left);
  }
  bool back(Trial& trial) {
    if (std::exchange(ahead_, Duration::zero()) == Duration::zero()) {
      return true;
    }
    const std::string& clock = *lab_.idempotency().clock;
    return lab_.act(trial, fmt::format("the clock of {} is right again", clock),
                    [&] { return lab_.world().set_clock_ahead(clock, Duration::zero()); });
  }
  // How old something is for the target that began then.
  [[nodiscard]] Duration age(TimePoint began) const { return monotonic_now() - began + ahead_; }

 private:
  Lab& lab_;
  Duration ahead_{};
};

struct Replays {
  unsigned same = 0;     // the first answer, or the first resource, again
  unsigned anew = 0;     // another success
  unsigned refused = 0;  // 4xx
  unsigned otherwise = 0;
};

class Expiry {
 public:
  Expiry(Lab& lab, Duration window) : lab_(lab), window_(window) {}

  void round(Trial& trial) {
    // A second effect outside of the window is what is documented, and when a replay is inside is
    // known afterwards.
    const std::vector<Shot> inside = first_shots();
    const std::vector<Shot> outside = first_shots();
    for (const std::vector<Shot>* shots : {&inside, &outside}) {
      for (const Shot& shot : *shots) {
        trial.expect(shot.operation, 1, 2);
      }
    }
    TimeTravel travel(lab_);
    const TimePoint began = monotonic_now();
    const std::vector<Answer> first_inside = firsts(trial, inside);
    const std::vector<Answer> first_outside = firsts(trial, outside);
    const TimePoint ended = monotonic_now();
    if (trial.spoiled() || !travel.to(trial, began, scaled(kInside))) {
      return;
    }
    const std::vector<Answer> again_inside = lab_.play(trial, inside);
    if (travel.age(began) >= window_) {
      trial.spoil("the replays were not answered before the window was over");
      return;
    }
    for (std::size_t i = 0; i < inside.size(); ++i) {
      trial.expectations()[i].most = 1;
      judge_inside(trial, first_inside[i], again_inside[i]);
    }
    if (trial.spoiled() || !travel.to(trial, ended, scaled(kOutside))) {
      return;
    }
    const std::vector<Answer> again_outside = lab_.play(trial, outside);
    for (std::size_t i = 0; i < outside.size(); ++i) {
      count(first_outside[i], again_outside[i], outside_);
    }
    travel.back(trial);
  }

  [[nodiscard]] std::string summary() const {
    return fmt::format(
        "just outside of the window of {}: {} replays, {} carried out anew, {} refused, {} "
        "otherwise",
        format_duration(window_), outside_.same, outside_.anew, outside_.refused,
        outside_.otherwise);
  }

 private:
  [[nodiscard]] Duration scaled(double factor) const {
    return std::chrono::duration_cast<Duration>(window_ * factor);
  }

  std::vector<Shot> first_shots() {
    std::vector<Shot> shots;
    shots.reserve(kOperations);
    for (unsigned i = 0; i < kOperations; ++i) {
      shots.push_back(lab_.shot(lab_.new_operation()));
    }
    return shots;
  }

  std::vector<Answer> firsts(Trial& trial, const std::vector<Shot>& shots) {
    std::vector<Answer> answers;
    answers.reserve(shots.size());
    for (const Shot& shot : shots) {
      answers.push_back(first_success(lab_, trial, shot).value_or(Answer{}));
    }
    return answers;
  }

  void count(const Answer& first, const Answer& again, Replays& replays) const {
    const bool same_resource = first.id && again.id && *first.id == *again.id;
    if (again.succeeded()) {
      ++(same_resource || lab_.differs_from_first(first, again).empty() ? replays.same
                                                                        : replays.anew);
    } else {
      ++(Lab::is_refusal(again.status, {}) ? replays.refused : replays.otherwise);
    }
  }

  void judge_inside(Trial& trial, const Answer& first, const Answer& again) const {
    if (again.succeeded()) {
      judge_replay(lab_, trial, first, again);
    } else {
      trial.answers_otherwise(true, fmt::format("inside of the window a replay ends with status {} "
                                                "({})",
                                                again.status, model::to_string(again.how)));
    }
  }

  Lab& lab_;
  const Duration window_;
  Replays outside_;
};

void test(Lab& lab, PropertyTest& test) {
  const model::IdempotencyPlan& idempotency = lab.idempotency();
  const Duration window = *idempotency.window;
  // Waiting for it is done once.
  const unsigned count = idempotency.clock ? 3 : 1;
  test.provoked(
      fmt::format("replays at 80% and at 120% of the window of {}, {}; {} operations each",
                  format_duration(window),
                  idempotency.clock ? fmt::format("by the clock of {}", *idempotency.clock)
                                    : std::string("waited for"),
                  count * kOperations));
  Expiry expiry(lab, window);
  test.rounds(count, [&](Trial& trial) { expiry.round(trial); });
  test.note(expiry.summary());
}

}  // namespace

void register_property_kind_expiry(PropertyRegistry& registry);
void register_property_kind_expiry(PropertyRegistry& registry) {
  registry.add({.name = "expiry",
                .number = 21,
                .title = "Expiry",
                .provocation = "a replay just inside of the window, and just outside",
                .promise =
                    "A key is known for as long as is documented: until then a replay has no "
                    "second effect.",
                .lacks = lacks_window,
                .test = test,
                .remedies = kRemedies});
}

}  // namespace squall::verify
