// An optional power of an oracle that the target calls: to fail calls as a script says, and to tell
// of each.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::effects {

enum class SinkAct : std::uint8_t {
  kAnswer,      // as it always does
  kAnswerLate,  // the same, after SinkScript::late
  kFail,        // an answer with the status of failures
  kSilence,     // read, and never answered
  kReset,       // read, then RST
};
[[nodiscard]] std::string_view to_string(SinkAct act);  // "answered", "answered late", "failed" …
[[nodiscard]] constexpr bool is_failure(SinkAct act) {
  return act != SinkAct::kAnswer && act != SinkAct::kAnswerLate;
}

// What is done to calls with one key. A value.
struct SinkScript {
  std::vector<SinkAct> acts = {};  // to the first calls of each id, in turn
  std::size_t ids = 1;             // so many: what comes under further ones is answered
  bool down = false;               // then kFail, until the sink is told that it is well again
  Duration late = std::chrono::seconds(3);
};

// A call that a script was about. A value.
struct SinkCall {
  TimePoint at{};
  std::string id;  // of the call; empty: it has none, or the plan does not say where
  SinkAct act = SinkAct::kAnswer;
  std::vector<std::pair<std::string, std::string>> headers;
};

// An Oracle may be one of these too. Any thread.
class ScriptedSink {
 public:
  virtual ~ScriptedSink() = default;
  // Calls with this key are treated so from now on, and kept. A key has one script.
  virtual void script(const std::string& key, SinkScript script) = 0;
  // Its calls do not find the sink down any more.
  virtual void heal(const std::string& key) = 0;
  // So far, in order of their coming; at most kCallsKept of them.
  [[nodiscard]] virtual std::vector<SinkCall> calls_of(const std::string& key) const = 0;
  // Whether it knows where calls carry their ids.
  [[nodiscard]] virtual bool tells_ids() const = 0;

  static constexpr std::size_t kCallsKept = 1000;
};

// The scripts of a sink and what came under them. Any thread.
class SinkScripts {
 public:
  void add(const std::string& key, SinkScript script);
  void heal(const std::string& key);
  [[nodiscard]] std::vector<SinkCall> calls_of(const std::string& key) const;

  struct Decision {
    SinkAct act = SinkAct::kAnswer;
    Duration delay{};
  };
  // What to do with a call of that key and id, which is kept; nothing when no script is about it.
  std::optional<Decision> take(const std::string& key, const std::string& id,
                               const std::vector<std::pair<std::string, std::string>>& headers);

 private:
  struct Played {
    SinkScript script;
    std::map<std::string, std::size_t, std::less<>> taken;  // of its acts, by id
    std::vector<SinkCall> calls;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Played, std::less<>> played_;  // by key
};

}  // namespace squall::effects
