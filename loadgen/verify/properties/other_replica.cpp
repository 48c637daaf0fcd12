// 19: the retry meets another process than the first request did.
#include <array>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 2> kRemedies = {
    "keep keys and answers in a store that all replicas share and that survives a restart",
    "claim keys there atomically, not under a lock of the process",
};

enum class Way { kReplay, kTwins, kRestart };

std::vector<Way> ways_of(const model::Plan& plan) {
  std::vector<Way> ways;
  if (plan.targets[plan.idempotency->operation.target].replicas.size() >= 2) {
    ways = {Way::kReplay, Way::kTwins};
  }
  if (!plan.idempotency->restart.empty()) {
    ways.push_back(Way::kRestart);
  }
  return ways;
}

std::string text_of(const std::vector<Way>& ways) {
  std::string text;
  for (const Way way : ways) {
    text += text.empty() ? "" : ", ";
    text += way == Way::kReplay  ? "a replay at another replica"
            : way == Way::kTwins ? "twins at all replicas at once"
                                 : "a replay after a restart";
  }
  return text;
}

void end_with_replay(Lab& lab, Trial& trial, const Answer& first, const Shot& again) {
  const Answer replay = repeat_until_done(lab, trial, again);
  if (replay.succeeded()) {
    judge_replay(lab, trial, first, replay);
  }
}

class OtherReplica {
 public:
  explicit OtherReplica(Lab& lab)
      : lab_(lab),
        replicas_(static_cast<std::uint16_t>(
            lab.plan().targets[lab.idempotency().operation.target].replicas.size())) {}

  // `turn`: which replica is the first.
  void replay(Trial& trial, unsigned turn) {
    Shot shot = start(trial, turn);
    if (const auto first = first_success(lab_, trial, shot)) {
      shot.replica = static_cast<std::uint16_t>((shot.replica + 1) % replicas_);
      shot.fresh_connection = true;
      end_with_replay(lab_, trial, *first, shot);
    }
  }

  void twins(Trial& trial, unsigned turn) {
    Shot shot = start(trial, turn);
    std::vector<Shot> twins;
    for (std::uint16_t replica = 0; replica < replicas_; ++replica) {
      twins.push_back(shot);
      twins.back().replica = replica;
      twins.back().barrier = 0;
    }
    lab_.play(trial, twins);
    repeat_until_done(lab_, trial, shot);
  }

  void restart(Trial& trial, unsigned turn) {
    Shot shot = start(trial, turn);
    const auto first = first_success(lab_, trial, shot);
    if (!first) {
      return;
    }
    for (const std::string& service : lab_.idempotency().restart) {
      const bool killed =
          lab_.act(trial, service + " is killed", [&] { return lab_.world().kill(service); });
      const bool started = lab_.act(trial, service + " is started again",
                                    [&] { return lab_.world().start(service); });
      if (!killed || !started) {
        return;
      }
    }
    shot.fresh_connection = true;
    end_with_replay(lab_, trial, *first, shot);
  }

 private:
  Shot start(Trial& trial, unsigned turn) {
    Shot shot = lab_.shot(lab_.new_operation());
    shot.replica = static_cast<std::uint16_t>(turn % replicas_);
    trial.expect(shot.operation);
    return shot;
  }

  Lab& lab_;
  const std::uint16_t replicas_;
};

void test(Lab& lab, PropertyTest& test) {
  const std::vector<Way> ways = ways_of(lab.plan());
  const auto count = lab.few_rounds() * static_cast<unsigned>(ways.size());
  test.provoked(fmt::format("{}; {} times each", text_of(ways), lab.few_rounds()));
  OtherReplica other(lab);
  unsigned round = 0;
  test.rounds(count, [&](Trial& trial) {
    const Way way = ways[round % ways.size()];
    const auto turn = static_cast<unsigned>(round / ways.size());
    ++round;
    if (way == Way::kReplay) {
      other.replay(trial, turn);
    } else if (way == Way::kTwins) {
      other.twins(trial, turn);
    } else {
      other.restart(trial, turn);
    }
  });
}

}  // namespace

void register_property_kind_other_replica(PropertyRegistry& registry);
void register_property_kind_other_replica(PropertyRegistry& registry) {
  registry.add(
      {.name = "other-replica",
       .number = 19,
       .title = "Other replica",
       .provocation = "a replay on a fresh connection, at another address, after a restart",
       .promise = "A retry that meets another replica, or the same one after a restart, "
                  "has no second effect.",
       .lacks = lacks_replicas,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
