#include "faults/proxy/chain.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "loadgen/base/check.hpp"

namespace squall::faults {

Rng ToxicEntry::draws(std::uint64_t ordinal) const {
  // Beside the draw of chosen(), which is at (ordinal, 0).
  return Rng(StreamId(chance.value(), "draws", "", ordinal));
}

void Chain::push(std::string_view bytes) {
  if (bytes.empty() || !is_open(0)) {
    return;
  }
  if (stages_.empty() && out_.empty() && ends_.ready()) {
    ends_.write(bytes);
    return;
  }
  Chunk chunk(std::string(bytes), clock_.now());
  (stages_.empty() ? out_ : stages_.front()->queue).push(std::move(chunk));
  pump();
}

void Chain::end(EndKind kind) {
  std::optional<EndKind>& first = stages_.empty() ? out_ended_ : stages_.front()->ended;
  if (!first.has_value()) {
    first = kind;
  }
  pump();
}

void Chain::pump() {
  const TimePoint now = clock_.now();
  flush();
  bool moved = true;
  while (moved && !done_) {
    moved = false;
    for (std::size_t i = stages_.size(); i-- > 0 && !done_;) {
      moved = run(i, now) || moved;
    }
  }
  set_alarm();
}

bool Chain::wants_data() const {
  if (!is_open(0)) {
    return true;
  }
  if (stages_.empty()) {
    return out_.empty() && ends_.ready();
  }
  const Stage& first = *stages_.front();
  return first.queue.size() < first.entry->kind->traits.waiting_chunks;
}

void Chain::stop() {
  done_ = true;
  alarm_.cancel();
  out_.clear();
  for (const auto& stage : stages_) {
    stage->queue.clear();
  }
}

void Chain::add(ToxicEntry& entry, std::unique_ptr<Toxic> toxic, const Rng& draws) {
  stages_.push_back(std::make_unique<Stage>(
      Stage{.entry = &entry, .toxic = std::move(toxic), .draws = draws, .attached = clock_.now()}));
  // What is on its way out has passed this place already, its end included.
  stages_.back()->finished = out_ended_.has_value();
  if (stages_.back()->toxic != nullptr) {
    ++entry.counters.links;
  }
  pump();
}

void Chain::update(const ToxicEntry& entry, std::unique_ptr<Toxic> toxic) {
  const std::size_t index = index_of(entry);
  Stage& stage = *stages_[index];
  const bool was_at_work = stage.toxic != nullptr;
  stage.toxic = std::move(toxic);
  if (was_at_work && stage.toxic == nullptr && entry.kind->traits.ends_when_removed) {
    finish_stage(index, EndKind::kEnd);
  }
  if (!was_at_work && stage.toxic != nullptr) {
    stage.attached = clock_.now();
    stage.passed = 0;
    ++stage.entry->counters.links;
  }
  pump();
}

void Chain::remove(const ToxicEntry& entry) {
  const std::size_t index = index_of(entry);
  if (stages_[index]->toxic != nullptr && entry.kind->traits.ends_when_removed) {
    finish_stage(index, EndKind::kEnd);
  }
  const std::unique_ptr<Stage> stage = std::move(stages_[index]);
  stages_.erase(stages_.begin() + static_cast<std::ptrdiff_t>(index));
  if (is_open(index)) {
    const bool last = index == stages_.size();
    (last ? out_ : stages_[index]->queue).append(std::move(stage->queue));
    (last ? out_ended_ : stages_[index]->ended) = stage->ended;
  }
  pump();
}

std::size_t Chain::waiting_bytes() const {
  std::size_t bytes = 0;
  const auto count = [&bytes](const ChunkQueue& queue) {
    for (std::size_t i = 0; i < queue.size(); ++i) {
      bytes += queue.at(i).size();
    }
  };
  count(out_);
  for (const auto& stage : stages_) {
    count(stage->queue);
  }
  return bytes;
}

std::size_t Chain::index_of(const ToxicEntry& entry) const {
  const auto found = std::find_if(stages_.begin(), stages_.end(),
                                  [&](const auto& stage) { return stage->entry == &entry; });
  SQUALL_CHECK(found != stages_.end());
  return static_cast<std::size_t>(found - stages_.begin());
}

bool Chain::is_open(std::size_t index) const {
  if (done_ || index == stages_.size()) {
    return !done_ && !out_ended_.has_value();
  }
  return !stages_[index]->finished && !stages_[index]->ended.has_value();
}

// What comes behind an end is dropped, for which there is always room.
bool Chain::has_room_behind(std::size_t index) const {
  if (!is_open(index + 1)) {
    return true;
  }
  if (index + 1 == stages_.size()) {
    return out_.empty() && ends_.ready();
  }
  const Stage& next = *stages_[index + 1];
  return next.queue.size() < next.entry->kind->traits.waiting_chunks;
}

bool Chain::run(std::size_t index, TimePoint now) {
  Stage& stage = *stages_[index];
  stage.wakes_at.reset();
  bool moved = false;
  while (!done_ && !stage.finished) {
    const Action action = ask(stage, has_room_behind(index), now);
    if (!act(index, action)) {
      return moved;
    }
    moved = true;
  }
  stage.queue.clear();
  return moved;
}

Action Chain::ask(Stage& stage, bool room, TimePoint now) {
  const bool has_chunk = !stage.queue.empty();
  if (stage.toxic == nullptr) {
    const Action without_chunk = stage.ended.has_value() ? Action::end() : Action::hold();
    const Action with_chunk = room ? Action::pass() : Action::hold();
    return has_chunk ? with_chunk : without_chunk;
  }
  Passage passage{
      .now = now, .attached = stage.attached, .passed = stage.passed, .rng = stage.draws};
  Action action;
  if (has_chunk && room) {
    action = stage.toxic->on_chunk(stage.queue.front(), passage);
  } else if (!has_chunk && stage.ended.has_value()) {
    action = stage.toxic->on_end(passage);
  } else {
    action = stage.toxic->on_idle(passage);
  }
  const bool moves = action.kind == Action::Kind::kPass || action.kind == Action::Kind::kDrop;
  SQUALL_CHECK(!moves || (has_chunk && room));
  SQUALL_CHECK(action.kind != Action::Kind::kWait || action.until > now);
  if (passage.fired) {
    ++stage.entry->counters.fired;
    ends_.on_fired(*stage.entry, !std::exchange(stage.fired, true));
  }
  return action;
}

bool Chain::act(std::size_t index, const Action& action) {
  Stage& stage = *stages_[index];
  switch (action.kind) {
    case Action::Kind::kPass: {
      const bool whole = action.bytes == 0 || action.bytes >= stage.queue.front().size();
      Chunk chunk = whole ? stage.queue.pop() : stage.queue.front().split(action.bytes);
      stage.passed += chunk.size();
      emit(index, std::move(chunk));
      return true;
    }
    case Action::Kind::kDrop:
      static_cast<void>(stage.queue.pop());
      return true;
    case Action::Kind::kWait:
      stage.wakes_at = action.until;
      return false;
    case Action::Kind::kHold:
      return false;
    case Action::Kind::kEnd:
      // The source's own end keeps its kind when it comes to its turn.
      finish_stage(index,
                   stage.queue.empty() ? stage.ended.value_or(EndKind::kEnd) : EndKind::kEnd);
      return true;
    case Action::Kind::kHalfEnd:
      finish_stage(index, EndKind::kHalfEnd);
      return true;
    case Action::Kind::kReset:
      stop();
      ends_.reset();
      return true;
  }
  SQUALL_CHECK(false);
}

void Chain::emit(std::size_t index, Chunk chunk) {
  if (!is_open(index + 1)) {
    return;
  }
  if (index + 1 < stages_.size()) {
    stages_[index + 1]->queue.push(std::move(chunk));
  } else {
    out_.push(std::move(chunk));
    flush();
  }
}

void Chain::finish_stage(std::size_t index, EndKind kind) {
  Stage& stage = *stages_[index];
  stage.finished = true;
  stage.queue.clear();
  std::optional<EndKind>& next =
      index + 1 < stages_.size() ? stages_[index + 1]->ended : out_ended_;
  if (!next.has_value()) {
    next = kind;
  }
  flush();
}

void Chain::flush() {
  while (!done_ && !out_.empty() && ends_.ready()) {
    const Chunk chunk = out_.pop();
    ends_.write(chunk.bytes());
  }
  if (!done_ && out_.empty() && out_ended_.has_value() && ends_.ready()) {
    done_ = true;
    ends_.finish(*out_ended_);
  }
}

void Chain::set_alarm() {
  std::optional<TimePoint> earliest;
  for (const auto& stage : stages_) {
    if (!done_ && stage->wakes_at.has_value() &&
        (!earliest.has_value() || *stage->wakes_at < *earliest)) {
      earliest = stage->wakes_at;
    }
  }
  if (earliest.has_value()) {
    alarm_.set(*earliest);
  } else {
    alarm_.cancel();
  }
}

void Chain::on_alarm() {
  pump();
  ends_.after_alarm();
}

}  // namespace squall::faults
