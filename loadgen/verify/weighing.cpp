#include "loadgen/verify/weighing.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace squall::verify {
namespace {

bool changes_the_total_otherwise(const Lab& lab, const Trial& trial) {
  const auto& read = lab.idempotency().read;
  return std::any_of(trial.sent().begin(), trial.sent().end(), [&](const Sent& sent) {
    return !sent.asks_effect && !(read && sent.shot.request == &*read);
  });
}

std::optional<std::uint64_t> new_effects(Lab& lab) {
  return lab.effects().new_in_total([&lab](std::string_view text) { lab.tell(text); });
}

}  // namespace

void start_weighing(Lab& lab) {
  if (lab.effects().knows_only_totals()) {
    (void)new_effects(lab);
  }
}

std::string weigh(Lab& lab, Trial& trial) {
  if (!lab.effects().knows_only_totals()) {
    return {};
  }
  const std::optional<std::uint64_t> effects = new_effects(lab);
  trial.set_total(std::nullopt);
  if (!effects) {
    return lab.effects().total_problem();
  }
  if (changes_the_total_otherwise(lab, trial)) {
    return "the total cannot tell effects of other requests than the operation from its own";
  }
  trial.set_total(*effects);
  if (trial.expectations().size() == 1) {
    trial.last_expectation().effects = *effects;
    trial.last_expectation().decided = true;
  }
  return {};
}

void weigh_together(Lab& lab, std::uint64_t effects_each, PropertyTest& test) {
  const auto& trials = test.trials();
  const bool open = std::any_of(trials.begin(), trials.end(), [&](const Trial& trial) {
    return trial.was_weighed() || changes_the_total_otherwise(lab, trial);
  });
  const std::optional<std::uint64_t> effects = open ? std::nullopt : new_effects(lab);
  if (!effects || trials.empty()) {
    return;
  }
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  for (const Trial& trial : test.trials()) {
    for (const Expectation& expectation : trial.expectations()) {
      least += trial.spoiled() ? 0 : expectation.least * effects_each;
      most += expectation.most * effects_each;
    }
  }
  const std::string text =
      fmt::format("{} effects of all {} operations together, where {} to {} may be", *effects,
                  test.trials().size(), least, most);
  test.note(text);
  // Of a spoiled trial nothing counts but its own effects.
  const auto told = std::find_if(test.trials().rbegin(), test.trials().rend(),
                                 [](const Trial& trial) { return !trial.spoiled(); });
  if ((*effects > most || *effects < least) && told != test.trials().rend()) {
    told->fails(model::PropertyHarm::kEffects, text);
  }
}

}  // namespace squall::verify
