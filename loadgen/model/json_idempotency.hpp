// The part of a record about idempotency, for both archives of json_archive.hpp.
#pragma once

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_names.hpp"

namespace squall::model {

template <class Archive>
void describe(Archive& archive, Ref<Archive, PropertyRequest> request) {
  archive.field("at_ns", request.at);
  archive.field("took_ns", request.took);
  archive.field("caller", request.caller);
  archive.field("replica", request.replica);
  archive.field("key", request.key);
  archive.field("what", request.what);
  archive.field("request", request.request);
  archive.field("how", request.how);
  archive.field("status", request.status);
  archive.field("answer", request.answer);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, PropertyAct> act) {
  archive.field("at_ns", act.at);
  archive.field("text", act.text);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, PropertyCase> one) {
  const auto each = [](auto& inner, auto& item) { describe(inner, item); };
  archive.field("token", one.token);
  archive.field("expected", one.expected);
  archive.field("effects", one.effects);
  archive.field("counted", one.counted);
  archive.field("problem", one.problem);
  archive.list("requests", one.requests, each);
  archive.list("acts", one.acts, each);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, PropertyResult> property) {
  archive.always("number", property.number);
  archive.field("name", property.name);
  archive.field("title", property.title);
  archive.field("promise", property.promise);
  archive.field("provocation", property.provocation);
  archive.field("trials", property.trials);
  archive.field("broken", property.broken);
  describe_name(archive, "verdict", property.verdict, kPropertyVerdictCount);
  describe_name(archive, "harm", property.harm, kPropertyHarmCount);
  archive.field("summary", property.summary);
  archive.field("evidence", property.evidence);
  archive.field("needs", property.needs);
  archive.field("remedies", property.remedies);
  archive.list("cases", property.cases, [](auto& inner, auto& item) { describe(inner, item); });
  archive.field("reproducer", property.reproducer);
  archive.field("script", property.script);
  archive.field("reproduced", property.reproduced);
  archive.field("reproducer_tries", property.reproducer_tries);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, IdempotencyReport> report) {
  archive.always("profile", report.profile);
  archive.field("learned", report.learned);
  archive.field("service_time_ns", report.service_time);
  archive.field("control_operations", report.control_operations);
  archive.field("control_effects", report.control_effects);
  archive.field("effects_each", report.effects_each);
  archive.field("effects_counted", report.effects_counted);
  archive.field("oracles", report.oracles);
  archive.field("oracle_problem", report.oracle_problem);
  archive.field("disagreements", report.disagreements);
  archive.field("disagreement_count", report.disagreement_count);
  archive.field("unanswered", report.unanswered);
  archive.field("volatile_fields", report.volatile_fields);
  archive.list("properties", report.properties,
               [](auto& inner, auto& item) { describe(inner, item); });
}

}  // namespace squall::model
