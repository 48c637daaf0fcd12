// The part of a record about effects, for both archives of json_archive.hpp.
#pragma once

#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_names.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

template <class Archive>
void describe(Archive& archive, Ref<Archive, EffectOperation> operation) {
  describe_step(archive, operation.step);
  archive.field("arrival", operation.arrival);
  archive.sparse("visit", operation.visit);
  archive.field("key", operation.key);
  describe_name(archive, "outcome", operation.outcome, kOperationOutcomeCount);
  describe_name(archive, "exposure", operation.exposure, kExposureCount);
  archive.field("attempts", operation.attempts);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, EffectAttempt> attempt) {
  describe_step(archive, attempt.step);
  archive.field("arrival", attempt.arrival);
  archive.sparse("visit", attempt.visit);
  archive.field("attempt", attempt.attempt);
  archive.field("copy", attempt.copy);
  archive.field("key", attempt.key);
  archive.sparse("caller", attempt.caller);
  archive.field("intended_ns", attempt.intended);
  archive.field("first_byte_ns", attempt.first_byte);
  archive.field("end_ns", attempt.end);
  describe_name(archive, "class", attempt.how, kAttemptClassCount);
  archive.field("status", attempt.status);
  archive.field("sent_bytes", attempt.bytes_sent);
  archive.references("faults", JsonTable::kFaults, attempt.faults);
  archive.field("detail", attempt.detail);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, EffectCounts> counts) {
  archive.field("step", counts.step);
  archive.field("operations", counts.operations);
  describe_counts<OperationOutcome>(archive, "outcomes", counts.outcomes);
  describe_counts<EffectVerdict>(archive, "verdicts", counts.verdicts);
  archive.field("effects", counts.effects);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, OracleReport> oracle) {
  archive.field("name", oracle.name);
  archive.field("kind", oracle.kind);
  archive.field("baseline", oracle.baseline);
  archive.field("settled", oracle.settled);
  archive.field("settle_time_ns", oracle.settle_time);
  archive.field("stable", oracle.stable);
  archive.field("unattributed", oracle.unattributed);
  archive.field("problem", oracle.problem);
  archive.mark("total_only", oracle.total_only);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, EffectOrigin> origin) {
  archive.field("step", origin.step);
  describe_name(archive, "verdict", origin.verdict, kEffectVerdictCount);
  archive.references("faults", JsonTable::kFaults, origin.faults);
  archive.field("retried", origin.retried);
  archive.field("operations", origin.operations);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, EffectCase> one) {
  describe_name(archive, "verdict", one.verdict, kEffectVerdictCount);
  archive.field("effects", one.effects);
  archive.object("operation", [&](auto& inner) { describe(inner, one.operation); });
  archive.list("timeline", one.timeline,
               [](auto& inner, auto& attempt) { describe(inner, attempt); });
  archive.field("curl", one.curl);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, EffectReport> effects) {
  const auto each = [](auto& inner, auto& item) { describe(inner, item); };
  archive.field("counted", effects.counted);
  archive.list("steps", effects.steps, each);
  archive.list("oracles", effects.oracles, each);
  archive.field("disagreements", effects.disagreements);
  archive.field("disagreement_count", effects.disagreement_count);
  archive.sparse("surely_duplicate", effects.surely_duplicate);
  archive.sparse("surely_lost", effects.surely_lost);
  archive.list("origins", effects.origins, each);
  archive.list("cases", effects.cases, each);
}

}  // namespace squall::model
