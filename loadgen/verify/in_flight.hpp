// A second request while the first one is running.
#pragma once

#include <string>

#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {

struct Overlap {
  Answer first;
  Answer second;
  bool in_flight = false;  // the second one was sent before the first was answered
};

// Slows down the first of the plan's dependencies that the operation waits for while it lives, when
// S is too short to aim into; heals it in the end. Borrows both.
class InFlight {
 public:
  // Tells the test what is provoked.
  InFlight(Lab& lab, PropertyTest& test);
  ~InFlight();
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

  // Fewer when the dependency is slow.
  [[nodiscard]] unsigned rounds() const { return rounds_; }
  // The second request starts 0.1 to 0.9 S after the first one, stratified by round.
  [[nodiscard]] Overlap play(Trial& trial, const Shot& first, const Shot& second, unsigned round);
  // Behind the rounds: notes in how many of them the second request came in time. When in none, the
  // property is not tested.
  void conclude();

 private:
  [[nodiscard]] bool stretch(const std::string& dependency);
  void heal(const std::string& dependency);

  Lab& lab_;
  PropertyTest& test_;
  Duration service_time_;
  unsigned rounds_;
  unsigned played_ = 0;
  unsigned overlapping_ = 0;
  std::string slowed_;  // by name; empty: none is
};

// What a refusal in flight tells of the dialect.
void note_refusal(Lab& lab, int status);

// An answer to a key with another payload: a refusal is right; a success fails, unless the profile
// says that payloads are not compared; another status warns, or fails when the profile declares it.
// `success` is what shows such a success again.
void judge_mismatch(Lab& lab, Trial& trial, const Answer& answer, Telltale success);

}  // namespace squall::verify
