// Timeouts of exchanges in O(1): one list per distinct timeout value, in order of their deadlines.
#pragma once

#include <cstddef>
#include <deque>
#include <limits>

#include "loadgen/base/time.hpp"

namespace squall::engine {

inline constexpr TimePoint kNever = TimePoint::max();

struct Connection;

// Membership of one connection. Does not move while it is in a list.
struct TimeoutLink {
  TimeoutLink* previous = nullptr;
  TimeoutLink* next = nullptr;
  TimePoint deadline{};
  Connection* owner = nullptr;

  [[nodiscard]] bool linked() const { return next != nullptr; }
};

// Borrows its links. One thread. Exchanges with the same timeout that start one after the other
// expire in that order, so an addition is normally an append; one that is out of order is sorted in
// from the back.
class TimeoutLists {
 public:
  TimeoutLists() = default;
  TimeoutLists(const TimeoutLists&) = delete;
  TimeoutLists& operator=(const TimeoutLists&) = delete;

  // REQUIRES: `link` is in no list.
  void add(TimeoutLink& link, Duration timeout, TimePoint deadline);
  // Does nothing when it is in no list.
  static void remove(TimeoutLink& link);
  // Takes out the link with the earliest deadline if that has come; nullptr when it has not. Call
  // it until then.
  [[nodiscard]] TimeoutLink* pop_expired(TimePoint now);
  // No deadline is before it. May be earlier than the first deadline: removals leave it alone, so
  // that a timer is not armed anew for each answer.
  [[nodiscard]] TimePoint next_check() const { return next_check_; }

 private:
  struct List {
    List() { head.previous = head.next = &head; }
    TimeoutLink head;
    Duration timeout{};
  };
  // More distinct values than this share the last list.
  static constexpr std::size_t kMaxLists = 64;

  List& list_for(Duration timeout);

  std::deque<List> lists_;  // a link points into it: elements do not move
  std::size_t last_used_ = 0;
  TimePoint next_check_ = kNever;
};

}  // namespace squall::engine
