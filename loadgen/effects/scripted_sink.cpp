#include "loadgen/effects/scripted_sink.hpp"

#include "loadgen/base/clock.hpp"

namespace squall::effects {

std::string_view to_string(SinkAct act) {
  switch (act) {
    case SinkAct::kAnswer:
      return "answered";
    case SinkAct::kAnswerLate:
      return "answered late";
    case SinkAct::kFail:
      return "failed";
    case SinkAct::kSilence:
      return "read and never answered";
    case SinkAct::kReset:
      return "read and reset";
  }
  return "";
}

void SinkScripts::add(const std::string& key, SinkScript script) {
  const std::lock_guard lock(mutex_);
  played_[key] = {.script = std::move(script), .taken = {}, .calls = {}};
}

void SinkScripts::heal(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = played_.find(key); found != played_.end()) {
    found->second.script.down = false;
  }
}

std::vector<SinkCall> SinkScripts::calls_of(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = played_.find(key);
  return found == played_.end() ? std::vector<SinkCall>() : found->second.calls;
}

std::optional<SinkScripts::Decision> SinkScripts::take(
    const std::string& key, const std::string& id,
    const std::vector<std::pair<std::string, std::string>>& headers) {
  const std::lock_guard lock(mutex_);
  const auto found = played_.find(key);
  if (found == played_.end()) {
    return std::nullopt;
  }
  Played& played = found->second;
  const SinkScript& script = played.script;
  SinkAct act = script.down ? SinkAct::kFail : SinkAct::kAnswer;
  if (played.taken.size() < script.ids || played.taken.contains(id)) {
    std::size_t& taken = played.taken[id];
    act = taken < script.acts.size() ? script.acts[taken++] : act;
  }
  if (played.calls.size() < ScriptedSink::kCallsKept) {
    played.calls.push_back({.at = monotonic_now(), .id = id, .act = act, .headers = headers});
  }
  return Decision{act, act == SinkAct::kAnswerLate ? played.script.late : Duration::zero()};
}

}  // namespace squall::effects
