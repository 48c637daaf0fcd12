// What passes the proxies of a run, second by second.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/proxy_record.hpp"

namespace squall::run {

// Totals since the proxies began, by the plan's order of them; `open_links` is of now. Called on
// the watch's thread and by take(), one at a time; never waits for traffic.
using ReadProxies = std::function<std::vector<model::ProxySecond>()>;

// Reads the totals at each full second after t = 0, on a thread of its own: a run's thread that is
// busy with something else would blur the seconds.
class ProxyWatch {
 public:
  // An empty function: there is nothing to watch, and every second is empty.
  explicit ProxyWatch(ReadProxies read) : read_(std::move(read)) {}
  ~ProxyWatch();
  ProxyWatch(const ProxyWatch&) = delete;
  ProxyWatch& operator=(const ProxyWatch&) = delete;

  // From now on; what passed before belongs to no second. `zero`: t = 0, monotonic. REQUIRES:
  // called once.
  void start(TimePoint zero);
  // Ends the thread; what was watched can still be taken. Idempotent.
  void stop();

  // What passed in that second, and is forgotten then. One that is not over, as the last one of the
  // load, is what passed until now. Seconds are taken in rising order; what stands in one that was
  // left out is lost.
  [[nodiscard]] std::vector<model::ProxySecond> take(std::int64_t second);

 private:
  void run();
  // Until now. REQUIRES: the lock.
  void close_second(std::int64_t second);

  const ReadProxies read_;
  TimePoint zero_{};

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<model::ProxySecond> before_;                         // totals, when last read
  std::int64_t next_ = 0;                                          // the second that goes on
  std::map<std::int64_t, std::vector<model::ProxySecond>> ended_;  // not taken yet
  std::thread thread_;
};

}  // namespace squall::run
