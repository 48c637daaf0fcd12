#include "loadgen/verify/reproduction.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/command.hpp"
#include "loadgen/verify/case.hpp"
#include "loadgen/verify/curl_script.hpp"
#include "loadgen/verify/minimiser.hpp"
#include "loadgen/verify/weighing.hpp"

namespace squall::verify {
namespace {

constexpr unsigned kFirstTries = 6;
constexpr unsigned kMostTries = 20;
constexpr double kAlmostSure = 3;  // 3/rate tries miss a failure of that rate with 5%
constexpr std::size_t kTrialsLookedAt = 50;
constexpr Duration kScriptMargin = std::chrono::seconds(40);  // its last try may take so long

// Of the trials with too many effects the one with the fewest requests.
std::optional<Case> simplest_case(const PropertyTest& test, const Counting& counting) {
  std::optional<Case> simplest;
  std::size_t seen = 0;
  for (const Trial& trial : test.trials()) {
    const std::vector<Break> breaks = breaks_of(trial, counting);
    const bool fails = !breaks.empty() && breaks.front().severity == Severity::kFail &&
                       breaks.front().harm == model::PropertyHarm::kEffects;
    if (!fails || !has_too_many(trial, counting.effects_each) || ++seen > kTrialsLookedAt) {
      continue;
    }
    auto one = case_of(trial);
    if (one && (!simplest || one->shots() < simplest->shots())) {
      simplest = std::move(one);
    }
  }
  return simplest;
}

// The first trial that failed by what its answers give away.
std::optional<Case> case_told(const PropertyTest& test, const Counting& counting) {
  for (const Trial& trial : test.trials()) {
    const std::vector<Break> breaks = breaks_of(trial, counting);
    if (!breaks.empty() && breaks.front().severity == Severity::kFail && breaks.front().telltale) {
      return case_told_by(trial, *breaks.front().telltale);
    }
  }
  return std::nullopt;
}

// Plays a case again and again.
class Rehearsal {
 public:
  Rehearsal(Lab& lab, const Counting& counting, TimePoint until)
      : lab_(lab), counting_(counting), until_(until) {}

  enum class Until { kFirstHit, kEnd };
  struct Hits {
    unsigned count = 0;
    unsigned tries = 0;  // fewer than were asked for when the time is up
  };
  // How many of `tries` had too many effects.
  Hits hits(const Case& one, unsigned tries, Until until) {
    PropertyTest played(lab_);
    unsigned named = 0;
    start_weighing(lab_);
    for (unsigned i = 0; i < tries && !is_over() && (named == 0 || until == Until::kEnd); ++i) {
      played.trials().push_back(play(one));
      named += has_too_many(played.trials().back(), counting_.effects_each) ? 1U : 0U;
    }
    if (!counting_.possible || lab_.effects().knows_only_totals() ||
        (named > 0 && until == Until::kFirstHit)) {
      return {named, tried(played)};  // two resources under one key need no counting
    }
    if (const std::vector<std::string> tokens = played.tokens(); !tokens.empty()) {
      enter_counts(played, lab_.effects().count(tokens, [](std::string_view) {}));
    }
    const auto count = std::count_if(
        played.trials().begin(), played.trials().end(),
        [&](const Trial& trial) { return has_too_many(trial, counting_.effects_each); });
    return {static_cast<unsigned>(count), tried(played)};
  }
  [[nodiscard]] bool is_over() const { return monotonic_now() >= until_ || lab_.is_over(); }

 private:
  static unsigned tried(const PropertyTest& played) {
    return static_cast<unsigned>(played.trials().size());
  }

  Trial play(const Case& one) {
    Trial trial;
    Refreshed refreshed(one, [this] { return lab_.new_key(); });
    for (const auto& recorded : one.plays) {
      std::vector<Shot> shots;
      shots.reserve(recorded.size());
      for (const CaseShot& shot : recorded) {
        shots.push_back(refreshed.shot(shot));
      }
      const std::vector<Answer> answers = lab_.play(trial, shots);
      for (std::size_t i = 0; i < answers.size(); ++i) {
        refreshed.learn_id(recorded[i], answers[i]);
      }
    }
    for (const CaseBound& bound : one.bounds) {
      trial.expect({.key = {}, .token = refreshed.value(bound.token)}, 0, bound.most);
      trial.last_expectation().usual = bound.usual;
    }
    (void)weigh(lab_, trial);
    return trial;
  }

  Lab& lab_;
  const Counting& counting_;
  TimePoint until_;
};

// The least of the case that still breaks, and how that was found; the case itself when it does not
// break again.
struct Least {
  Case found;
  std::string note;
};

Least least_of(const Case& whole, Rehearsal& rehearsal, unsigned most_tries) {
  using Until = Rehearsal::Until;
  Rehearsal::Hits hits = rehearsal.hits(whole, kFirstTries, Until::kEnd);
  if (hits.count == 0) {
    const unsigned before = hits.tries;
    hits = rehearsal.hits(whole, kMostTries, Until::kFirstHit);
    hits.tries += before;
  }
  if (hits.count == 0) {
    return {whole, fmt::format("the case, {}, did not break again in {} tries", describe(whole),
                               hits.tries)};
  }
  const double rate = static_cast<double>(hits.count) / static_cast<double>(hits.tries);
  const auto enough =
      static_cast<unsigned>(std::clamp(std::ceil(kAlmostSure / rate), 1.0, double{kMostTries}));
  const std::vector<CasePart> parts = parts_of(whole);
  const Minimised least =
      minimise(parts.size(), most_tries, [&](std::span<const std::size_t> kept) {
        const Case fewer = with_parts(whole, parts, kept);
        return fewer.shots() > 0 && !rehearsal.is_over() &&
               rehearsal.hits(fewer, enough, Until::kFirstHit).count > 0;
      });
  Case found = with_parts(whole, parts, least.kept);
  const bool sure = least.is_minimal && !rehearsal.is_over();
  std::string note = fmt::format("{}: {} ({} of {} parts, {} tries)",
                                 sure ? "the least case that breaks" : "a smaller case that breaks",
                                 describe(found), least.kept.size(), parts.size(), least.tries);
  return {std::move(found), std::move(note)};
}

struct HitRate {
  std::uint64_t hits = 0;
  std::uint64_t tries = 0;
};

// "hit 3 of 20", the last line.
std::optional<HitRate> hit_rate_of(std::string_view output) {
  constexpr std::string_view kWord = "hit ";
  const auto lines = split(trim(output), '\n');
  std::string_view line = lines.back();
  if (!line.starts_with(kWord)) {
    return std::nullopt;
  }
  line.remove_prefix(kWord.size());
  HitRate rate;
  const char* const end = line.data() + line.size();
  const auto first = std::from_chars(line.data(), end, rate.hits);
  constexpr std::string_view kOf = " of ";
  if (first.ec != std::errc{} ||
      !std::string_view(first.ptr, static_cast<std::size_t>(end - first.ptr)).starts_with(kOf)) {
    return std::nullopt;
  }
  const auto second = std::from_chars(first.ptr + kOf.size(), end, rate.tries);
  return second.ec == std::errc{} && second.ptr == end ? std::optional(rate) : std::nullopt;
}

Result<HitRate> run_script(const std::string& script, Duration time) {
  const auto seconds =
      std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(time).count());
  effects::Command command;
  command.arguments = {
      "sh", "-c", script, "sh", std::to_string(kReproducerTries), std::to_string(seconds)};
  command.timeout = time + kScriptMargin;
  auto ended = effects::run_command(command);
  if (!ended) {
    return fail(ended.error());
  }
  if (const auto rate = hit_rate_of(ended->output)) {
    return *rate;
  }
  return fail(ErrorCode::kUnavailable, ended->errors.empty() ? "it said nothing" : ended->errors);
}

class Maker {
 public:
  Maker(Lab& lab, const Counting& counting, const ReproductionOptions& options,
        model::PropertyResult& result)
      : lab_(lab), counting_(counting), options_(options), result_(result) {}

  void from(const Case& whole) {
    if (!is_tried()) {
      take_as_recorded(whole);
      return;
    }
    lab_.tell("the least case that breaks");
    Rehearsal rehearsal(lab_, counting_, monotonic_now() + options_.minimising);
    const Least least = least_of(whole, rehearsal, options_.minimiser_tries);
    note(least.note);
    lab_.tell("trying its reproducer");
    // curl is slower to start than squall: what two requests show seldom, twenty may show often.
    if (!try_script(least.found) && least.found.shots() < whole.shots()) {
      try_script(whole);
    }
  }

  // A case of two answers: there is nothing that could be left out.
  void from_answers(const Case& one) {
    if (!is_tried()) {
      take_as_recorded(one);
      return;
    }
    lab_.tell("trying its reproducer");
    try_script(one);
  }

 private:
  // A run that was stopped sends nothing more, and one whose target is gone could not.
  [[nodiscard]] bool is_tried() const { return options_.tries_it && !lab_.is_over(); }

  void take_as_recorded(const Case& one) {
    if (auto script = script_of(one)) {
      take(std::move(*script), {});
    }
  }

  void note(const std::string& text) {
    result_.evidence.push_back(model::redact(text, lab_.plan().secrets));
  }

  std::optional<std::string> script_of(const Case& one) {
    auto script =
        curl_script(one, {.plan = lab_.plan(),
                          .property = result_,
                          .effects_each = counting_.effects_each,
                          .volatile_fields = lab_.normaliser().fields(),
                          .environment = options_.environment ? options_.environment
                                                              : effects::process_environment});
    if (!script) {
      note("no script of curl: the case needs " + script.error().message);
      return std::nullopt;
    }
    return std::move(*script);
  }

  bool try_script(const Case& one) {
    auto script = script_of(one);
    if (!script || lab_.is_over()) {
      return false;
    }
    const auto rate = run_script(*script, options_.trying);
    if (!rate) {
      note("the script of curl could not be tried: " +
           model::safe_to_show(rate.error().message, lab_.plan().secrets));
      return false;
    }
    if (rate->hits == 0) {
      note(fmt::format("a script of curl with {} did not hit in {} tries", describe(one),
                       rate->tries));
      return false;
    }
    take(std::move(*script), *rate);
    return true;
  }

  void take(std::string script, HitRate rate) {
    result_.script = std::move(script);
    result_.reproducer = "sh DIR/" + script_path(result_);
    result_.reproduced = rate.hits;
    result_.reproducer_tries = rate.tries;
  }

  Lab& lab_;
  const Counting& counting_;
  const ReproductionOptions& options_;
  model::PropertyResult& result_;
};

}  // namespace

void make_reproducer(Lab& lab, const PropertyTest& test, const Counting& counting,
                     const ReproductionOptions& options, model::PropertyResult& result) {
  result.reproducer = fmt::format("squall replay DIR --property {}", result.number);
  result.reproduced = result.broken;
  result.reproducer_tries = result.trials;
  if (result.verdict != model::PropertyVerdict::kFail) {
    return;
  }
  Maker maker(lab, counting, options, result);
  if (result.harm == model::PropertyHarm::kEffects) {
    if (const auto whole = simplest_case(test, counting)) {
      maker.from(*whole);
    }
  } else if (const auto told = case_told(test, counting)) {
    maker.from_answers(*told);
  }
}

}  // namespace squall::verify
