// Bytes on their way through a link.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::faults {

// What one read gave, or a part of it. Never empty. Movable only, so that nothing copies it by
// accident.
class Chunk {
 public:
  static constexpr std::size_t kMaxBytes = 32UL * 1024;

  Chunk(std::string bytes, TimePoint received) : received_(received), bytes_(std::move(bytes)) {}
  Chunk(Chunk&&) = default;
  Chunk& operator=(Chunk&&) = default;

  // Valid until the chunk changes.
  [[nodiscard]] std::string_view bytes() const { return std::string_view(bytes_).substr(begin_); }
  [[nodiscard]] char* data() { return bytes_.data() + begin_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size() - begin_; }

  // Monotonic: when it was read from its socket; a toxic that delays it moves this on, so that the
  // next one counts from there.
  [[nodiscard]] TimePoint received() const { return received_; }
  void set_received(TimePoint at) { received_ = at; }

  // Takes the first `count` bytes away as a chunk of the same instant. REQUIRES: 0 < count <
  // size().
  [[nodiscard]] Chunk split(std::size_t count) {
    Chunk first(std::string(bytes().substr(0, count)), received_);
    begin_ += count;
    return first;
  }

 private:
  TimePoint received_;
  std::string bytes_;
  std::size_t begin_ = 0;  // what is before it was split off
};

// First in, first out. Allocates nothing while it is empty, unlike std::deque: an idle link has
// several of these.
class ChunkQueue {
 public:
  [[nodiscard]] bool empty() const { return head_ == chunks_.size(); }
  [[nodiscard]] std::size_t size() const { return chunks_.size() - head_; }
  // REQUIRES: not empty.
  [[nodiscard]] Chunk& front() { return chunks_[head_]; }
  // REQUIRES: index < size().
  [[nodiscard]] const Chunk& at(std::size_t index) const { return chunks_[head_ + index]; }

  void push(Chunk chunk) { chunks_.push_back(std::move(chunk)); }

  Chunk pop() {
    Chunk result = std::move(chunks_[head_]);
    ++head_;
    if (empty()) {
      clear();
    } else if (head_ >= kTidyAt && head_ * 2 >= chunks_.size()) {
      chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    return result;
  }

  void append(ChunkQueue&& other) {
    while (!other.empty()) {
      push(other.pop());
    }
  }

  void clear() {
    chunks_.clear();
    head_ = 0;
    if (chunks_.capacity() > kTidyAt) {
      chunks_.shrink_to_fit();
    }
  }

 private:
  static constexpr std::size_t kTidyAt = 16;
  std::vector<Chunk> chunks_;
  std::size_t head_ = 0;  // those before it are gone
};

}  // namespace squall::faults
