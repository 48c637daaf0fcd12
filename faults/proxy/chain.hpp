// One direction of a link: what was read goes through the stages, one for each toxic, and out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "faults/proxy/chunk.hpp"
#include "faults/proxy/toxic_entry.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/net/alarm_queue.hpp"

namespace squall::faults {

// How a direction ends.
enum class EndKind : std::uint8_t {
  kEnd,      // the source has ended in order, or a toxic ends the link
  kHalfEnd,  // a toxic ends this direction alone
  kReset,    // the source was reset
};

// Where a chain leads. No function may destroy the chain, except after_alarm().
class ChainEnds {
 public:
  // Whether write() would not have to keep what it is given.
  [[nodiscard]] virtual bool ready() const = 0;
  virtual void write(std::string_view bytes) = 0;
  // Everything was written; nothing follows.
  virtual void finish(EndKind kind) = 0;
  // Both sides are to be reset; the chain does nothing any more.
  virtual void reset() = 0;
  // A toxic has interfered.
  virtual void on_fired(ToxicEntry& toxic, bool first_time) = 0;
  // The chain has run because time has passed.
  virtual void after_alarm() = 0;

 protected:
  ~ChainEnds() = default;
};

//   push ─► [queue│toxic] ─► [queue│toxic] ─► … ─► [queue] ─► write
//
// Each stage has the chunks that wait before it and is asked what to do with the first one. A stage
// passes on only while the next one has room, so a slow end stops the reading at the start
// (wants_data). Changes of toxics cannot lose or reorder bytes: a new stage is put at the end, a
// removed one leaves its queue to the next, a changed one keeps it.
//
// Borrows everything it is given. Proxy thread only.
class Chain final : private net::AlarmEvents {
 public:
  Chain(const Clock& clock, net::AlarmQueue& alarms, ChainEnds& ends)
      : clock_(clock), ends_(ends), alarm_(alarms, *this) {}
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  // What was read just now; empty is allowed. At most Chunk::kMaxBytes. Kept even when
  // wants_data() is false: reading stops a little late.
  void push(std::string_view bytes);
  // The source has ended; nothing is pushed any more.
  void end(EndKind kind);
  // The receiver may take more, or something else has changed.
  void pump();
  // Whether the source should be read.
  [[nodiscard]] bool wants_data() const;
  // finish() or reset() was called.
  [[nodiscard]] bool is_done() const { return done_; }
  // Drops everything; nothing is called any more.
  void stop();

  // The entry must outlive its stage. `toxic` is null when this link was not chosen. The stage
  // comes behind all others.
  void add(ToxicEntry& entry, std::unique_ptr<Toxic> toxic, const Rng& draws);
  // Attributes or toxicity have changed. REQUIRES: added.
  void update(const ToxicEntry& entry, std::unique_ptr<Toxic> toxic);
  // REQUIRES: added.
  void remove(const ToxicEntry& entry);

  // Bytes that wait in the stages: for tests and views.
  [[nodiscard]] std::size_t waiting_bytes() const;

 private:
  struct Stage {
    ToxicEntry* entry;
    std::unique_ptr<Toxic> toxic;
    Rng draws;
    TimePoint attached;
    ChunkQueue queue = {};
    std::optional<EndKind> ended = {};  // nothing comes behind the queue
    std::uint64_t passed = 0;
    std::optional<TimePoint> wakes_at = {};
    bool fired = false;
    bool finished = false;  // has told the next one that nothing comes
  };

  [[nodiscard]] std::size_t index_of(const ToxicEntry& entry) const;
  [[nodiscard]] bool has_room_behind(std::size_t index) const;
  // Whether more may come into this stage, or out of the chain behind the last one.
  [[nodiscard]] bool is_open(std::size_t index) const;
  // Runs a stage until it waits; whether it did anything.
  bool run(std::size_t index, TimePoint now);
  Action ask(Stage& stage, bool room, TimePoint now);
  // Whether the stage may go on at once.
  bool act(std::size_t index, const Action& action);
  void emit(std::size_t index, Chunk chunk);
  void finish_stage(std::size_t index, EndKind kind);
  void flush();
  void set_alarm();
  void on_alarm() override;

  const Clock& clock_;
  ChainEnds& ends_;
  net::Alarm alarm_;
  std::vector<std::unique_ptr<Stage>> stages_;
  ChunkQueue out_;
  std::optional<EndKind> out_ended_;
  bool done_ = false;
};

}  // namespace squall::faults
