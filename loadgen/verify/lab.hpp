// What properties work with: makes operations, sends them, counts their effects, knows the target's
// habits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/run/stop_signal.hpp"
#include "loadgen/verify/effect_count.hpp"
#include "loadgen/verify/normaliser.hpp"
#include "loadgen/verify/sender.hpp"
#include "loadgen/verify/trial.hpp"
#include "loadgen/verify/world.hpp"

namespace squall::verify {

// What answers told of the dialect, for `profile = "auto"`. Absent: nothing was seen.
using Observed = model::IdempotencyProfile;

// Borrows everything it is made of; one thread.
class Lab {
 public:
  using Progress = std::function<void(std::string_view text)>;
  struct Deps {
    const model::Plan& plan;
    World& world;
    const run::StopSignal& stop;
    Progress progress;        // for people: "4 concurrent twins: 120 of 300 rounds"
    unsigned rounds;          // of race properties
    unsigned few_rounds = 0;  // of the others; 0: a tenth of that, 5 to 30
  };
  explicit Lab(const Deps& deps);

  [[nodiscard]] const model::Plan& plan() const { return deps_.plan; }
  [[nodiscard]] const model::IdempotencyPlan& idempotency() const { return idempotency_; }
  [[nodiscard]] const model::IdempotencyProfile& profile() const { return idempotency_.profile; }
  [[nodiscard]] World& world() { return deps_.world; }
  [[nodiscard]] Sender& sender() { return sender_; }
  [[nodiscard]] EffectCount& effects() { return effects_; }
  [[nodiscard]] const EffectCount& effects() const { return effects_; }
  [[nodiscard]] Normaliser& normaliser() { return normaliser_; }
  [[nodiscard]] const Normaliser& normaliser() const { return normaliser_; }
  [[nodiscard]] Observed& observed() { return observed_; }
  [[nodiscard]] const Observed& observed() const { return observed_; }
  // Of properties that look for a race.
  [[nodiscard]] unsigned rounds() const { return deps_.rounds; }
  // Of those where each round shows the same: a tenth, 5 to 30.
  [[nodiscard]] unsigned few_rounds() const {
    return deps_.few_rounds > 0 ? deps_.few_rounds : std::clamp(deps_.rounds / 10, 5U, 30U);
  }
  // Whether the target has refused every connection for seconds: one that was killed by a property
  // is started again by it, so this one is not coming back.
  [[nodiscard]] bool target_is_gone() const;
  [[nodiscard]] bool stopped() const { return deps_.stop.raised(); }
  // Nothing more can be tried: whoever repeats requests, or waits, ends.
  [[nodiscard]] bool is_over() const { return stopped() || target_is_gone(); }
  void tell(std::string_view text) const { deps_.progress(text); }

  // S: the median service time of the control group.
  [[nodiscard]] Duration service_time() const { return service_time_; }
  void set_service_time(Duration time) { service_time_ = time; }

  // An operation that nobody asked for before: key and token are of this run alone.
  [[nodiscard]] Operation new_operation(std::uint16_t caller = 0);
  // A key or token like those, for a second one of an operation.
  [[nodiscard]] std::string new_key();

  // The plan's operation, as it is. Requests that show or delete the resource carry no key; those
  // that tell of an event are a provider's, of none of the plan's callers.
  [[nodiscard]] Shot shot(const Operation& operation) const;
  [[nodiscard]] Shot shot(const model::IdempotencyRequest& request,
                          const Operation& operation) const;
  // Plays the shots and keeps them in the trial. An answer 429, or one that squall is to blame for,
  // spoils the trial. Heeds max_rate.
  std::vector<Answer> play(Trial& trial, std::span<const Shot> shots,
                           std::span<const Sender::Deed> deeds = {});
  Answer play(Trial& trial, const Shot& shot);
  // Spoils the trial when the answer says nothing of the target: see play().
  static void spoil_by(Trial& trial, const Shot& shot, const Answer& answer);
  // Done to the world: told in the trial. A failure spoils it.
  bool act(Trial& trial, std::string text, const std::function<Result<void>()>& act);

  // Waits; false when the run is stopped meanwhile.
  [[nodiscard]] bool wait(Duration time) const;

  // Number `i` of `count` places that cover [0, 1) evenly, each drawn from its own stratum.
  [[nodiscard]] double stratum(unsigned i, unsigned count);

  // Whether the second answer is the first one again: status and, but for volatile fields, body.
  // Empty: it is; else what differs.
  [[nodiscard]] std::string differs_from_first(const Answer& first, const Answer& second) const;
  // Whether a status is one of `declared`, or any of 400 to 499 when none is.
  [[nodiscard]] static bool is_refusal(int status, const std::vector<int>& declared);
  // Whether the profile's marker stands on the answer.
  [[nodiscard]] static bool has_marker(const Answer& answer, const model::ReplayMarker& marker);

 private:
  void keep_pace(std::size_t requests);
  void notice_refusals(const std::vector<Answer>& answers);

  Deps deps_;
  const model::IdempotencyPlan& idempotency_;
  Sender sender_;
  EffectCount effects_;
  Normaliser normaliser_;
  Observed observed_;
  Duration service_time_{};
  std::uint64_t made_ = 0;  // keys and tokens
  std::uint64_t drawn_ = 0;
  StreamId chance_;
  TimePoint next_send_{};  // by max_rate
  // Plays in a row of which no request found a connection, and since when.
  unsigned refused_plays_ = 0;
  TimePoint refused_since_{};
};

}  // namespace squall::verify
