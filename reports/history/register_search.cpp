#include "reports/history/register_search.hpp"

#include <algorithm>
#include <iterator>

#include "loadgen/base/check.hpp"
#include "loadgen/base/hash.hpp"

namespace squall::reports {
namespace {

using Kind = RegisterOperation::Kind;
using Result = RegisterOrder::Result;

constexpr std::uint32_t kUnknownValue = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kBits = 64;

// The configurations that have been entered: exact, in one block of words and a table into it.
class Memory {
 public:
  explicit Memory(std::size_t max_bytes) : max_bytes_(max_bytes) { table_.resize(1024, kNone); }

  // False when it is there already.
  bool insert(std::span<const std::uint64_t> key) {
    std::uint64_t hash = mix64(key.size());
    for (const std::uint64_t word : key) {
      hash = hash_combine(hash, word);
    }
    std::size_t at = hash & (table_.size() - 1);
    for (; table_[at] != kNone; at = (at + 1) & (table_.size() - 1)) {
      const Entry& entry = entries_[table_[at]];
      if (entry.hash == hash && is_at(entry, key)) {
        return false;
      }
    }
    table_[at] = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({hash, words_.size(), key.size()});
    words_.insert(words_.end(), key.begin(), key.end());
    if (entries_.size() * 2 > table_.size()) {
      grow();
    }
    return true;
  }

  [[nodiscard]] bool full() const {
    return words_.size() * sizeof(words_[0]) + entries_.size() * sizeof(entries_[0]) +
                   table_.size() * sizeof(table_[0]) >
               max_bytes_ ||
           entries_.size() + 1 >= kNone;
  }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  [[nodiscard]] bool is_at(const Entry& entry, std::span<const std::uint64_t> key) const {
    return entry.size == key.size() &&
           std::equal(key.begin(), key.end(),
                      words_.begin() + static_cast<std::ptrdiff_t>(entry.begin));
  }
  void grow() {
    table_.assign(table_.size() * 2, kNone);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      std::size_t at = entries_[i].hash & (table_.size() - 1);
      while (table_[at] != kNone) {
        at = (at + 1) & (table_.size() - 1);
      }
      table_[at] = static_cast<std::uint32_t>(i);
    }
  }

  std::size_t max_bytes_;
  std::vector<std::uint64_t> words_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> table_;
};

class Bits {
 public:
  explicit Bits(std::size_t count) : words_((count + kBits - 1) / kBits) {}
  void set(std::size_t bit) { words_[bit / kBits] |= std::uint64_t{1} << (bit % kBits); }
  void clear(std::size_t bit) { words_[bit / kBits] &= ~(std::uint64_t{1} << (bit % kBits)); }
  [[nodiscard]] bool has(std::size_t bit) const {
    return ((words_[bit / kBits] >> (bit % kBits)) & 1U) != 0;
  }
  [[nodiscard]] const std::vector<std::uint64_t>& words() const { return words_; }

 private:
  std::vector<std::uint64_t> words_;
};

std::vector<std::uint32_t> seen_values(std::span<const RegisterOperation> operations) {
  std::vector<std::uint32_t> seen;
  for (const RegisterOperation& one : operations) {
    if (one.kind == Kind::kRead) {
      seen.push_back(one.value);
    } else if (one.kind == Kind::kCas) {
      seen.push_back(one.expected);
    }
  }
  std::sort(seen.begin(), seen.end());
  return seen;
}

class Search {
 public:
  Search(std::span<const RegisterOperation> operations, std::optional<std::uint32_t> initial,
         std::uint64_t max_steps, const SearchLimits& limits)
      : operations_(operations),
        max_steps_(max_steps),
        limits_(limits),
        memory_(limits.max_bytes),
        value_(initial.value_or(kUnknownValue)),
        closed_(operations.size()),
        open_(operations.size()) {
    link_entries();
  }

  RegisterOrder run() {
    std::uint32_t at = entries_[kHead].next;
    while (closed_left_ > 0) {
      if (gives_up()) {
        order_.result = Result::kGaveUp;
        return order_;
      }
      if (entries_[at].is_call) {
        at = place(at) ? entries_[kHead].next : entries_[at].next;
      } else if (const auto back = back_track(at)) {
        at = *back;
      } else {
        order_.result = Result::kNone;
        return order_;
      }
    }
    order_.placed = std::max(order_.placed, placed_.size());
    return order_;
  }

 private:
  static constexpr std::uint32_t kHead = 0;

  // Calls and returns in order of time, as a list from which those of placed operations are taken.
  struct Entry {
    std::uint32_t operation = kNone;
    std::uint32_t match = kNone;  // of a call: its return, unless it is open
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    bool is_call = false;
  };
  struct Placed {
    std::uint32_t call = 0;  // its entry
    std::uint32_t value_before = 0;
    std::size_t top_before = 0;
    bool forced = false;  // a read of the value that was there: no other choice is better
  };

  void link_entries() {
    struct Moment {
      std::int64_t at;
      bool returns;
      std::uint32_t operation;
    };
    std::vector<Moment> moments;
    const std::vector<std::uint32_t> seen = seen_values(operations_);
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      // What may never have been done, and nobody saw, explains nothing.
      if (is_open(i) && !std::binary_search(seen.begin(), seen.end(), operations_[i].value)) {
        continue;
      }
      moments.push_back({operations_[i].invoke, false, i});
      if (operations_[i].complete != RegisterOperation::kOpen) {
        moments.push_back({operations_[i].complete, true, i});
      }
    }
    std::stable_sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
      return std::pair(a.at, a.returns) < std::pair(b.at, b.returns);
    });
    number_.resize(operations_.size());
    std::vector<std::uint32_t> calls(operations_.size(), kNone);
    entries_.emplace_back();
    for (const Moment& moment : moments) {
      const auto here = static_cast<std::uint32_t>(entries_.size());
      entries_.push_back({.operation = moment.operation,
                          .match = kNone,
                          .previous = here - 1,
                          .next = kNone,
                          .is_call = !moment.returns});
      entries_[here - 1].next = here;
      if (moment.returns) {
        entries_[calls[moment.operation]].match = here;
        continue;
      }
      calls[moment.operation] = here;
      std::size_t& count = is_open(moment.operation) ? open_count_ : closed_left_;
      number_[moment.operation] = count++;
    }
  }

  [[nodiscard]] bool is_open(std::uint32_t operation) const {
    return operations_[operation].complete == RegisterOperation::kOpen;
  }

  bool gives_up() {
    constexpr std::uint64_t kAskEvery = 4096;
    ++order_.steps;
    return order_.steps > max_steps_ || memory_.full() ||
           (order_.steps % kAskEvery == 0 && limits_.over && limits_.over());
  }

  // The value after it; nothing when it cannot be next.
  [[nodiscard]] std::optional<std::uint32_t> after(const RegisterOperation& one) const {
    const bool unknown = value_ == kUnknownValue;
    switch (one.kind) {
      case Kind::kRead:
        return unknown || one.value == value_ ? std::optional(one.value) : std::nullopt;
      case Kind::kWrite:
        return one.value;
      case Kind::kCas:
        return unknown || one.expected == value_ ? std::optional(one.value) : std::nullopt;
    }
    return std::nullopt;
  }

  // Puts it next in order; false when it cannot be, or what follows was tried before.
  bool place(std::uint32_t call) {
    const std::uint32_t operation = entries_[call].operation;
    const auto value = after(operations_[operation]);
    if (!value) {
      return false;
    }
    const std::size_t top = top_;
    mark(operation);
    if (!memory_.insert(configuration(*value))) {
      unmark(operation, top);
      return false;
    }
    const bool forced = operations_[operation].kind == Kind::kRead && *value == value_;
    placed_.push_back({call, value_, top, forced});
    value_ = *value;
    take_out(call);
    order_.placed = std::max(order_.placed, placed_.size());
    return true;
  }

  // From a return that comes before its operation was placed, to the entry to go on with.
  std::optional<std::uint32_t> back_track(std::uint32_t at_return) {
    if (at_return > furthest_) {
      furthest_ = at_return;
      order_.blocked = entries_[at_return].operation;
    }
    while (!placed_.empty()) {
      const Placed last = placed_.back();
      placed_.pop_back();
      put_back(last.call);
      unmark(entries_[last.call].operation, last.top_before);
      value_ = last.value_before;
      if (!last.forced) {
        return entries_[last.call].next;
      }
    }
    return std::nullopt;
  }

  void mark(std::uint32_t operation) {
    const std::size_t number = number_[operation];
    if (is_open(operation)) {
      open_.set(number);
      return;
    }
    closed_.set(number);
    top_ = std::max(top_, number + 1);
    while (low_ < top_ && closed_.has(low_)) {
      ++low_;
    }
    --closed_left_;
  }
  void unmark(std::uint32_t operation, std::size_t top_before) {
    const std::size_t number = number_[operation];
    top_ = top_before;
    if (is_open(operation)) {
      open_.clear(number);
      return;
    }
    closed_.clear(number);
    low_ = std::min(low_, number);
    ++closed_left_;
  }

  // Of the closed ones only the part between the first that is not placed and the last that is:
  // before it all are placed, behind it none.
  std::span<const std::uint64_t> configuration(std::uint32_t value) {
    key_.assign({(std::uint64_t{value} << 32) | static_cast<std::uint32_t>(low_)});
    const auto closed = closed_.words().begin();
    if (top_ > low_) {
      key_.insert(key_.end(), closed + static_cast<std::ptrdiff_t>(low_ / kBits),
                  closed + static_cast<std::ptrdiff_t>((top_ - 1) / kBits + 1));
    }
    const auto open = open_.words().begin();
    key_.insert(key_.end(), open,
                open + static_cast<std::ptrdiff_t>((open_count_ + kBits - 1) / kBits));
    return key_;
  }

  void unlink(std::uint32_t entry) {
    const Entry& one = entries_[entry];
    entries_[one.previous].next = one.next;
    if (one.next != kNone) {
      entries_[one.next].previous = one.previous;
    }
  }
  void relink(std::uint32_t entry) {
    const Entry& one = entries_[entry];
    entries_[one.previous].next = entry;
    if (one.next != kNone) {
      entries_[one.next].previous = entry;
    }
  }
  void take_out(std::uint32_t call) {
    unlink(call);
    if (entries_[call].match != kNone) {
      unlink(entries_[call].match);
    }
  }
  // In the reverse order of taking out.
  void put_back(std::uint32_t call) {
    if (entries_[call].match != kNone) {
      relink(entries_[call].match);
    }
    relink(call);
  }

  std::span<const RegisterOperation> operations_;
  std::uint64_t max_steps_;
  const SearchLimits& limits_;
  Memory memory_;
  std::uint32_t value_;
  std::vector<Entry> entries_;
  std::vector<Placed> placed_;
  std::vector<std::size_t> number_;  // by operation: among the closed, or among the open ones
  Bits closed_;
  Bits open_;
  std::size_t closed_left_ = 0;
  std::size_t open_count_ = 0;
  std::size_t low_ = 0;  // all closed ones before it are placed
  std::size_t top_ = 0;  // none from here on is
  std::uint32_t furthest_ = 0;
  std::vector<std::uint64_t> key_;
  RegisterOrder order_;
};

}  // namespace

RegisterOrder find_order(std::span<const RegisterOperation> operations,
                         std::optional<std::uint32_t> initial, std::uint64_t max_steps,
                         const SearchLimits& limits) {
  constexpr std::size_t kMostOperations = std::size_t{1} << 30;
  SQUALL_CHECK(operations.size() < kMostOperations);
  return Search(operations, initial, max_steps, limits).run();
}

namespace {

// Operations that were invoked by the time at which the blocked one was complete; what was complete
// later is open then. Positions into the whole.
struct Excerpt {
  std::vector<std::size_t> positions;
  std::vector<RegisterOperation> operations;
};

Excerpt excerpt_until(std::span<const RegisterOperation> operations, std::size_t blocked) {
  const std::int64_t end = operations[blocked].complete;
  Excerpt excerpt;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    RegisterOperation one = operations[i];
    if (one.invoke > end) {
      continue;
    }
    if (one.complete > end) {
      one.complete = RegisterOperation::kOpen;
      if (one.kind == Kind::kRead) {
        continue;
      }
    }
    excerpt.positions.push_back(i);
    excerpt.operations.push_back(one);
  }
  return excerpt;
}

// Whether the others contradict each other without it, and it explains nothing that they saw.
bool can_do_without(const Excerpt& excerpt, std::size_t position,
                    std::optional<std::uint32_t> initial, const SearchLimits& limits) {
  constexpr std::uint64_t kSteps = 100'000;
  std::vector<RegisterOperation> others = excerpt.operations;
  const RegisterOperation one = others[position];
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(position));
  if (one.kind != Kind::kRead) {
    const std::vector<std::uint32_t> seen = seen_values(others);
    if (one.kind == Kind::kCas || std::binary_search(seen.begin(), seen.end(), one.value)) {
      return false;
    }
  }
  return find_order(others, initial, kSteps, limits).result == Result::kNone;
}

}  // namespace

std::vector<std::size_t> contradiction(std::span<const RegisterOperation> operations,
                                       std::optional<std::uint32_t> initial, std::size_t blocked,
                                       const SearchLimits& limits) {
  // One search for each that may be left away: beyond this many it would take too long.
  constexpr std::size_t kMostReduced = 400;
  Excerpt excerpt = excerpt_until(operations, blocked);
  if (excerpt.positions.size() > kMostReduced) {
    return excerpt.positions;
  }
  for (bool shrunk = true; shrunk;) {
    shrunk = false;
    for (std::size_t i = 0; i < excerpt.positions.size();) {
      if (!can_do_without(excerpt, i, initial, limits)) {
        ++i;
        continue;
      }
      excerpt.positions.erase(excerpt.positions.begin() + static_cast<std::ptrdiff_t>(i));
      excerpt.operations.erase(excerpt.operations.begin() + static_cast<std::ptrdiff_t>(i));
      shrunk = true;
    }
  }
  return excerpt.positions;
}

}  // namespace squall::reports
