// 12: keys that are none.
#include <algorithm>
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
    "check the key's form before the work: 1 to 255 printable ASCII characters, one header line",
    "refuse with 400; never take the first of two keys, nor join them",
};

constexpr unsigned kUsualLength = 255;

struct BadKey {
  std::string_view what;
  std::vector<std::string> (*lines)(Lab& lab);
  bool counts_as_none = false;  // taken like a request without a key, twice means two effects
};

unsigned longest(const Lab& lab) {
  return lab.profile().max_length.value_or(kUsualLength);
}

constexpr std::array<BadKey, 6> kBadKeys = {{
    {"an empty key", [](Lab&) { return std::vector<std::string>{""}; }, true},
    {"a key of blanks", [](Lab&) { return std::vector<std::string>{"   "}; }, true},
    {"a key that is too long",
     [](Lab& lab) {
       std::string key = lab.new_key();
       key.resize(longest(lab) + 1, 'x');
       return std::vector<std::string>{key};
     }},
    {"a key that is not ASCII",
     [](Lab& lab) { return std::vector<std::string>{lab.new_key() + "\xc3\xa9"}; }},
    {"a key with an open quote",
     [](Lab& lab) { return std::vector<std::string>{"\"" + lab.new_key()}; }},
    {"two header lines",
     [](Lab& lab) {
       return std::vector<std::string>{lab.new_key(), lab.new_key()};
     }},
}};

void one_round(Lab& lab, Trial& trial, const BadKey& bad, std::string& outcome) {
  Shot shot = lab.shot(lab.new_operation());
  shot.edit.key = RequestEdit::KeyUse::kRaw;
  shot.edit.raw_keys = bad.lines(lab);
  const Answer first = lab.play(trial, shot);
  const Answer second = lab.play(trial, shot);
  const bool taken = first.succeeded() || second.succeeded();
  outcome =
      fmt::format("{}: {}", bad.what,
                  taken ? fmt::format("taken (status {}, then {})", first.status, second.status)
                        : fmt::format("refused (status {})", first.status));
  const bool may_be_done = taken || leaves_open(first) || leaves_open(second);
  trial.expect(shot.operation, 0, may_be_done ? 1 : 0);
  if (bad.counts_as_none && may_be_done) {
    trial.last_expectation().above = Severity::kWarn;
  }
  if (!taken && !Lab::is_refusal(first.status, {})) {
    trial.warns(fmt::format("{}: ends with status {}", bad.what, first.status));
  }
}

void test(Lab& lab, PropertyTest& test) {
  std::array<std::string, kBadKeys.size()> outcomes;
  const unsigned rounds =
      std::max(1U, lab.few_rounds() / 5) * static_cast<unsigned>(kBadKeys.size());
  unsigned round = 0;
  test.rounds(rounds, [&](Trial& trial) {
    const std::size_t which = round++ % kBadKeys.size();
    one_round(lab, trial, kBadKeys.at(which), outcomes.at(which));
  });
  test.provoked(fmt::format("six kinds of bad keys, each request twice, {} rounds", rounds));
  for (const std::string& outcome : outcomes) {
    if (!outcome.empty()) {
      test.note(outcome);
    }
  }
}

}  // namespace

void register_property_kind_bad_key(PropertyRegistry& registry);
void register_property_kind_bad_key(PropertyRegistry& registry) {
  registry.add(
      {.name = "bad-key",
       .number = 12,
       .title = "Bad key",
       .provocation = "empty, too long, not ASCII, quotes, two header lines",
       .promise = "A key that is no key is refused without an effect, or protects like any other.",
       .lacks = lacks_header_carrier,
       .test = test,
       .remedies = kRemedies});
}

}  // namespace squall::verify
