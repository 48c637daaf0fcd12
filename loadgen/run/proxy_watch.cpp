#include "loadgen/run/proxy_watch.hpp"

#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"

namespace squall::run {
namespace {

std::int64_t second_at(Duration offset) {
  return std::chrono::floor<std::chrono::seconds>(offset).count();
}

model::ProxySecond difference(const model::ProxySecond& now, const model::ProxySecond& before) {
  return {.accepted = now.accepted - before.accepted,
          .refused = now.refused - before.refused,
          .dial_failures = now.dial_failures - before.dial_failures,
          .open_links = now.open_links,
          .upstream_bytes = now.upstream_bytes - before.upstream_bytes,
          .downstream_bytes = now.downstream_bytes - before.downstream_bytes};
}

}  // namespace

ProxyWatch::~ProxyWatch() {
  stop();
}

void ProxyWatch::start(TimePoint zero) {
  SQUALL_CHECK(!thread_.joinable());
  if (!read_) {
    return;
  }
  const std::lock_guard lock(mutex_);
  zero_ = zero;
  next_ = second_at(monotonic_now() - zero);
  before_ = read_();
  thread_ = std::thread([this] { run(); });
}

void ProxyWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void ProxyWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const std::int64_t second = next_;
    const TimePoint end = zero_ + std::chrono::seconds(second + 1);
    if (!changed_.wait_for(lock, end - monotonic_now(),
                           [&] { return stopping_ || next_ > second; })) {
      close_second(second);
    }
  }
}

void ProxyWatch::close_second(std::int64_t second) {
  const std::vector<model::ProxySecond> now = read_();
  std::vector<model::ProxySecond>& passed = ended_[second];
  for (std::size_t i = 0; i < now.size(); ++i) {
    passed.push_back(difference(now[i], before_[i]));
  }
  before_ = now;
  next_ = second + 1;
}

std::vector<model::ProxySecond> ProxyWatch::take(std::int64_t second) {
  if (!read_) {
    return {};
  }
  const std::lock_guard lock(mutex_);
  if (next_ <= second) {
    close_second(second);
    changed_.notify_all();
  }
  const auto found = ended_.find(second);
  std::vector<model::ProxySecond> passed = found != ended_.end()
                                               ? std::move(found->second)
                                               : std::vector<model::ProxySecond>(before_.size());
  ended_.erase(ended_.begin(), ended_.upper_bound(second));
  return passed;
}

}  // namespace squall::run
