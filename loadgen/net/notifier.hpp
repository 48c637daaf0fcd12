// Wakes a loop from another thread (uv_async: calls coalesce).
#pragma once

#include <functional>

namespace squall::net {

class Loop;

// Borrows the loop. Made and destroyed on the loop's thread; notify() from any thread while it
// lives. `on_notify` runs on the loop's thread at least once after each notify(), once for many
// that come together.
class Notifier {
 public:
  Notifier(Loop& loop, std::function<void()> on_notify);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void notify();

 private:
  class Impl;
  Impl* impl_;  // freed in its close callback
};

}  // namespace squall::net
