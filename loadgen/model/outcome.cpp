#include "loadgen/model/outcome.hpp"

#include <array>

namespace squall::model {
namespace {

constexpr std::array<std::string_view, kAttemptClassCount> kAttemptClasses = {
    "success",   "unexpected", "4xx",     "5xx", "timeout", "reset",  "closed",
    "malformed", "oversized",  "refused", "cut", "dropped", "no_data"};
constexpr std::array<std::string_view, kOperationOutcomeCount> kOutcomes = {"acked", "rejected",
                                                                            "unknown", "not_sent"};

template <class Value, std::size_t Size>
std::optional<Value> value_from(const std::array<std::string_view, Size>& names,
                                std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) {
      return static_cast<Value>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(AttemptClass value) {
  return kAttemptClasses.at(static_cast<std::size_t>(value));
}

std::optional<AttemptClass> attempt_class_from(std::string_view name) {
  return value_from<AttemptClass>(kAttemptClasses, name);
}

std::string_view to_string(OperationOutcome value) {
  return kOutcomes.at(static_cast<std::size_t>(value));
}

std::optional<OperationOutcome> operation_outcome_from(std::string_view name) {
  return value_from<OperationOutcome>(kOutcomes, name);
}

void OutcomeFold::add(AttemptClass how, bool bytes_sent) {
  switch (how) {
    case AttemptClass::kSuccess:
      acked_ = true;
      return;
    case AttemptClass::kClientError:
      rejected_ = true;
      return;
    case AttemptClass::kUnexpected:
    case AttemptClass::kServerError:
    case AttemptClass::kTimeout:
    case AttemptClass::kReset:
    case AttemptClass::kClosed:
    case AttemptClass::kMalformed:
    case AttemptClass::kOversized:
    case AttemptClass::kRefused:
    case AttemptClass::kCut:
    case AttemptClass::kDropped:
    case AttemptClass::kNoData:
      // Not even a 500 is a promise that nothing happened; only what never left is.
      unknown_ = unknown_ || bytes_sent;
      return;
  }
}

OperationOutcome OutcomeFold::outcome() const {
  if (acked_) {
    return OperationOutcome::kAcked;
  }
  if (unknown_) {
    return OperationOutcome::kUnknown;
  }
  return rejected_ ? OperationOutcome::kRejected : OperationOutcome::kNotSent;
}

std::string_view to_string(Exposure value) {
  switch (value) {
    case Exposure::kClean:
      return "clean";
    case Exposure::kFaulted:
      return "faulted";
  }
  return "";
}

std::string_view to_string(Phase value) {
  switch (value) {
    case Phase::kWarmup:
      return "warmup";
    case Phase::kMeasured:
      return "measured";
    case Phase::kBaseline:
      return "baseline";
    case Phase::kFault:
      return "fault";
    case Phase::kRecovery:
      return "recovery";
  }
  return "";
}

std::string_view to_string(TransferPhase value) {
  switch (value) {
    case TransferPhase::kDns:
      return "dns";
    case TransferPhase::kConnect:
      return "connect";
    case TransferPhase::kTls:
      return "tls";
    case TransferPhase::kFirstByte:
      return "first_byte";
    case TransferPhase::kTransfer:
      return "transfer";
  }
  return "";
}

}  // namespace squall::model
