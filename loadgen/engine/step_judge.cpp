#include "loadgen/engine/step_judge.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/model/history_plan.hpp"

namespace squall::engine {
namespace {

using model::AttemptClass;

AttemptClass class_of_status(int status) {
  if (status >= 200 && status < 400) {
    return AttemptClass::kSuccess;
  }
  return status >= 500   ? AttemptClass::kServerError
         : status >= 400 ? AttemptClass::kClientError
                         : AttemptClass::kUnexpected;
}

expr::Answer answer_of(const Exchange& exchange) {
  return {.status = exchange.status,
          .body = exchange.body,
          .head = exchange.head,
          .body_bytes = exchange.body_bytes,
          .service = exchange.end - exchange.first_byte_sent};
}

using Texts = std::vector<std::optional<expr::ExpectedText>>;

// The loader has read them before: none can fail here.
Texts texts_of(const model::Plan& plan, const model::Step& step) {
  if (step.expect.empty()) {
    return {};
  }
  const expr::TemplateNames names{.extracted = plan.scenarios[step.scenario].extracted,
                                  .feeders = &plan.feeders};
  Texts texts;
  bool any = false;
  for (const expr::Expectation& expectation : step.expect) {
    auto text = expr::expected_text(expectation, names);
    SQUALL_CHECK(text.has_value());
    any = any || text->has_value();
    texts.push_back(*std::move(text));
  }
  return any ? texts : Texts{};
}

const expr::ExpectedText* text_at(const Texts& texts, std::size_t position) {
  return position < texts.size() && texts[position] ? &*texts[position] : nullptr;
}

}  // namespace

AttemptClass class_of_unmet(int status) {
  const AttemptClass how = class_of_status(status);
  return how == AttemptClass::kSuccess ? AttemptClass::kUnexpected : how;
}

StepJudge::StepJudge(const model::Plan& plan) {
  for (const model::Step& step : plan.steps) {
    // Effect steps keep the body for the ledger: an unexpected answer is quoted there.
    Keeps& keeps = keeps_.emplace_back(Keeps{.body = step.is_effect});
    for (const expr::Expectation& expectation : step.expect) {
      keeps.body = keeps.body || expectation.needs_body();
      keeps.header = keeps.header || expectation.needs_header();
    }
    for (const expr::Extraction& extraction : step.extract) {
      keeps.body = keeps.body || extraction.needs_body();
      keeps.header = keeps.header || extraction.needs_header();
    }
    if (step.history != nullptr) {
      for (const auto* shown : {&step.history->seen, &step.history->version}) {
        keeps.body = keeps.body || (*shown && (*shown)->needs_body());
        keeps.header = keeps.header || (*shown && (*shown)->needs_header());
      }
    }
    texts_.push_back(texts_of(plan, step));
  }
}

StepJudge::Judged StepJudge::judge(const model::Step& step, Exchange& exchange,
                                   std::vector<std::string>* slots,
                                   const expr::RenderContext& operation) {
  if (exchange.how != AttemptClass::kSuccess) {
    return {exchange.how, {}};
  }
  const AttemptClass by_status = class_of_status(exchange.status);
  if (step.expect.empty() && (step.extract.empty() || by_status != AttemptClass::kSuccess)) {
    return {by_status, {}};
  }
  checker_.begin(answer_of(exchange), operation);
  const auto& texts = texts_[step.index];
  if (const auto unmet = checker_.first_unmet(step.expect, texts)) {
    exchange.detail = fmt::format("expected {}, but {}",
                                  checker_.wanted(step.expect[*unmet], text_at(texts, *unmet)),
                                  checker_.describe(step.expect[*unmet]));
    return {class_of_unmet(exchange.status), static_cast<std::uint16_t>(*unmet)};
  }
  if (const auto missing = extract(step)) {
    const expr::Extraction& extraction = step.extract[*missing];
    exchange.detail =
        fmt::format("no value for {{{{{}}}}}: {}", extraction.name, extraction.source);
    return {class_of_unmet(exchange.status),
            static_cast<std::uint16_t>(step.expect.size() + *missing)};
  }
  for (std::size_t i = 0; slots != nullptr && i < step.extract.size(); ++i) {
    std::swap((*slots)[step.extract_slots[i]], values_[i]);
  }
  return {AttemptClass::kSuccess, {}};
}

std::optional<std::size_t> StepJudge::extract(const model::Step& step) {
  if (values_.size() < step.extract.size()) {
    values_.resize(step.extract.size());
  }
  for (std::size_t i = 0; i < step.extract.size(); ++i) {
    if (!checker_.extract(step.extract[i], values_[i]) && !step.extract[i].optional) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace squall::engine
