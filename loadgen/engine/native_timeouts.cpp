#include "loadgen/engine/native_timeouts.hpp"

#include <algorithm>

#include "loadgen/base/check.hpp"

namespace squall::engine {

TimeoutLists::List& TimeoutLists::list_for(Duration timeout) {
  if (last_used_ < lists_.size() && lists_[last_used_].timeout == timeout) {
    return lists_[last_used_];
  }
  const auto found = std::find_if(lists_.begin(), lists_.end(),
                                  [&](const List& list) { return list.timeout == timeout; });
  if (found != lists_.end()) {
    last_used_ = static_cast<std::size_t>(found - lists_.begin());
    return *found;
  }
  if (lists_.size() < kMaxLists) {
    lists_.emplace_back().timeout = timeout;
  }
  last_used_ = lists_.size() - 1;
  return lists_.back();
}

void TimeoutLists::add(TimeoutLink& link, Duration timeout, TimePoint deadline) {
  SQUALL_CHECK(!link.linked());
  List& list = list_for(timeout);
  TimeoutLink* before = list.head.previous;
  while (before != &list.head && before->deadline > deadline) {
    before = before->previous;
  }
  link.deadline = deadline;
  link.previous = before;
  link.next = before->next;
  before->next->previous = &link;
  before->next = &link;
  next_check_ = std::min(next_check_, deadline);
}

void TimeoutLists::remove(TimeoutLink& link) {
  if (!link.linked()) {
    return;
  }
  link.previous->next = link.next;
  link.next->previous = link.previous;
  link.previous = link.next = nullptr;
}

TimeoutLink* TimeoutLists::pop_expired(TimePoint now) {
  if (now < next_check_) {
    return nullptr;
  }
  TimeoutLink* earliest = nullptr;
  for (List& list : lists_) {
    TimeoutLink* const first = list.head.next;
    if (first != &list.head && (earliest == nullptr || first->deadline < earliest->deadline)) {
      earliest = first;
    }
  }
  next_check_ = earliest == nullptr ? kNever : earliest->deadline;
  if (next_check_ > now) {
    return nullptr;
  }
  remove(*earliest);
  return earliest;
}

}  // namespace squall::engine
