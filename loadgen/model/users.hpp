// The closed model: a number of virtual users, each of which begins an iteration when its last one
// has ended and it has thought.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/expr/distribution.hpp"

namespace squall::model {

// How a scenario's starts depend on its answers.
enum class LoadModel : std::uint8_t {
  kOpen,        // each start is due at its time, whatever is answered
  kPartlyOpen,  // so are sessions; the steps within one wait for each other
  kClosed,      // a user starts again when its last iteration has ended
};
inline constexpr std::size_t kLoadModelCount = 3;
[[nodiscard]] std::string_view to_string(LoadModel how);  // "open", "partly open", "closed"

// The number of users along a straight line.
struct UserStage {
  Duration over{};  // zero: at once
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

// Virtual users are numbered from 0; user u is active while the number of users is above u. A user
// that becomes inactive ends the iteration it is in. Immutable; any thread.
struct Users {
  std::vector<UserStage> stages;  // from t = 0, one after the other; at least one. The warm-up has
                                  // as many users as t = 0; the last stage's end stays
  expr::Distribution think;       // between two iterations of a user
  std::uint64_t iterations = 0;   // of all users together, warm-up included; 0: no such limit
  std::string text;               // "50 users, think 1s", for people

  // The most that are active at any time.
  [[nodiscard]] std::uint32_t most() const;
  // The first instant after t = 0 (negative in the warm-up), not before `from`, at which that user
  // is active; nothing when it never is again.
  [[nodiscard]] std::optional<Duration> next_active(std::uint32_t user, Duration from) const;
};

// "50 users", "0 to 100 users over 30s", "3 stages of up to 100 users".
[[nodiscard]] std::string describe_stages(const std::vector<UserStage>& stages);

}  // namespace squall::model
