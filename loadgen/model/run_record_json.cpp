#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/json_capacity.hpp"
#include "loadgen/model/json_cells.hpp"
#include "loadgen/model/json_comparison.hpp"
#include "loadgen/model/json_effects.hpp"
#include "loadgen/model/json_history.hpp"
#include "loadgen/model/json_idempotency.hpp"
#include "loadgen/model/json_names.hpp"
#include "loadgen/model/json_observation.hpp"
#include "loadgen/model/json_proxies.hpp"
#include "loadgen/model/json_skew.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {
namespace {

constexpr std::size_t kVerdictCount = 4;

template <class Archive>
void describe(Archive& archive, Ref<Archive, Counters> counters) {
  archive.field("due", counters.due);
  archive.field("started", counters.started);
  archive.field("dropped", counters.dropped);
  archive.field("completed", counters.completed);
  archive.field("attempts", counters.attempts);
  archive.field("retries", counters.retries);
  archive.field("retries_denied", counters.retries_denied);
  archive.field("sent_bytes", counters.bytes_sent);
  archive.field("received_bytes", counters.bytes_received);
  archive.field("connections_opened", counters.connections_opened);
  archive.field("closed_before_send", counters.closed_before_send);
  archive.field("unsolicited_bytes", counters.unsolicited_bytes);
  archive.sparse("decoded_bytes", counters.decoded_bytes);
  archive.sparse("follow_ups", counters.follow_ups);
  archive.sparse("resends", counters.resends);
  archive.sparse("resends_prevented", counters.resends_prevented);
  archive.sparse("out_of_descriptors", counters.out_of_descriptors);
  archive.sparse("out_of_ports", counters.out_of_ports);
  archive.field("loop_busy_ns", counters.loop_busy_ns);
  archive.field("loop_idle_ns", counters.loop_idle_ns);
  archive.field("loop_spin_ns", counters.loop_spin_ns);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, FaultCounts> counts) {
  archive.field("eligible", counts.eligible);
  archive.field("planned", counts.planned);
  archive.field("fired", counts.fired);
  archive.field("preempted", counts.preempted);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedStep> step) {
  archive.field("name", step.name);
  archive.field("request", step.request);
  archive.field("target", step.target);
  archive.field("is_effect", step.is_effect);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedScenario> scenario) {
  archive.field("name", scenario.name);
  describe_name(archive, "model", scenario.load_model, kLoadModelCount);
  archive.field("load", scenario.load);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, EndingExample> example) {
  archive.field("at_ns", example.at);
  archive.field("arrival", example.arrival);
  archive.field("detail", example.detail);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedEnding> ending) {
  archive.field("step", ending.step);
  describe_name(archive, "class", ending.how, kAttemptClassCount);
  archive.field("status", ending.status);
  archive.field("attempts", ending.attempts);
  archive.optional_list("examples", ending.examples,
                        [](auto& inner, auto& item) { describe(inner, item); });
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, UnmetDemand> unmet) {
  archive.field("step", unmet.step);
  archive.field("text", unmet.text);
  archive.field("attempts", unmet.attempts);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedFault> fault) {
  archive.field("name", fault.name);
  archive.field("kind", fault.kind);
  archive.field("steps", fault.steps);
  archive.field("summary", fault.summary);
  archive.object("counts", [&](auto& inner) { describe(inner, fault.counts); });
  archive.field("unfired", fault.unfired);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, TlsSuite> suite) {
  archive.field("version", suite.version);
  archive.field("cipher", suite.cipher);
  archive.field("handshakes", suite.handshakes);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedTls> tls) {
  archive.field("target", tls.target);
  archive.field("insecure", tls.insecure);
  archive.field("handshakes", tls.use.handshakes);
  archive.field("resumed", tls.use.resumed);
  archive.list("suites", tls.use.suites, [](auto& inner, auto& suite) { describe(inner, suite); });
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, AttemptKey> key,
              Ref<Archive, AttemptSpans<stats::Histogram>> spans) {
  describe_step(archive, key.step);
  describe_name(archive, "phase", key.phase, kPhaseCount);
  describe_name(archive, "exposure", key.exposure, kExposureCount);
  describe_name(archive, "class", key.how, kAttemptClassCount);
  archive.mark("censored", key.censored);
  archive.histogram("response", spans.response, JsonUnit::kMicroseconds);
  archive.histogram("queue", spans.queue, JsonUnit::kMicroseconds);
  archive.histogram("service", spans.service, JsonUnit::kMicroseconds);
  archive.histogram("lag", spans.lag, JsonUnit::kNanoseconds);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, OperationKey> key,
              Ref<Archive, stats::Histogram> response) {
  describe_step(archive, key.step);
  describe_name(archive, "phase", key.phase, kPhaseCount);
  describe_name(archive, "exposure", key.exposure, kExposureCount);
  describe_name(archive, "outcome", key.outcome, kOperationOutcomeCount);
  archive.mark("censored", key.censored);
  archive.histogram("response", response, JsonUnit::kMicroseconds);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, PhaseKey> key, Ref<Archive, stats::Histogram> span) {
  describe_step(archive, key.step);
  describe_name(archive, "phase", key.phase, kPhaseCount);
  describe_name(archive, "part", key.part, kTransferPhaseCount);
  archive.histogram("span", span, JsonUnit::kMicroseconds);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, SecondSummary> second) {
  archive.field("second", second.second);
  archive.object("counters", [&](auto& inner) { describe(inner, second.counters); });
  archive.field("acked", second.acked);
  archive.field("not_acked", second.not_acked);
  archive.field("attempts_failed", second.attempts_failed);
  archive.field("in_flight", second.in_flight);
  archive.field("waiting", second.waiting);
  archive.field("connections", second.connections);
  archive.maybe("response_p50_us", second.response_p50_us);
  archive.maybe("response_p90_us", second.response_p90_us);
  archive.maybe("response_p99_us", second.response_p99_us);
  archive.maybe("response_max_us", second.response_max_us);
  archive.maybe("lag_p50_ns", second.lag_p50_ns);
  archive.maybe("lag_p99_ns", second.lag_p99_ns);
  archive.list("faults", second.faults, [](auto& inner, auto& counts) { describe(inner, counts); });
  describe_counts<AttemptClass>(archive, "classes", second.classes);
  archive.field("effect_attempts", second.effect_attempts);
  archive.optional_list("proxies", second.proxies,
                        [](auto& inner, auto& proxy) { describe(inner, proxy); });
  archive.optional_list("steps", second.steps,
                        [](auto& inner, auto& step) { describe(inner, step); });
  archive.optional_list("cells", second.cells,
                        [](auto& inner, auto& cells) { describe(inner, cells); });
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RunEvent> event) {
  archive.field("at_ns", event.at);
  archive.field("kind", event.kind);
  archive.field("text", event.text);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, Breach> breach) {
  archive.field("reason", breach.reason);
  archive.field("from_second", breach.from_second);
  archive.field("voids_effects", breach.voids_effects);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, CheckResult> check) {
  archive.field("source", check.source);
  describe_name(archive, "verdict", check.verdict, kVerdictCount);
  archive.field("about_effects", check.about_effects);
  archive.field("value", check.value);
  archive.field("bound", check.bound);
  archive.field("value_text", check.value_text);
  archive.field("samples", check.samples);
  archive.field("note", check.note);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, Finding> finding) {
  archive.field("detector", finding.detector);
  archive.field("id", finding.id);
  describe_name(archive, "verdict", finding.verdict, kVerdictCount);
  archive.field("about_effects", finding.about_effects);
  archive.field("required", finding.required);
  archive.field("summary", finding.summary);
  archive.field("evidence", finding.evidence);
  archive.field("remedies", finding.remedies);
  archive.field("reproducer", finding.reproducer);
}

template <class Archive>
void describe_digest(Archive& archive, Ref<Archive, RunRecord> record) {
  constexpr std::size_t kWord = 16;
  std::string text = digest_text(record.plan_digest);
  if constexpr (Archive::kReads) {
    archive.always("plan_digest", text);
    const auto word_at = [&](std::size_t at, std::uint64_t& word) {
      const char* end = text.data() + at + kWord;
      const auto read = std::from_chars(text.data() + at, end, word, 16);
      return read.ec == std::errc() && read.ptr == end;
    };
    if (text.size() != 2 * kWord || !word_at(0, record.plan_digest[0]) ||
        !word_at(kWord, record.plan_digest[1])) {
      archive.refuse("plan_digest", "expected 32 hexadecimal digits");
    }
  } else {
    archive.always("plan_digest", text);
  }
}

template <class Archive>
void describe_started(Archive& archive, Ref<Archive, RunRecord> record) {
  Duration since_epoch = record.started.time_since_epoch();
  archive.for_people(
      "started",
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                  fmt::gmtime(std::chrono::floor<std::chrono::seconds>(since_epoch).count())));
  archive.field("started_unix_ns", since_epoch);
  if constexpr (Archive::kReads) {
    record.started = WallTime(since_epoch);
  }
}

template <class Archive>
void describe_judgement(Archive& archive, Ref<Archive, RunRecord> record) {
  const auto each = [](auto& inner, auto& item) { describe(inner, item); };
  describe_name(archive, "verdict", record.verdict, kVerdictCount);
  auto code = static_cast<std::uint32_t>(record.exit_code);
  archive.always("exit_code", code);
  archive.for_people("exit_meaning", std::string(meaning(record.exit_code)));
  if constexpr (Archive::kReads) {
    constexpr std::uint32_t kMostCode = 255;
    record.exit_code = static_cast<ExitCode>(std::min(code, kMostCode));
    if (meaning(record.exit_code).empty()) {
      archive.refuse("exit_code", "is none of squall's exit codes");
    }
  }
  archive.field("reasons", record.reasons);
  archive.always("complete", record.complete);
  archive.field("interrupted", record.interrupted);
  describe_settings(archive, record);
  archive.list("checks", record.checks, each);
  archive.list("findings", record.findings, each);
}

template <class Archive>
void describe_identity(Archive& archive, Ref<Archive, RunRecord> record) {
  archive.field("squall_version", record.squall_version);
  archive.field("plan_name", record.plan_name);
  archive.field("plan_file", record.plan_file);
  archive.field("seed", record.seed);
  archive.field("run_id", record.run_id);
  describe_digest(archive, record);
  archive.field("command", record.command);
  describe_started(archive, record);
  archive.field("warmup_ns", record.warmup);
  archive.field("planned_duration_ns", record.planned_duration);
  archive.field("measured_duration_ns", record.measured_duration);
  archive.field("drain_used_ns", record.drain_used);
  archive.optional_object("phase_bounds", record.phase_bounds.split,
                          [&](auto& inner) { describe(inner, record.phase_bounds); });
  archive.field("engine", record.engine);
  archive.always("threads", record.threads);
  archive.field("connections", record.connections);
  archive.field("pace", record.pace);
  archive.field("host", record.host);
  archive.field("cpu_user_s", record.cpu_user_s);
  archive.field("cpu_system_s", record.cpu_system_s);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, Shard> shard) {
  archive.always("index", shard.index);
  archive.always("count", shard.count);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedShard> shard) {
  archive.object("shard", [&](auto& inner) { describe(inner, shard.shard); });
  archive.field("host", shard.host);
  archive.always("threads", shard.threads);
  archive.field("connections", shard.connections);
  archive.field("started", shard.started);
  archive.always("complete", shard.complete);
}

template <class Named>
JsonNames names_of(const std::vector<Named>& items) {
  std::vector<std::string> names;
  names.reserve(items.size());
  for (const Named& item : items) {
    names.push_back(item.name);
  }
  return JsonNames(std::move(names));
}

// A part that is shared and immutable once it is made; null when it is not there.
template <class Part, class Archive>
void describe_part(Archive& archive, std::string_view key,
                   Ref<Archive, std::shared_ptr<const Part>> part) {
  if constexpr (Archive::kReads) {
    auto made = std::make_shared<Part>();
    bool present = false;
    archive.optional_object(key, true, [&](auto& inner) {
      present = true;
      describe(inner, *made);
    });
    part = present ? std::move(made) : nullptr;
  } else {
    archive.optional_object(key, part != nullptr, [&](auto& inner) { describe(inner, *part); });
  }
}

// Steps and faults come before everything that names them.
template <class Archive>
void describe(Archive& archive, Ref<Archive, RunRecord> record) {
  const auto each = [](auto& inner, auto& item) { describe(inner, item); };
  const auto each_cell = [](auto& inner, auto& key, auto& value) { describe(inner, key, value); };
  describe_identity(archive, record);
  describe_judgement(archive, record);
  archive.optional_object("shard", !record.shard.is_whole(),
                          [&](auto& inner) { describe(inner, record.shard); });
  archive.optional_list("shards", record.shards, each);
  archive.optional_list("scenarios", record.scenarios, each);
  archive.list("steps", record.steps, each);
  archive.context().names[static_cast<std::size_t>(JsonTable::kSteps)] = names_of(record.steps);
  archive.list("faults", record.faults, each);
  archive.context().names[static_cast<std::size_t>(JsonTable::kFaults)] = names_of(record.faults);
  archive.optional_object("dependencies", !record.dependencies.proxies.empty(),
                          [&](auto& inner) { describe(inner, record.dependencies); });
  archive.optional_list("probes", record.probes, each);
  archive.optional_list("proxies", record.proxies, each);
  archive.optional_list("proxy_faults", record.proxy_faults, each);
  archive.optional_list("timeline", record.timeline, each);
  archive.object("effects", [&](auto& inner) { describe(inner, record.effects); });
  archive.optional_object("skew", record.skew.was_asked_for(),
                          [&](auto& inner) { describe(inner, record.skew); });
  archive.optional_object("capacity", !record.capacity.stages.empty(),
                          [&](auto& inner) { describe(inner, record.capacity); });
  describe_part<HistoryReport>(archive, "history", record.history);
  describe_part<IdempotencyReport>(archive, "idempotency", record.idempotency);
  describe_part<ComparisonReport>(archive, "comparison", record.comparison);
  archive.object("totals", [&](auto& inner) { describe(inner, record.totals); });
  archive.optional_list("tls", record.tls, each);
  archive.optional_list("endings", record.endings, each);
  archive.optional_list("unmet", record.unmet, each);
  archive.list("breaches", record.breaches, each);
  archive.list("events", record.events, each);
  archive.map("operations", record.operations, each_cell);
  archive.map("attempts", record.attempts, each_cell);
  archive.optional_map("phases", record.phases, each_cell);
  archive.list("seconds", record.seconds, each);
}

std::string write(const RunRecord& record, JsonStyle style) {
  JsonWriter::Context context{style, {}};
  JsonWriter writer(context);
  writer.always("schema", std::uint32_t{kRecordSchema});
  if (style == JsonStyle::kCompact) {
    writer.always("compact", true);
  }
  describe(writer, record);
  return writer.text();
}

// The one place where nlohmann's exceptions are caught: syntax errors and numbers beyond a double.
Result<nlohmann::json> parse(std::string_view text) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const std::string_view before = text.substr(0, std::min<std::size_t>(error.byte, text.size()));
    const auto line = static_cast<unsigned>(std::count(before.begin(), before.end(), '\n')) + 1;
    const std::size_t line_start = before.rfind('\n') + 1;  // 0 when there is none
    return fail(Error{ErrorCode::kMalformed, "not JSON",
                      SourceRef{"", line, static_cast<unsigned>(before.size() - line_start)}});
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::kMalformed, fmt::format("not JSON: {}", error.what()));
  }
}

// A document with its version on top. `what`: "run record".
template <class Document>
Result<Document> read_document(std::string_view text, std::string_view what, int version) {
  const Result<nlohmann::json> document = parse(text);
  if (!document) {
    return fail(document.error());
  }
  JsonReader::Context context;
  JsonReader reader(context, *document);
  std::uint32_t schema = 0;
  reader.always("schema", schema);
  if (reader.ok() && schema != static_cast<std::uint32_t>(version)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("this is a {} of schema {}; this squall knows schema {}", what, schema,
                            version));
  }
  if (reader.ok() && document->contains("compact")) {
    bool compact = false;
    reader.always("compact", compact);
    context.style = compact ? JsonStyle::kCompact : JsonStyle::kFull;
  }
  Document read;
  describe(reader, read);
  if (context.error) {
    return fail(*context.error);
  }
  return read;
}

}  // namespace

std::string to_json(const RunRecord& record) {
  return write(record, JsonStyle::kFull);
}

std::string to_json_line(const RunRecord& record) {
  return write(record, JsonStyle::kCompact);
}

Result<RunRecord> record_from_json(std::string_view text) {
  return read_document<RunRecord>(text, "run record", kRecordSchema);
}

std::string to_json(const ComparisonReport& report) {
  JsonWriter::Context context{JsonStyle::kFull, {}};
  JsonWriter writer(context);
  writer.always("schema", std::uint32_t{kRecordSchema});
  describe(writer, report);
  return writer.text();
}

Result<ComparisonReport> comparison_from_json(std::string_view text) {
  return read_document<ComparisonReport>(text, "comparison", kRecordSchema);
}

}  // namespace squall::model
