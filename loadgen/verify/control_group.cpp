#include "loadgen/verify/control_group.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/expectation_eval.hpp"
#include "loadgen/verify/effect_count.hpp"
#include "loadgen/verify/property.hpp"

namespace squall::verify {
namespace {

constexpr unsigned kOperations = 20;
constexpr unsigned kReadings = 3;
constexpr unsigned kRefusalsSuffice = 3;  // when nothing was taken before
constexpr Duration kBetweenReadings = std::chrono::milliseconds(20);

// The first expectation that the answer does not meet, as written; empty when it meets all, or did
// not come whole.
std::string unmet_expectation(const model::IdempotencyRequest& request, const Answer& answer) {
  expr::AnswerChecker checker;
  checker.begin({.status = answer.status,
                 .body = answer.body,
                 .head = answer.head,
                 .body_bytes = answer.body.size(),
                 .service = answer.service});
  const auto unmet = answer.answered() ? checker.first_unmet(request.expect) : std::nullopt;
  return unmet ? request.expect[*unmet].source : "";
}

// What came instead of a success: of an answer what it says, which is where an API tells why.
std::string what_came(const model::IdempotencyRequest& request, const Answer& answer) {
  if (answer.status == 0) {
    return fmt::format("{}{}{}", model::to_string(answer.how), answer.detail.empty() ? "" : ": ",
                       answer.detail);
  }
  std::string text = fmt::format("was answered with status {}", answer.status);
  if (const std::string expected = unmet_expectation(request, answer); !expected.empty()) {
    text += fmt::format(", expected \"{}\"", expected);
  }
  // What the status says is said.
  if (!answer.detail.empty() && answer.detail != fmt::format("status is {}", answer.status)) {
    text += fmt::format(" ({})", answer.detail);
  }
  return text + (answer.body.empty() ? "" : ": ") + answer.body;
}

Error refusal(const Lab& lab, const Answer& answer) {
  constexpr std::size_t kMostShown = 400;
  const model::IdempotencyRequest& operation = lab.idempotency().operation;
  return Error{answer.status == 0 ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
               fmt::format("the operation itself is not taken: {} {}", operation.request.shown,
                           model::safe_to_show(what_came(operation, answer), lab.plan().secrets,
                                               kMostShown)),
               operation.request.where};
}

// An API that wants its keys as Structured Field Strings refuses bare ones, and the other way
// round.
void learn_quoting(Lab& lab) {
  KeyForm form = lab.sender().key_form();
  if (!lab.idempotency().learns || form.carrier.in != model::KeyCarrier::In::kHeader ||
      lab.profile().quoted) {
    return;
  }
  for (const bool quoted : {false, true}) {
    form.quoted = quoted;
    lab.sender().set_key_form(form);
    Trial trial;
    if (lab.play(trial, lab.shot(lab.new_operation())).succeeded()) {
      lab.observed().quoted = quoted;
      return;
    }
  }
  form.quoted = false;
  lab.sender().set_key_form(form);
}

void learn_volatile_fields(Lab& lab, const Operation& operation) {
  if (!lab.idempotency().read || operation.id.empty()) {
    return;
  }
  std::vector<std::string> bodies;
  Trial trial;
  for (unsigned i = 0; i < kReadings; ++i) {
    const Answer answer = lab.play(trial, lab.shot(*lab.idempotency().read, operation));
    if (answer.succeeded()) {
      bodies.push_back(answer.body);
    }
    if (!lab.wait(kBetweenReadings)) {
      return;
    }
  }
  lab.normaliser().learn(bodies);
}

// What a total shows of operations that were sent one after the other.
EffectCount::Counts weighed(const Lab& lab, const PropertyTest& group,
                            const std::vector<std::string>& tokens) {
  EffectCount::Counts counts;
  counts.problem = lab.effects().total_problem();
  for (const Trial& trial : group.trials()) {
    const std::string& token =
        trial.sent().empty() ? "" : trial.sent().front().shot.operation.token;
    const bool asked = std::find(tokens.begin(), tokens.end(), token) != tokens.end();
    if (asked && trial.total()) {
      counts.effects[token] = *trial.total();
    }
  }
  return counts;
}

void count(Lab& lab, const PropertyTest& group, const std::vector<std::string>& tokens,
           model::IdempotencyReport& report) {
  if (!report.effects_counted) {
    return;
  }
  const EffectCount::Counts counts = count_of_group(lab, group, tokens);
  report.oracle_problem = lab.stopped() ? "" : counts.problem;
  const Usual usual = usual_of(counts, tokens.size());
  auto& others = lab.effects().others();
  for (std::size_t i = 0; i < std::min(others.size(), usual.elsewhere.size()); ++i) {
    others[i].effects_each = usual.elsewhere[i];
  }
  if (!counts.problem.empty() || tokens.empty()) {
    return;
  }
  report.control_effects = effects_of_all(counts);
  if (usual.effects == 0) {
    report.oracle_problem =
        proves_nothing(report.control_effects, tokens.size(), "operations that were sent");
    return;
  }
  report.effects_each = usual.effects;
}

// 0: not the same for all, or not known of all.
std::uint64_t same_for_all(const std::map<std::string, std::uint64_t, std::less<>>& effects,
                           std::size_t tokens) {
  const bool equal = std::all_of(effects.begin(), effects.end(), [&](const auto& one) {
    return one.second == effects.begin()->second;
  });
  return equal && !effects.empty() && effects.size() == tokens ? effects.begin()->second : 0;
}

}  // namespace

EffectCount::Counts count_of_group(Lab& lab, const PropertyTest& group,
                                   const std::vector<std::string>& tokens) {
  return lab.effects().knows_only_totals()
             ? weighed(lab, group, tokens)
             : lab.effects().count(tokens, [&](std::string_view text) { lab.tell(text); });
}

Usual usual_of(const EffectCount::Counts& counts, std::size_t tokens) {
  Usual usual{.effects = same_for_all(counts.effects, tokens)};
  for (const auto& effects : counts.elsewhere) {
    usual.elsewhere.push_back(same_for_all(effects, tokens));
  }
  return usual;
}

std::uint64_t effects_of_all(const EffectCount::Counts& counts) {
  return std::accumulate(counts.effects.begin(), counts.effects.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& one) { return sum + one.second; });
}

std::string proves_nothing(std::uint64_t effects, std::size_t tokens, std::string_view what) {
  return fmt::format("the oracle counts {} effects for {} {} once each{}: it proves nothing",
                     effects, tokens, what, effects == 0 ? "" : ", not the same for all");
}

Result<std::vector<std::string>> run_control_group(Lab& lab, model::IdempotencyReport& report) {
  lab.tell("control group");
  learn_quoting(lab);
  std::vector<std::string> tokens;
  std::vector<Duration> times;
  Operation first;
  PropertyTest group(lab);
  std::optional<Error> refused;
  unsigned refusals = 0;
  group.rounds(kOperations, [&](Trial& trial) {
    Operation operation = lab.new_operation();
    const Answer answer = lab.play(trial, lab.shot(operation));
    if (!answer.succeeded() && !trial.spoiled()) {
      refused = refused ? refused : refusal(lab, answer);
      if (++refusals == kRefusalsSuffice && tokens.empty()) {
        group.enough();
      }
    }
    if (answer.succeeded()) {
      tokens.push_back(operation.token);
      times.push_back(answer.service);
      operation.id = answer.id.value_or("");
      first = first.id.empty() ? operation : first;
    }
  });
  if (times.empty() && refused) {
    return fail(*refused);
  }
  if (times.empty()) {
    const std::string why = group.notes().empty() ? "stopped" : group.notes().front();
    return fail(ErrorCode::kUnavailable, "the control group was not sent: " + why);
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                   times.end());
  report.service_time = times[times.size() / 2];
  report.control_operations = times.size();
  lab.set_service_time(report.service_time);
  learn_volatile_fields(lab, first);
  count(lab, group, tokens, report);
  return tokens;
}

}  // namespace squall::verify
