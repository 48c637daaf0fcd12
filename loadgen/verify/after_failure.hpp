// An operation during which something broke, and the client that asks again until it knows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {

// How a call to a dependency is broken.
enum class Breakage : std::uint8_t {
  kFails,        // it fails at once, and nothing is done
  kAnswersLost,  // it is done, and its answer is lost
};
[[nodiscard]] std::string_view to_string(Breakage value);  // "fails", "loses its answers"

// Does it to that proxy; told in the trial, which a failure spoils.
bool break_dependency(Lab& lab, Trial& trial, const std::string& proxy, Breakage how);
// Undoes it; told in the trial, which a failure spoils. False when the proxy saw nothing meanwhile
// that it could have broken.
bool heal_dependency(Lab& lab, Trial& trial, const std::string& proxy);

enum class RetryEnd : std::uint8_t {
  kDone,           // a success
  kStoredFailure,  // the failure of the first request, given again and again
  kOther,          // anything else: the trial was told
};

// Repeats the shot, with waits between, until it has an end, at most for the plan's lock_time.
// `first`: what the operation's first request got. Tells the trial what is wrong with the end; a
// success makes one effect of the trial's last expectation a must, any other end none.
// REQUIRES: the trial expects the shot's operation last.
RetryEnd retry_after_failure(Lab& lab, Trial& trial, const Shot& shot, const Answer& first);

// The dependencies that an operation calls, which a first round with each of them shows; the others
// are told of. `round` gives whether the proxy had something to break.
class CalledDependencies {
 public:
  using Round = std::function<bool(Trial& trial, const std::string& proxy, Breakage how)>;
  // The first round of each.
  CalledDependencies(Lab& lab, PropertyTest& test, Round round);

  // `count` rounds more over all of them, failing and with lost answers by turns. When there are
  // none the property is not tested.
  void rounds(unsigned count);

 private:
  PropertyTest& test_;
  Round round_;
  std::vector<std::string> called_;
};

}  // namespace squall::verify
