#include "loadgen/app/otlp_export.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "loadgen/app/output.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/http_client.hpp"

namespace squall::app {
namespace {

constexpr std::uint64_t kMaxAnswer = 64ULL * 1024;
constexpr std::size_t kMaxMessage = 200;
constexpr const char* kTooLate = "the run was over before all were sent";

bool is_worth_repeating(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

// Of a Retry-After in seconds; one that is a date, or nothing, says nothing.
std::optional<Duration> asked_wait(const net::ClientResponse& answer, Duration longest) {
  const std::string_view text = trim(answer.header("Retry-After"));
  unsigned seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return read.ec == std::errc{} ? std::min<Duration>(std::chrono::seconds(seconds), longest)
                                : longest;
}

// The generator's threads go first.
void step_back() {
  constexpr int kNice = 10;
  // Of this thread alone, on Linux. That it cannot be had changes nothing that is promised.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

}  // namespace

std::string otlp_warning(std::string_view url, const OtlpOutcome& outcome) {
  if (outcome.problem.empty()) {
    return {};
  }
  const std::string where = printable(url, kMaxMessage);
  const std::string why = printable(outcome.problem, kMaxMessage);
  if (outcome.lost == 0) {
    return fmt::format("squall: --otlp: {} took all spans but not every figure: {}\n", where, why);
  }
  return fmt::format("squall: --otlp: {} of {} spans did not get to {}: {}\n", outcome.lost,
                     outcome.spans, where, why);
}

OtlpExport::OtlpExport(std::string url, std::string squall_version, const Limits& limits)
    : url_(url.substr(0, url.find_last_not_of('/') + 1)),
      version_(std::move(squall_version)),
      limits_(limits) {}

OtlpExport::~OtlpExport() {
  (void)finish();
}

void OtlpExport::begin(const model::Plan& plan) {
  (void)finish();  // of a run that did not get to its end
  source_ = reports::otlp_source(plan, version_);
  queue_.clear();
  figures_ = reports::OtlpFigures(wall_clock_now());
  new_figures_ = false;
  ending_ = false;
  outcome_ = {};
  thread_ = std::thread([this] { work(); });
}

void OtlpExport::second(const model::SecondSummary& second) {
  {
    const std::lock_guard lock(mutex_);
    figures_.add(second);
    new_figures_ = true;
  }
  changed_.notify_all();
}

void OtlpExport::take(WallTime zero, std::vector<model::OperationSpan> spans) {
  {
    const std::lock_guard lock(mutex_);
    zero_ = zero;
    outcome_.spans += spans.size();
    const std::size_t room = limits_.queue - std::min(limits_.queue, queue_.size());
    if (spans.size() > room) {
      outcome_.lost += spans.size() - room;
      note(fmt::format("more than {} waited", limits_.queue));
      spans.resize(room);
    }
    queue_.insert(queue_.end(), std::make_move_iterator(spans.begin()),
                  std::make_move_iterator(spans.end()));
  }
  changed_.notify_all();
}

void OtlpExport::end(const model::RunRecord& /*record*/) {
  if (const std::string warning = otlp_warning(url_, finish()); !warning.empty()) {
    put_aside(warning);
  }
}

OtlpOutcome OtlpExport::finish() {
  if (!thread_.joinable()) {
    return {};
  }
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    deadline_ = monotonic_now() + limits_.flush;
  }
  changed_.notify_all();
  thread_.join();
  if (!queue_.empty()) {
    outcome_.lost += queue_.size();
    note(kTooLate);
  }
  return outcome_;
}

void OtlpExport::note(std::string problem) {
  if (outcome_.problem.empty()) {
    outcome_.problem = std::move(problem);
  }
}

void OtlpExport::work() {
  step_back();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ending_ || new_figures_ || !queue_.empty(); });
    const bool late = ending_ && monotonic_now() >= deadline_;
    if (late || (!new_figures_ && queue_.empty())) {
      return;
    }
    if (new_figures_) {
      send_figures(lock);
    }
    if (!queue_.empty()) {
      send_spans(lock);
    }
  }
}

// What is not taken stands in the next ones, too: they count from the beginning.
void OtlpExport::send_figures(std::unique_lock<std::mutex>& lock) {
  const reports::OtlpFigures figures = figures_;
  new_figures_ = false;
  lock.unlock();
  const Delivery delivery = deliver("/v1/metrics", figures.json(source_, wall_clock_now()));
  const reports::OtlpRefusal refusal = reports::otlp_refusal(delivery.body, "rejectedDataPoints");
  lock.lock();
  if (!delivery.taken) {
    note(delivery.problem);
  } else if (refusal.rejected > 0) {
    note(fmt::format("{} figures were refused: {}", refusal.rejected, refusal.message));
  }
}

void OtlpExport::send_spans(std::unique_lock<std::mutex>& lock) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(limits_.batch, queue_.size()));
  const std::vector<model::OperationSpan> batch(std::make_move_iterator(queue_.begin()),
                                                std::make_move_iterator(queue_.begin() + count));
  queue_.erase(queue_.begin(), queue_.begin() + count);
  const WallTime zero = zero_;
  lock.unlock();
  const Delivery delivery = deliver("/v1/traces", reports::otlp_traces(source_, zero, batch));
  const reports::OtlpRefusal refusal = reports::otlp_refusal(delivery.body, "rejectedSpans");
  lock.lock();
  if (!delivery.taken) {
    outcome_.lost += batch.size();
    note(delivery.problem);
  } else if (refusal.rejected > 0) {
    outcome_.lost += std::min<std::uint64_t>(refusal.rejected, batch.size());
    note("refused: " + refusal.message);
  }
}

OtlpExport::Delivery OtlpExport::deliver(const std::string& path, const std::string& body) {
  Delivery delivery;
  Duration wait = limits_.backoff;
  for (unsigned attempt = 1;; ++attempt) {
    const Duration timeout = time_for_attempt();
    if (timeout <= Duration::zero()) {
      if (delivery.problem.empty()) {
        delivery.problem = kTooLate;
      }
      return delivery;
    }
    auto answer = net::send({.method = "POST",
                             .url = url_ + path,
                             .headers = {{"Content-Type", "application/json"}},
                             .body = body,
                             .timeout = timeout,
                             .max_body_bytes = kMaxAnswer,
                             .tls = {},
                             .route = {}});
    if (answer && answer->status >= 200 && answer->status < 300) {
      delivery.taken = true;
      delivery.body = std::move(answer->body);
      return delivery;
    }
    delivery.problem = answer ? fmt::format("{} answered with status {}", path, answer->status)
                              : to_string(answer.error());
    const bool again = answer ? is_worth_repeating(answer->status)
                              : answer.error().code == ErrorCode::kUnavailable;
    if (!again || attempt >= limits_.attempts) {
      return delivery;
    }
    const auto asked = answer ? asked_wait(*answer, limits_.longest_wait) : std::nullopt;
    if (!pause(asked.value_or(wait))) {
      return delivery;
    }
    wait = std::min(wait * 2, limits_.longest_wait);
  }
}

Duration OtlpExport::time_for_attempt() {
  const std::lock_guard lock(mutex_);
  return ending_ ? std::min(limits_.timeout, deadline_ - monotonic_now()) : limits_.timeout;
}

bool OtlpExport::pause(Duration wait) {
  const TimePoint until = monotonic_now() + wait;
  std::unique_lock lock(mutex_);
  for (TimePoint now = monotonic_now(); now < until; now = monotonic_now()) {
    if (ending_ && now >= deadline_) {
      return false;
    }
    const TimePoint next = ending_ ? std::min(until, deadline_) : until;
    changed_.wait_for(lock, next - now);
  }
  return true;
}

}  // namespace squall::app
