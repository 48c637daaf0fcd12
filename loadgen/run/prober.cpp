#include "loadgen/run/prober.hpp"

#include <algorithm>

#include "loadgen/base/clock.hpp"
#include "loadgen/run/plain_request.hpp"

namespace squall::run {
namespace {

constexpr std::size_t kMostAnswers = 100'000;

}  // namespace

Prober::Prober(const model::Plan& plan, TimePoint zero) : plan_(plan), zero_(zero) {
  for (const model::Probe& probe : plan.probes) {
    recorded_.push_back({.name = probe.name,
                         .request = model::redact(probe.request.shown, plan.secrets),
                         .every = probe.every,
                         .timeout = probe.timeout,
                         .answers = {}});
  }
  for (std::size_t i = 0; i < plan.probes.size(); ++i) {
    threads_.emplace_back([this, i] { run(i); });
  }
}

Prober::~Prober() {
  stop();
}

void Prober::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopped_changed_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

std::vector<model::RecordedProbe> Prober::end() {
  stop();
  return std::move(recorded_);
}

void Prober::run(std::size_t index) {
  const model::Probe& probe = plan_.probes[index];
  std::vector<model::ProbeAnswer>& answers = recorded_[index].answers;
  TimePoint due = monotonic_now();
  for (std::uint64_t sequence = 0; answers.size() < kMostAnswers; ++sequence) {
    answers.push_back(ask(probe, sequence));
    due = std::max(due + probe.every, monotonic_now());
    std::unique_lock lock(mutex_);
    if (stopped_changed_.wait_for(lock, due - monotonic_now(), [this] { return stopped_; })) {
      return;
    }
  }
}

model::ProbeAnswer Prober::ask(const model::Probe& probe, std::uint64_t sequence) const {
  net::ClientRequest request =
      client_request(plan_, plan_.targets[probe.target], probe.request, sequence);
  request.timeout = probe.timeout;
  model::ProbeAnswer answer;
  const TimePoint sent = monotonic_now();
  answer.at = sent - zero_;
  const auto response = net::send(request);
  answer.took = monotonic_now() - sent;
  if (response) {
    answer.status = response->status;
  } else {
    answer.problem = model::safe_to_show(response.error().message, plan_.secrets);
  }
  return answer;
}

}  // namespace squall::run
