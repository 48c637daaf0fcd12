// 24: how a replay is told from a first answer.
#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/verify/means.hpp"
#include "loadgen/verify/property.hpp"
#include "loadgen/verify/repeat.hpp"

namespace squall::verify {
namespace {

constexpr std::array<std::string_view, 1> kRemedies = {
    "set the marker on stored answers only, in the place that gives them",
};

std::string lacks_marker(const model::Plan& plan) {
  return plan.idempotency->learns || plan.idempotency->profile.marker
             ? ""
             : "a profile that names its replay marker";
}

std::vector<std::string> field_lines(const std::string& head) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(head, '\n')) {
    if (!line.empty()) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

// Header fields that stand, with their values, on the replay and not by name on the first answer.
std::set<std::string> only_on_replay(const Answer& first, const Answer& replay) {
  std::set<std::string> found;
  for (const std::string& line : field_lines(replay.head)) {
    if (!first.header(line.substr(0, line.find(':')))) {
      found.insert(line);
    }
  }
  return found;
}

void judge(const Lab& lab, Trial& trial, const Answer& first, const Answer& replay) {
  const auto& marker = lab.profile().marker;
  if (!marker || !replay.succeeded()) {
    return;  // what is no replay needs no marker: property 1 says that it is none
  }
  if (Lab::has_marker(first, *marker)) {
    trial.answers_otherwise(true, fmt::format("{} stands on a first answer", marker->header));
  }
  if (!Lab::has_marker(replay, *marker)) {
    trial.answers_otherwise(true, fmt::format("{} is missing on a replay", marker->header));
  }
}

void learn(Lab& lab, PropertyTest& test, const std::set<std::string>& everywhere) {
  for (const std::string& line : everywhere) {
    const std::size_t colon = line.find(':');
    lab.observed().marker = model::ReplayMarker{.header = line.substr(0, colon),
                                                .value = std::string(trim(line.substr(colon + 1)))};
    test.note(fmt::format("replays, and nothing else, carry {}", printable(line)));
    return;
  }
  test.note("nothing tells a replay from a first answer");
}

void test(Lab& lab, PropertyTest& test) {
  std::optional<std::set<std::string>> everywhere;
  test.rounds(lab.few_rounds(), [&](Trial& trial) {
    const Shot shot = lab.shot(lab.new_operation());
    trial.expect(shot.operation);
    if (const auto first = first_success(lab, trial, shot)) {
      const Answer replay = lab.play(trial, shot);
      judge(lab, trial, *first, replay);
      std::set<std::string> here = only_on_replay(*first, replay);
      if (everywhere) {
        std::erase_if(*everywhere, [&](const std::string& line) { return !here.contains(line); });
      } else {
        everywhere = std::move(here);
      }
    }
  });
  if (everywhere && !lab.profile().marker) {
    learn(lab, test, *everywhere);
  }
}

}  // namespace

void register_property_kind_replay_marker(PropertyRegistry& registry);
void register_property_kind_replay_marker(PropertyRegistry& registry) {
  registry.add({.name = "replay-marker",
                .number = 24,
                .title = "Replay marker",
                .provocation = "an answer again, and its header fields",
                .promise = "Replays carry the declared marker, first answers do not.",
                .lacks = lacks_marker,
                .test = test,
                .remedies = kRemedies,
                .answers_only = true});
}

}  // namespace squall::verify
