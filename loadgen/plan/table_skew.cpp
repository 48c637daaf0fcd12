// [skew].
#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/request.hpp"
#include "loadgen/plan/tables.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::int64_t kMostTries = 100;
constexpr Duration kFarthest = std::chrono::hours(24 * 365 * 10);
constexpr std::int64_t kMostSteps = 100'000'000;  // of the resolution; bisection keeps requests few

// The step's own times, or those of an identity it is sent by.
bool tells_the_time(const model::Plan& plan, const model::Step& step) {
  const auto in_headers = [](const std::vector<model::Header>& headers) {
    for (const auto& [name, value] : headers) {
      if (value.reads_clock()) {
        return true;
      }
    }
    return false;
  };
  if (reads_clock(step.request) || in_headers(plan.targets[step.target].headers)) {
    return true;
  }
  for (const model::Caller& caller : plan.callers) {
    if (in_headers(caller.headers)) {
      return true;
    }
  }
  return false;
}

void read_step_name(expr::TableReader& reader, Build& build, model::SkewPlan& skew) {
  const std::string name = reader.string("step");
  const model::Step* step = build.plan.find_step(name);
  if (step == nullptr) {
    std::vector<std::string_view> known;
    for (const model::Step& one : build.plan.steps) {
      known.push_back(one.full_name);
    }
    reader.error("step", unknown_name("step", name, known));
    return;
  }
  skew.step = step->index;
  if (!tells_the_time(build.plan, *step)) {
    reader.error("step", fmt::format("nothing in {} is made of the time, so no offset would be "
                                     "seen; times are {{{{now}}}}, {{{{jwt …}}}} with it, "
                                     "{{{{totp …}}}}",
                                     printable(name)));
  }
}

void check_distances(expr::TableReader& reader, const model::SkewPlan& skew) {
  if (skew.resolution < std::chrono::milliseconds(1)) {
    reader.error("resolution", "an edge is found to a millisecond at best, such as \"1s\"");
  } else if (skew.to < skew.resolution || skew.to > kFarthest ||
             skew.to / skew.resolution > kMostSteps) {
    reader.error("to",
                 "offsets are tried up to at least `resolution` and at most ten years (of "
                 "100 million resolutions), such as \"1h\"");
  }
  for (const auto& [key, value] :
       {std::pair{"window", skew.window}, std::pair{"ahead", skew.ahead}}) {
    if (value && *value + skew.leeway >= skew.to) {
      reader.error(key, "what is promised lies beyond what is tried: raise `to`");
    }
  }
}

}  // namespace

const expr::TableSpec& skew_spec() {
  static const expr::TableSpec spec{
      .name = "skew",
      .help =
          "A sweep before the load: the times of one step's requests are moved into the past and "
          "the future until the target refuses them; bisection finds the two edges. Accepted is "
          "what the step takes for a success; refused any other answer below 500 except 408 and "
          "429. `squall skew` does this alone. The detector immortal-token judges it.",
      .keys = {
          {.name = "step",
           .type = ValueType::kString,
           .help = "Whose requests, by full name; they hold `{{now}}`, tokens or one-time "
                   "passwords.",
           .required = true,
           .example = "\"buy.charge\""},
          {.name = "to",
           .type = ValueType::kDuration,
           .help = "The farthest offset that is tried, either way.",
           .default_value = "24h"},
          {.name = "resolution",
           .type = ValueType::kDuration,
           .help = "How narrow an edge is found.",
           .default_value = "1s"},
          {.name = "tries",
           .type = ValueType::kInteger,
           .help = "Requests at each offset; where their answers differ the edge flaps.",
           .default_value = "3"},
          {.name = "window",
           .type = ValueType::kDuration,
           .help = "How old a request may be, as the target promises: the lifetime of a token, the "
                   "tolerance of a signature.",
           .example = "\"300s\""},
          {.name = "leeway",
           .type = ValueType::kDuration,
           .help = "What may be tolerated beside `window` and `ahead`.",
           .default_value = "0s"},
          {.name = "ahead",
           .type = ValueType::kDuration,
           .help = "How far ahead of its time a request may be; without it that edge is found and "
                   "not judged.",
           .example = "\"0s\""},
      }};
  return spec;
}

void read_skew(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, skew_spec(), build.scope, build.diagnostics);
  model::SkewPlan skew;
  skew.where = reader.where();
  skew.to = reader.duration("to");
  skew.resolution = reader.duration("resolution");
  skew.tries = static_cast<unsigned>(reader.integer("tries", 1, kMostTries));
  skew.leeway = reader.duration("leeway");
  if (reader.has("window")) {
    skew.window = reader.duration("window");
  }
  if (reader.has("ahead")) {
    skew.ahead = reader.duration("ahead");
  }
  check_distances(reader, skew);
  if (reader.has("step")) {
    read_step_name(reader, build, skew);
  }
  build.plan.skew = skew;
}

}  // namespace squall::plan
