// Sends the shots of one play and waits for all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/engine/engines.hpp"
#include "loadgen/engine/request_builder.hpp"
#include "loadgen/expr/expectation_eval.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/precise_timer.hpp"
#include "loadgen/verify/request_edit.hpp"
#include "loadgen/verify/shot.hpp"

namespace squall::verify {

// Owns a loop and the engines that the load uses, with their connections, which stay open from play
// to play. Borrows the plan, which must outlive it. One thread. No request is ever sent twice by
// itself (Exchange::once). Whatever a template makes up ({{seq}}, {{now}}, random values) is the
// same each time for one token: a repetition is the same request to the byte. Only webhooks tell
// the true time.
class Sender {
 public:
  // `connections`: sockets at most; a play with a larger barrier could not hold its shots.
  Sender(const model::Plan& plan, const model::IdempotencyPlan& idempotency, unsigned connections);

  void set_key_form(const KeyForm& form) { form_ = form; }
  [[nodiscard]] const KeyForm& key_form() const { return form_; }

  // Something that is done at an instant of a play, on this thread; must be quick.
  struct Deed {
    Duration at{};  // after the play began
    std::function<void()> act;
  };
  // Sends each shot at its time and returns when every one of them has ended, which their timeouts
  // see to: answers in the order of the shots. A shot whose request cannot be made comes back as
  // kRefused with the reason in its detail.
  [[nodiscard]] std::vector<Answer> play(std::span<const Shot> shots,
                                         std::span<const Deed> deeds = {});

 private:
  struct Flight;
  struct Play;
  // What an operation's requests say of the arrival that it would be in a load.
  struct Arrival {
    std::uint64_t sequence = 0;
    WallTime now{};
  };

  [[nodiscard]] const Arrival& arrival_of(const std::string& token);
  [[nodiscard]] const engine::RequestBuilder& builder_for(const Shot& shot);
  [[nodiscard]] const model::Caller* caller_of(const Shot& shot) const;
  [[nodiscard]] Result<RequestText> render(const Shot& shot);
  void prepare(const Shot& shot, Flight& flight);
  void conclude(const Shot& shot, Flight& flight, TimePoint began);
  void run(Play& play);

  const model::Plan& plan_;
  const model::IdempotencyPlan& idempotency_;
  KeyForm form_;
  net::Loop loop_;
  engine::Engines engines_;
  net::PreciseTimer timer_;
  expr::AnswerChecker checker_;
  StreamId chance_;
  std::unordered_map<std::string, Arrival> arrivals_;  // by token
  // By request, replica and caller; the caller is null when there is none.
  std::map<std::tuple<const model::IdempotencyRequest*, std::uint16_t, const model::Caller*>,
           std::unique_ptr<engine::RequestBuilder>>
      builders_;
};

}  // namespace squall::verify
