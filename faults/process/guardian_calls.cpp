#include "faults/process/guardian_calls.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "loadgen/base/clock.hpp"

namespace squall::faults {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(25);

tl::unexpected<Error> guardian_is_gone() {
  return fail(ErrorCode::kUnavailable, "the guardian process is gone or does not answer");
}

}  // namespace

Result<std::unique_ptr<GuardianCalls>> GuardianCalls::start(const std::string& program) {
  auto link = GuardianLink::start(program);
  if (!link) {
    return fail(link.error());
  }
  return std::unique_ptr<GuardianCalls>(new GuardianCalls(std::move(*link)));
}

Result<void> GuardianCalls::tell(const GuardianCommand& command) {
  const std::lock_guard lock(mutex_);
  return link_->send(command);
}

Result<GuardianReport> GuardianCalls::ask(const GuardianCommand& command, Duration limit,
                                          const std::function<void()>& meanwhile) {
  {
    const std::lock_guard lock(mutex_);
    if (Result<void> sent = link_->send(command); !sent) {
      return fail(sent.error());
    }
    asked_.insert(command.id);
  }
  const TimePoint deadline = monotonic_now() + limit;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      sort_in(link_->receive(Duration::zero()));
      if (auto answer = answers_.extract(command.id)) {
        asked_.erase(command.id);
        return std::move(answer.mapped());
      }
      if (link_->is_gone() || monotonic_now() >= deadline) {
        asked_.erase(command.id);
        return guardian_is_gone();
      }
    }
    if (meanwhile) {
      meanwhile();
    }
    // Without the lock: others have answers to fetch.
    link_->wait(kTick);
  }
}

void GuardianCalls::sort_in(std::vector<GuardianReport> reports) {
  for (GuardianReport& report : reports) {
    const bool answers = report.kind != GuardianReport::Kind::kExited && asked_.contains(report.id);
    if (answers) {
      answers_.insert_or_assign(report.id, std::move(report));
    } else {
      news_.push_back(std::move(report));
    }
  }
}

std::vector<GuardianReport> GuardianCalls::news() {
  const std::lock_guard lock(mutex_);
  sort_in(link_->receive(Duration::zero()));
  return std::exchange(news_, {});
}

bool GuardianCalls::is_gone() {
  const std::lock_guard lock(mutex_);
  return link_->is_gone();
}

std::vector<GuardianReport> GuardianCalls::end(Duration limit) {
  std::vector<GuardianReport> all = std::exchange(news_, {});
  for (GuardianReport& report : link_->end(limit)) {
    all.push_back(std::move(report));
  }
  return all;
}

}  // namespace squall::faults
