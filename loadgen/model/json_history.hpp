// The part of a record about the history, for both archives of json_archive.hpp.
#pragma once

#include "loadgen/model/history_report.hpp"
#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_names.hpp"

namespace squall::model {

template <class Archive>
void describe(Archive& archive, Ref<Archive, HistoryCount> count) {
  archive.always("name", count.name);
  archive.field("count", count.count);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, HistoryCheckReport> check) {
  constexpr std::size_t kVerdicts = 4;
  archive.field("name", check.name);
  archive.field("check", check.check);
  archive.field("steps", check.steps);
  describe_name(archive, "verdict", check.verdict, kVerdicts);
  archive.field("operations", check.operations);
  archive.field("keys", check.keys);
  archive.field("violations", check.violations);
  archive.field("summary", check.summary);
  archive.list("counts", check.counts, [](auto& inner, auto& item) { describe(inner, item); });
  archive.field("witness", check.witness);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, HistoryReport> history) {
  archive.field("ok", history.ok);
  archive.field("fail", history.fail);
  archive.field("info", history.info);
  archive.field("unread", history.unread);
  archive.list("checks", history.checks, [](auto& inner, auto& item) { describe(inner, item); });
}

}  // namespace squall::model
