#include "tests/shop/jobs.hpp"

#include <cstdio>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/storage.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {
namespace {

constexpr std::size_t kHolderDigits = 16;
constexpr Duration kReceiverTimeout = std::chrono::seconds(2);

}  // namespace

const char* Jobs::schema() {
  return R"(
CREATE TABLE IF NOT EXISTS jobs(
  id INTEGER PRIMARY KEY, token TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS jobs_by_done ON jobs(done, id);
)";
}

Jobs::Jobs(const JobsSettings& settings, Deps deps)
    : settings_(settings),
      deps_(std::move(deps)),
      holder_(random_hex(kHolderDigits)),
      leases_({.clock = LeaseClock::kObserved, .time = settings.lease_time}, deps_.database,
              deps_.clock),
      worker_([this] { work(); }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

Answer Jobs::accept(const Call& call) {
  const Result<std::string> token = parse_object(call.body()).and_then([](const auto& json) {
    return text_field(json, "token");
  });
  if (!token) {
    return problem(400, token.error().message);
  }
  Result<std::int64_t> id = 0;
  {
    const Database::WriteLease writer = deps_.database.write();
    id = writer->prepare("INSERT INTO jobs(token) VALUES(?)").bind(*token).run().map([&] {
      return writer->last_id();
    });
  }
  if (!id) {
    return database_refused(id.error(), call, deps_.role);
  }
  return {202, nlohmann::ordered_json{{"job", *id}}.dump()};
}

void Jobs::work() {
  while (wait_for_tick()) {
    if (const Result<void> ticked = tick(); !ticked) {
      deps_.role.metrics().database_error();
      deps_.role.log().error("database error", nullptr, {{"error", ticked.error().message}});
    }
  }
}

bool Jobs::wait_for_tick() {
  const Duration since_tick = deps_.clock.wall_now().time_since_epoch() % settings_.period;
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, settings_.period - since_tick, [this] { return ending_; });
}

bool Jobs::is_ending() {
  const std::lock_guard lock(mutex_);
  return ending_;
}

Result<void> Jobs::tick() {
  const Result<bool> turn = may_go_on();
  if (!turn || !*turn) {
    return turn.map([](bool) {});
  }
  const Result<std::vector<Job>> jobs = undone();
  if (!jobs) {
    return fail(jobs.error());
  }
  for (const Job& job : *jobs) {
    const Result<bool> still = may_go_on();
    if (!still || !*still || is_ending()) {
      return still.map([](bool) {});
    }
    if (!hand_over(job)) {
      continue;
    }
    if (Result<void> marked = mark_done(job.id); !marked) {
      return marked;
    }
  }
  return {};
}

// Asked before each job, which prolongs the lease: a tick may have more work than the lease lasts.
Result<bool> Jobs::may_go_on() {
  if (settings_.turns == JobTurns::kEach) {
    return true;
  }
  return leases_.acquire("scheduler", holder_).map([](const Lease& lease) { return lease.held; });
}

Result<std::vector<Jobs::Job>> Jobs::undone() {
  const Database::ReadLease reader = deps_.database.read();
  Statement statement = reader->prepare("SELECT id, token FROM jobs WHERE done = 0 ORDER BY id");
  std::vector<Job> jobs;
  while (true) {
    const Result<bool> row = statement.step();
    if (!row) {
      return fail(row.error());
    }
    if (!*row) {
      return jobs;
    }
    jobs.push_back({statement.integer(0), statement.text(1)});
  }
}

bool Jobs::hand_over(const Job& job) {
  const nlohmann::ordered_json json = {{"job", job.id}, {"token", job.token}};
  const Result<PoolAnswer> answer =
      deps_.receiver->post("", {{"Job-Id", std::to_string(job.id)}}, json.dump());
  const bool taken = answer && answer->status >= 200 && answer->status < 300;
  if (!taken) {
    deps_.role.log().error(
        "job not taken", nullptr,
        {{"job", job.id},
         {"why", answer ? fmt::format("answered {}", answer->status) : answer.error().message}});
  }
  return taken;
}

Result<void> Jobs::mark_done(std::int64_t id) {
  const Database::WriteLease writer = deps_.database.write();
  return writer->prepare("UPDATE jobs SET done = 1 WHERE id = ?").bind(id).run();
}

int run_jobs(const JobsOptions& options) {
  Role role("jobs", options.http, options.log_level);
  const Result<OwnStorage> storage = open_own_storage(options.database_file, Jobs::schema());
  if (!storage) {
    fmt::print(stderr, "squall-shop: --db: {}\n", storage.error().message);
    return 1;
  }
  Result<std::unique_ptr<HttpPool>> receiver =
      HttpPool::make(options.receiver_url, kReceiverTimeout);
  if (!receiver) {
    fmt::print(stderr, "squall-shop: --receiver: {}\n", receiver.error().message);
    return 1;
  }
  const SystemClock clock;
  Jobs jobs(options.jobs, {*storage->database, clock, role, std::move(*receiver)});
  using Method = HttpService::Method;
  role.http().route(Method::kPost, "/jobs", "/jobs",
                    [&](const Call& call) { return jobs.accept(call); });
  role.http().route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
