// One request at a proxy and what becomes of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faults/proxy/http/http_fault.hpp"
#include "faults/proxy/http/http_head.hpp"
#include "faults/proxy/toxic_entry.hpp"
#include "loadgen/model/proxy_exchange.hpp"

namespace squall::faults {

// The record of an exchange while parts of it are under way: the link's own, and copies.
struct OpenExchange {
  model::ProxyExchange record;
  unsigned open_parts = 1;
};

// A fault that was chosen for an exchange.
struct HttpUse {
  enum class State : std::uint8_t {
    kPlanned,      // has decided nothing
    kWithRequest,  // fires when the request goes on
    kWithAnswer,   // fires when the answer goes on
    kLater,        // fires when what it has decided is done
    kOver,         // has fired or was preempted
  };

  ToxicEntry* entry;  // null once it was removed
  std::shared_ptr<HttpFault> fault;
  std::string name;
  Rng rng;
  State state = State::kPlanned;
  Duration request_hold{};
  Duration answer_hold{};

  void preempt(std::string reason) {
    if (state != State::kOver && entry != nullptr) {
      entry->counters.preempt(std::move(reason));
    }
    state = State::kOver;
  }
  void spare() {
    if (state != State::kOver && entry != nullptr) {
      --entry->counters.planned;
    }
    state = State::kOver;
  }
};

// Plain data that the relay and the turns of faults work on.
struct HttpExchange {
  enum class RequestState : std::uint8_t {
    kKeeping,     // read until it is whole, for faults that need that
    kHeld,        // decided; waits for request_due
    kPassing,     // goes upstream as it comes
    kSwallowing,  // read and thrown away: the upstream is not asked
  };
  enum class AnswerState : std::uint8_t {
    kWaiting,
    kKeeping,     // read until it is whole
    kHeld,        // decided; waits for answer_due
    kPassing,     // goes to the client as it comes
    kSwallowing,  // read and thrown away; `instead` follows
    kDone,        // the client has it
  };
  // How a fault closes the connection; `use` is its index.
  struct Close {
    HttpClose how = HttpClose::kFin;
    std::size_t use = 0;
  };
  struct Instead {
    std::string bytes;
    Close close;
  };
  struct Cut {
    std::uint64_t left = 0;  // bytes of the body that are still sent
    Close close;
  };
  struct Pace {
    std::uint64_t bytes_per_second = 1;
    TimePoint next{};
    std::size_t use = 0;
  };
  struct Copies {
    std::uint32_t count = 0;
    std::size_t use = 0;
  };

  std::uint64_t number = 0;  // on its link
  std::shared_ptr<OpenExchange> open = std::make_shared<OpenExchange>();
  std::vector<HttpUse> uses = {};

  HttpHead request = {};
  std::string request_head = {};  // as it came
  std::string request_wire = {};  // of the body, what is kept
  std::string request_body = {};  // the same, decoded
  RequestState request_state = RequestState::kPassing;
  bool request_changed = false;
  bool request_whole = false;  // nothing more of it comes
  bool request_kept = false;   // request_body is the whole body
  TimePoint decided{};         // when the holds began
  std::optional<Close> close_now = {};
  std::optional<Close> close_after_request = {};
  std::optional<std::size_t> writer = {};  // the use that wrote `answer`
  std::optional<Copies> copies = {};
  bool switches = false;  // CONNECT or Upgrade: what follows depends on the answer
  bool switched = false;  // and it was yes

  HttpHead answer = {};
  std::string answer_head = {};
  std::string answer_wire = {};  // of the body, what is to be sent
  std::string answer_body = {};
  AnswerState answer_state = AnswerState::kWaiting;
  bool answer_changed = false;
  bool answer_has_body = false;
  bool answer_kept = false;    // answer_body is the whole body
  bool answer_whole = false;   // nothing comes behind answer_wire
  bool answer_closes = false;  // the connection ends behind it
  std::optional<std::uint64_t> answer_length = {};
  std::optional<Instead> instead = {};
  std::optional<Cut> cut = {};
  std::optional<Pace> pace = {};
  std::optional<std::string> copy_answer = {};  // the first one, whole, not used yet
  bool copy_won = false;
  unsigned copies_under_way = 0;
  bool upstream_done = false;  // nothing of the upstream's own answer is to come

  [[nodiscard]] model::ProxyExchange& record() { return open->record; }
  [[nodiscard]] const model::ProxyExchange& record() const { return open->record; }
  [[nodiscard]] Duration hold(Duration HttpUse::*which) const {
    Duration sum{};
    for (const HttpUse& use : uses) {
      sum += use.*which;
    }
    return sum;
  }
  [[nodiscard]] bool wants_whole_request() const { return any(&HttpFault::needs_request_body); }
  [[nodiscard]] bool wants_whole_answer() const { return any(&HttpFault::needs_answer_body); }

 private:
  [[nodiscard]] bool any(bool (HttpFault::*needs)() const) const {
    for (const HttpUse& use : uses) {
      if (use.state == HttpUse::State::kPlanned && ((*use.fault).*needs)()) {
        return true;
      }
    }
    return false;
  }
};

}  // namespace squall::faults
