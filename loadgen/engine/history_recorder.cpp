#include "loadgen/engine/history_recorder.hpp"

#include <utility>

#include "loadgen/base/check.hpp"

namespace squall::engine {
namespace {

using model::AttemptClass;
using model::HistoryOp;
using model::HistoryOutcome;

HistoryOutcome outcome_of(HistoryOp op, AttemptClass how, bool bytes_sent) {
  if (how == AttemptClass::kSuccess) {
    return HistoryOutcome::kOk;
  }
  // A read changes nothing, so that nobody saw anything is all there is to it. A 4xx says that it
  // was not done; of every other ending only what never left is certain (DESIGN §4).
  const bool certain = op == HistoryOp::kRead || how == AttemptClass::kClientError || !bytes_sent;
  return certain ? HistoryOutcome::kFail : HistoryOutcome::kInfo;
}

}  // namespace

void HistoryRecorder::render(const model::StepHistory& marks, const expr::RenderContext& context,
                             HistoryTexts& out) {
  out.key.clear();
  out.value.clear();
  out.expected.clear();
  marks.key.render(context, out.key);
  marks.value.render(context, out.value);
  marks.expected.render(context, out.expected);
}

// Secrets stand in no file; what was equal before is equal after it.
std::string HistoryRecorder::shown(std::string_view text) const {
  return plan_.secrets.empty() ? std::string(text) : model::redact(text, plan_.secrets);
}

std::optional<model::HistoryOperation> HistoryRecorder::operation_of(const Operation& operation,
                                                                     const Exchange& exchange,
                                                                     AttemptClass how,
                                                                     TimePoint zero) {
  SQUALL_CHECK(operation.step->history != nullptr);
  if (model::never_started(how) || exchange.taken_up == TimePoint{}) {
    return std::nullopt;
  }
  const model::StepHistory& marks = *operation.step->history;
  const HistoryTexts& texts = operation.history;
  model::HistoryOperation made{
      .client = operation.iteration->user(),
      .step = operation.step->index,
      .arrival = operation.iteration->arrival,
      .visit = operation.visit,
      .attempt = exchange.attempt,
      .copy = exchange.copy,
      .op = marks.op,
      .key = shown(texts.key),
      .value = {},
      .version = {},
      // Not the first byte: engines note that when it has left already.
      .invoke = exchange.taken_up - zero,
      .complete = exchange.end - zero,
      .outcome = outcome_of(marks.op, how, exchange.bytes_sent > 0),
  };
  if (marks.op == HistoryOp::kCas) {
    made.value = model::HistoryList{model::history_scalar(shown(texts.expected)),
                                    model::history_scalar(shown(texts.value))};
  } else if (marks.op != HistoryOp::kRead) {
    made.value = model::history_value(model::history_scalar(shown(texts.value)));
  }
  if (made.outcome == HistoryOutcome::kOk) {
    take_value(marks, exchange, made);
  }
  return made;
}

void HistoryRecorder::take_value(const model::StepHistory& marks, const Exchange& exchange,
                                 model::HistoryOperation& out) {
  answer_.begin({.status = exchange.status,
                 .body = exchange.body,
                 .head = exchange.head,
                 .body_bytes = exchange.body_bytes});
  if (marks.seen) {
    const expr::Extraction& seen = *marks.seen;
    std::string problem;
    std::optional<model::HistoryValue> value;
    if (exchange.body_truncated && seen.needs_body()) {
      problem = "the answer is longer than max_body_kept of its target";
    } else if (seen.from == expr::Extraction::From::kJson) {
      json_.begin(exchange.body);
      value = value_in_json(marks, problem);
    } else if (answer_.extract(seen, buffer_)) {
      value = model::history_value(model::history_scalar(shown(buffer_)));
    }
    if (!problem.empty()) {
      out.outcome = HistoryOutcome::kFail;
      out.problem = std::move(problem);
      return;
    }
    const bool nothing = !value || std::holds_alternative<std::monostate>(*value);
    if (nothing && seen.otherwise) {
      value = model::history_value(model::history_scalar(shown(*seen.otherwise)));
    }
    out.value = value ? *std::move(value) : model::HistoryValue();
  }
  if (marks.version) {
    take_version(*marks.version, out);
  }
}

// Unlike a value for later steps it may be of any size and shape.
std::optional<model::HistoryValue> HistoryRecorder::value_in_json(const model::StepHistory& marks,
                                                                  std::string& problem) {
  const auto found = json_.find(marks.seen->pointer);
  if (!found) {
    problem = json_.valid() ? "" : "the answer is no JSON";
    return std::nullopt;
  }
  if (found->kind == expr::JsonValue::Kind::kNull) {
    return std::nullopt;
  }
  const std::string text = shown(found->text);
  if (found->kind != expr::JsonValue::Kind::kContainer) {
    return model::history_value(model::history_scalar(text));
  }
  auto value = model::history_value_from_json(text, marks.each);
  problem = value ? "" : "what the answer shows is no JSON";
  return value;
}

void HistoryRecorder::take_version(const expr::Extraction& version, model::HistoryOperation& out) {
  if (!answer_.extract(version, buffer_)) {
    return;
  }
  // As an ETag writes it: "7", W/"7".
  std::string_view text = buffer_;
  text.remove_prefix(text.starts_with("W/") ? 2 : 0);
  if (text.size() > 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  const model::HistoryScalar number = model::history_scalar(text);
  if (const auto* whole = std::get_if<std::int64_t>(&number)) {
    out.version = *whole;
  }
}

}  // namespace squall::engine
