// An optional power of an oracle: what it can say of its last reading when effects are missing.
#pragma once

#include <string>

namespace squall::effects {

struct ReadingDoubt {
  // The target said that there is more than was read: a key without effects may have some.
  bool incomplete = false;
  // For people: what beside the effects was seen, and what to look at in the plan. Empty: nothing.
  std::string remark;
};

// An Oracle may be one of these too. The run's thread, between readings.
class TellsDoubt {
 public:
  virtual ~TellsDoubt() = default;
  [[nodiscard]] virtual ReadingDoubt doubt() const = 0;
};

}  // namespace squall::effects
