// One round of a property: what was asked for, what was sent, what was wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/verify/shot.hpp"

namespace squall::verify {

// Whether a break fails the property or only warns.
enum class Severity : std::uint8_t { kWarn, kFail };

// What two answers, one after the other, give away by themselves: whoever sends the two requests
// again can look for it, without counting effects.
struct Telltale {
  enum class Sign : std::uint8_t {
    kSameResource,  // both are successes and name one resource
    kSameBody,      // the second says what the first one said, but for volatile fields
    kBothSucceed,
  };
  Sign sign = Sign::kSameBody;
  std::size_t first = 0;  // positions in Trial::sent()
  std::size_t second = 0;
};

struct Break {
  model::PropertyHarm harm = model::PropertyHarm::kAnswer;
  Severity severity = Severity::kFail;
  std::string text;      // one sentence
  bool missing = false;  // an effect: follows from what else went wrong, when something did
  std::optional<Telltale> telltale = {};
};

// What something that is asked for once has by itself, background jobs included.
struct Usual {
  std::uint64_t effects = 1;                  // counted by the first oracle
  std::vector<std::uint64_t> elsewhere = {};  // by the others, in the plan's order; 0: not the same
                                              // each time
};

// How many effects a token may have in the end, in operations: what one operation has by itself
// (background jobs included) is one.
struct Expectation {
  std::string token;
  std::uint64_t least = 1;
  std::uint64_t most = 1;
  Severity below = Severity::kFail;  // an effect that is missing
  Severity above = Severity::kFail;
  // Of what is asked for here; absent: it is the plan's operation.
  std::optional<Usual> usual = {};
  std::uint64_t effects = 0;  // counted; in the oracle's counts
  bool decided = false;
  // What the oracles after the first one count, in the plan's order; absent: not decided.
  std::vector<std::optional<std::uint64_t>> elsewhere = {};
};

// A shot that was played, at its instant of the trial.
struct Sent {
  Duration began{};          // of its play, after the trial began
  bool asks_effect = false;  // the plan's operation: its answers name resources
  Shot shot;
  std::size_t play = 0;  // of the trial; shots of one play were under way together
  Answer answer;
};

// A value; the property fills it through the lab.
class Trial {
 public:
  // Since it began.
  [[nodiscard]] Duration elapsed() const { return monotonic_now() - began_; }
  [[nodiscard]] TimePoint began() const { return began_; }

  // The token's effects must be within these bounds when all has come to rest.
  void expect(const Operation& operation, std::uint64_t least = 1, std::uint64_t most = 1) {
    expectations_.push_back({.token = operation.token, .least = least, .most = most});
  }
  // The same of something that is not the plan's operation: what one of it has is `usual`.
  void expect(const Operation& operation, const Usual& usual, std::uint64_t least = 1,
              std::uint64_t most = 1) {
    expect(operation, least, most);
    last_expectation().usual = usual;
  }
  Expectation& last_expectation() { return expectations_.back(); }

  // A promise that was not kept.
  void fails(model::PropertyHarm harm, std::string text) {
    breaks_.push_back({harm, Severity::kFail, std::move(text)});
  }
  void fails(model::PropertyHarm harm, std::string text, Telltale telltale) {
    breaks_.push_back({harm, Severity::kFail, std::move(text), false, telltale});
  }
  void warns(std::string text) {
    breaks_.push_back({model::PropertyHarm::kAnswer, Severity::kWarn, std::move(text)});
  }
  // A status code, a body or a header that is not as expected: fails when the profile declares it.
  void answers_otherwise(bool declared, std::string text) {
    breaks_.push_back({model::PropertyHarm::kAnswer, declared ? Severity::kFail : Severity::kWarn,
                       std::move(text)});
  }
  // It says nothing: the target limits the rate, or squall could not send. It is repeated.
  void spoil(std::string why) { spoiled_ = std::move(why); }
  [[nodiscard]] const std::optional<std::string>& spoiled() const { return spoiled_; }

  // Effects of the whole trial, by an oracle that knows only a total; absent: not known, or such an
  // oracle was not asked about this trial alone.
  void set_total(std::optional<std::uint64_t> effects) {
    total_ = effects;
    was_weighed_ = true;
  }
  [[nodiscard]] const std::optional<std::uint64_t>& total() const { return total_; }
  [[nodiscard]] bool was_weighed() const { return was_weighed_; }

  std::vector<Expectation>& expectations() { return expectations_; }
  [[nodiscard]] const std::vector<Expectation>& expectations() const { return expectations_; }
  [[nodiscard]] const std::vector<Break>& breaks() const { return breaks_; }
  std::vector<Sent>& sent() { return sent_; }
  [[nodiscard]] const std::vector<Sent>& sent() const { return sent_; }
  // Numbers plays. `with_deeds`: things were done at instants of it.
  std::size_t next_play(bool with_deeds) {
    has_deeds_ = has_deeds_ || with_deeds;
    return plays_++;
  }
  [[nodiscard]] bool has_deeds() const { return has_deeds_; }
  std::vector<model::PropertyAct>& acts() { return acts_; }
  [[nodiscard]] const std::vector<model::PropertyAct>& acts() const { return acts_; }

 private:
  TimePoint began_ = monotonic_now();
  std::vector<Expectation> expectations_;
  std::vector<Break> breaks_;
  std::vector<Sent> sent_;
  std::vector<model::PropertyAct> acts_;
  std::size_t plays_ = 0;
  bool has_deeds_ = false;
  std::optional<std::uint64_t> total_;
  bool was_weighed_ = false;
  std::optional<std::string> spoiled_;
};

}  // namespace squall::verify
