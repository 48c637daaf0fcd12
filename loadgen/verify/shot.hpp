// A request that a property sends, and how it went.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/wire_script.hpp"

namespace squall::verify {

// One logical operation: what one effect is asked for by. A value.
struct Operation {
  std::string key;
  std::string token;         // what its effects are counted under
  std::uint16_t caller = 0;  // a position in IdempotencyPlan::callers; 0 when there are none
  std::string id = {};       // of its resource, once an answer told
  std::string value = {};    // of an update
  std::string event = {};    // of a webhook
};

// What is done to the request after it was rendered and got its key. A value.
struct RequestEdit {
  enum class KeyUse : std::uint8_t {
    kCarried,  // where the carrier says, quoted when the profile says so
    kNone,     // no key at all
    kRaw,      // the header's lines as `raw_keys` has them, one for each; only of header carriers
  };
  KeyUse key = KeyUse::kCarried;
  std::vector<std::string> raw_keys = {};
  const model::BodyChange* change = nullptr;  // a value of the JSON body; outlives the play
  std::optional<std::string> body = {};       // in place of the rendered one
  std::vector<std::pair<std::string, std::string>> headers = {};  // beside the others
};

// A value; what it borrows (request) outlives the play.
struct Shot {
  const model::IdempotencyRequest* request = nullptr;
  Operation operation;
  RequestEdit edit;
  std::uint16_t replica = 0;  // of the request's target
  bool anonymous = false;     // sent by no caller of the plan
  bool fresh_connection = false;
  Duration after{};  // after the play began; it waits for nothing else
  // Shots of one play with the same number hold back their last byte and leave together.
  std::optional<unsigned> barrier = {};
  std::optional<model::WireCut> cut = {};
  Duration timeout{};  // zero: the target's
};

// What came of a shot. A value.
struct Answer {
  model::AttemptClass how = model::AttemptClass::kDropped;  // kSuccess: a complete answer that
                                                            // meets what the request expects
  int status = 0;                                           // 0: no answer
  std::string head;                                         // header fields, each "Name: value\n"
  std::string body;
  std::optional<std::string> id;  // of the resource, in a success
  std::string detail;             // why there is no answer
  std::string request;            // as sent
  std::string key;                // as it stood in the request; empty: none
  std::string what;               // what was done to it: "cut after_send, 12ms later"
  Duration started{};             // after the play began, as the next two
  Duration sent{};                // the last byte was handed to the kernel; zero: it was not
  Duration ended{};
  Duration service{};  // first byte written to last byte read
  bool cut_fired = false;

  [[nodiscard]] bool succeeded() const { return how == model::AttemptClass::kSuccess; }
  // A complete answer, whatever it says.
  [[nodiscard]] bool answered() const { return status != 0 && how != model::AttemptClass::kCut; }
  // First header of that name, ignoring case; nothing when there is none.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

}  // namespace squall::verify
