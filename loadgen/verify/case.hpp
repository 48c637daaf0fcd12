// A trial that can be played again: what was sent, and how many effects it may have had.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/verify/shot.hpp"
#include "loadgen/verify/trial.hpp"

namespace squall::verify {

// A shot of a case, and what became of it when it was recorded.
struct CaseShot {
  Shot shot;
  std::string request;            // as sent
  std::optional<std::string> id;  // of the resource that its answer named
};

// At most `most` effects, in operations or in what `usual` is about.
struct CaseBound {
  std::string token;
  std::uint64_t most = 1;
  std::optional<Usual> usual = {};
};

// A value. Keys and tokens in it are those of the record: who plays it puts fresh ones in.
struct Case {
  std::vector<std::vector<CaseShot>> plays;  // shots of one play are under way together
  std::vector<CaseBound> bounds;
  // Told by its two answers, one after the other, and not by effects: there are no bounds then.
  std::optional<Telltale::Sign> sign = {};
  // Keys, tokens, values and events of the record: what is fresh each time.
  std::set<std::string, std::less<>> own;

  [[nodiscard]] std::size_t shots() const;
};

// The trial as a case, when it shows effects that are too many and consists of nothing but
// requests: what was done to the world around the target cannot be told from it.
[[nodiscard]] std::optional<Case> case_of(const Trial& trial);

// The two requests of a trial whose answers tell: as they were, one after the other.
[[nodiscard]] Case case_told_by(const Trial& trial, const Telltale& telltale);

// What can be left out of a case, one by one.
struct CasePart {
  enum class What : std::uint8_t {
    kShot,        // the request itself
    kCut,         // it is cut
    kBarrier,     // the play's shots leave at the same instant; of a whole play, `shot` is 0
    kDelay,       // it waits for its instant
    kReplica,     // it goes to another replica than the first
    kConnection,  // it opens a connection of its own
  };
  What what = What::kShot;
  std::size_t play = 0;
  std::size_t shot = 0;
};
[[nodiscard]] std::vector<CasePart> parts_of(const Case& one);
// The case with those of its parts alone; plays without shots vanish.
[[nodiscard]] Case with_parts(const Case& one, const std::vector<CasePart>& parts,
                              std::span<const std::size_t> kept);
// "2 requests, together" and so on: what it consists of, for people.
[[nodiscard]] std::string describe(const Case& one);

// Puts fresh values in the place of a case's own ones, and ids of this time in the place of those
// of the record. For one playing of a case.
class Refreshed {
 public:
  using NewValue = std::function<std::string()>;
  // Borrows both.
  Refreshed(const Case& one, NewValue new_value) : case_(one), new_value_(std::move(new_value)) {}

  [[nodiscard]] Shot shot(const CaseShot& recorded);
  // An own value of the record as it is now.
  [[nodiscard]] const std::string& value(const std::string& recorded);
  void learn_id(const CaseShot& recorded, const Answer& answer);

 private:
  [[nodiscard]] std::string text(std::string_view recorded);

  const Case& case_;
  NewValue new_value_;
  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> ids_;
};

}  // namespace squall::verify
