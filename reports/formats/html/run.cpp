// The run itself: the capacity it searched for, the instrument, what it was and how to repeat it.
#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/time_text.hpp"
#include "loadgen/base/units.hpp"
#include "reports/formats/common/capacity_text.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/headline.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;
using Kind = HtmlTable::Kind;

HtmlTable::Cell rate_cell(double per_second) {
  return {format_rate(Rate{per_second}), per_second};
}
HtmlTable::Cell duration_cell(Duration duration) {
  return {format_duration(duration), to_seconds(duration)};
}

Tint stage_tint(model::StageVerdict verdict) {
  switch (verdict) {
    case model::StageVerdict::kPass:
      return Tint::kPass;
    case model::StageVerdict::kFail:
      return Tint::kFail;
    case model::StageVerdict::kInvalid:
    case model::StageVerdict::kInconclusive:
      return Tint::kDoubt;
  }
  return Tint::kNote;
}

std::string shards_html(const RunRecord& record) {
  HtmlTable table("shards", {{"shard"},
                             {"started"},
                             {"threads"},
                             {"connections"},
                             {"whole", Kind::kWord},
                             {"host", Kind::kText}});
  for (const model::RecordedShard& shard : record.shards) {
    table.add({{fmt::format("{}/{}", shard.shard.index, shard.shard.count),
                static_cast<double>(shard.shard.index)},
               cell(shard.started),
               cell(shard.threads),
               cell(shard.connections),
               {shard.complete ? "yes" : "no: it was killed", {}, !shard.complete},
               cell(shard.host)});
  }
  return table.empty() ? "" : "<h3>Merged from shards</h3>\n" + table.html();
}

}  // namespace

std::string capacity_html(const RunRecord& record) {
  if (record.capacity.stages.empty()) {
    return {};
  }
  std::string text = paragraph(capacity_sentence(record.capacity));
  if (!record.capacity.conditions.empty()) {
    text += "<p class=\"soft\">What had to hold:</p>\n" + list(record.capacity.conditions);
  }
  text +=
      "<div class=\"needs-script\"><div class=\"chart tall\"><canvas id=\"capacity-chart\" "
      "role=\"img\" aria-label=\"Load against response\"></canvas></div><p class=\"soft\">Circle: "
      "passed; cross: failed; triangle: the generator did not offer it; diamond: too few "
      "samples.</p></div>\n";
  HtmlTable table("stages", {{"rate"},
                             {"started"},
                             {"completed"},
                             {"errors"},
                             {"p50"},
                             {"p99"},
                             {"verdict", Kind::kWord},
                             {"why", Kind::kText}});
  for (const model::CapacityStage& stage : curve_of(record.capacity)) {
    table.add({rate_cell(stage.rate.per_second),
               rate_cell(stage.started_per_s),
               rate_cell(stage.completed_per_s),
               {format_share(Share{stage.error_rate}), stage.error_rate},
               duration_cell(stage.p50),
               duration_cell(stage.p99),
               {sign(stage_tint(stage.verdict), stage_word(stage))},
               cell(stage.reason)});
  }
  return text + table.html();
}

std::string instrument_html(const RunRecord& record) {
  if (is_without_load(record) && record.breaches.empty()) {
    return {};
  }
  HtmlTable table("breaches", {{"from"}, {"breach", Kind::kText}});
  for (const model::Breach& breach : record.breaches) {
    table.add(
        {{fmt::format("{:.0f}s", breach.from_second), breach.from_second}, cell(breach.reason)});
  }
  std::string text = table.html();
  if (!table.empty()) {
    text += "<p class=\"soft\">From then on latencies, rates and capacity are not judged.</p>\n";
  }
  return text + list(self_watch_lines(record));
}

std::string run_html(const RunRecord& record) {
  std::string started;
  append_iso8601(record.started, started);
  const bool has_load = !is_without_load(record);
  const std::string throughput = throughput_line(record);
  std::vector<std::string> targets;
  for (const model::RecordedStep& step : record.steps) {
    targets.push_back(step.name + ": " + step.request +
                      (step.target.empty() ? "" : " on " + step.target) +
                      (step.is_effect ? " (asks for an effect)" : ""));
  }
  std::string text = terms({
      {"plan", html_text(record.plan_name) +
                   (record.plan_file.empty() ? "" : ", " + code(record.plan_file))},
      {"load", has_load ? html_text(load_line(record)) : ""},
      {"throughput", html_text(throughput)},
      {"started", started},
      {"seed", std::to_string(record.seed)},
      {"run id", record.run_id.empty() ? "" : code(record.run_id)},
      {"plan digest", code(model::digest_text(record.plan_digest))},
      {"squall", html_text(record.squall_version)},
      {"host", html_text(record.host)},
      {"shard", record.shard.is_whole()
                    ? std::string()
                    : fmt::format("{} of {}", record.shard.index, record.shard.count)},
  });
  text += list(model_lines(record));
  text += targets.empty() ? "" : details("steps and their requests", list(targets));
  text += shards_html(record);
  if (!record.command.empty()) {
    text += "<h3>Repeat this run</h3>\n" + command_block(record.command);
  }
  return text;
}

}  // namespace squall::reports
