#include "loadgen/app/catalogue_rows.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "catalogue_plans.hpp"
#include "loadgen/base/check.hpp"

namespace squall::app {
namespace {

struct PlannedRow {
  std::string_view part;
  std::string_view id;
  std::string_view incident;
};

constexpr std::pair<std::string_view, std::string_view> kParts[] = {
    {"A", "Effects and data"},
    {"B", "Capacity and latency"},
    {"C", "Failure propagation"},
    {"D", "Change"},
    {"E", "Health, observability, security"}};

// What the catalogue has to become; a row whose plan is there is told of by its plan.
constexpr PlannedRow kPlannedRows[] = {
    {"A", "duplicate-webhook", "The provider redelivers an event, and an order is made twice."},
    {"A", "lost-webhook", "Deliveries vanish when the receiver fails."},
    {"A", "oversell", "Stock goes negative when many buy at once."},
    {"A", "lost-update", "Two write at once, and one of them silently loses."},
    {"A", "lost-acked-write", "\"Saved\", but gone after a crash or rollback."},
    {"A", "upload-retry", "A slow upload times out, and its retry makes a second file."},
    {"A", "job-twice", "A scheduled job runs once on each replica."},
    {"A", "stale-cache", "Readers see the old value."},
    {"A", "split-truth", "Two services disagree for good."},
    {"A", "poisoned-key", "A crash leaves an idempotency key that answers 409 for ever."},
    {"A", "key-leak-across-tenants",
     "The same key of another customer returns the first one's answer."},
    {"A", "history-rewritten", "A migration changes old records."},
    {"B", "pool-exhaustion", "All is slow and nothing is down: the pool has no connection left."},
    {"B", "thread-exhaustion", "The processor is idle, and latency rises."},
    {"B", "bottleneck", "More replicas, no more throughput."},
    {"B", "congestion-collapse", "After a spike goodput falls and stays low."},
    {"B", "stampede", "Every expiry of a cached value floods the database."},
    {"B", "hot-key-fanout", "One celebrity's write becomes a million."},
    {"B", "cold-start", "The first request after idle time takes seconds."},
    {"B", "periodic-spike", "Every few minutes everything stalls."},
    {"B", "noisy-neighbour", "One report kills the API."},
    {"B", "n-plus-one", "List pages ask the store once for each row."},
    {"B", "serial-calls", "Dozens of calls, one after the other."},
    {"B", "payload-bloat", "Many columns where few are needed, and a bill for the traffic."},
    {"B", "data-growth", "Fine with a thousand rows, minutes with millions."},
    {"B", "backlog", "The queue grows faster than it drains."},
    {"B", "leak", "Memory or descriptors creep up."},
    {"C", "cascade", "Payments are down, and the whole site is slow."},
    {"C", "no-breaker", "Every call waits out the full timeout."},
    {"C", "breaker-stuck", "The dependency has healed, but calls still fail."},
    {"C", "no-timeout", "A dependency that hangs hangs its callers."},
    {"C", "timeout-mismatch", "The caller gives up, and the work happens anyway."},
    {"C", "retry-storm", "Retries finish off a sick dependency."},
    {"C", "metastable", "The trigger is gone, the outage stays."},
    {"C", "deadlock", "Everything stops, and nothing reports an error."},
    {"C", "crash-loop", "One bad input kills the process again and again."},
    {"C", "partition", "Large answers or some paths vanish."},
    {"C", "upstream-changed", "A provider changes its format."},
    {"C", "dependency-restart", "The cache restarts, and everyone is logged out."},
    {"C", "failover", "The primary dies: minutes of errors."},
    {"C", "circular-calls", "A calls B, which calls A."},
    {"D", "rolling-deploy", "Errors during every deploy."},
    {"D", "schema-lock", "ALTER TABLE stops the world."},
    {"D", "mixed-versions", "Old and new code disagree."},
    {"D", "contract-drift", "Fields changed without telling anyone."},
    {"D", "rollback", "Going back does not bring it back."},
    {"D", "config-drift", "Fine in staging, not in production."},
    {"D", "gateway-limits", "It works directly and fails behind the gateway."},
    {"E", "lying-health", "Green checks, failing users."},
    {"E", "blind-dashboard", "The metrics say fine, the users do not."},
    {"E", "lost-trace", "One request cannot be followed."},
    {"E", "unexplained-500", "Random errors, healthy infrastructure."},
    {"E", "error-leak", "Stack traces and SQL in answers."},
    {"E", "no-rate-limit", "A bot owns the signup."},
    {"E", "guessable-ids", "Other people's records by counting."},
    {"E", "immortal-token", "A token works for ever."},
    {"E", "expired-cert", "The certificate ran out."},
    {"E", "clock-skewed-replica", "One replica's clock is off."},
    {"E", "slow-clients", "A few slow sockets stop the server."},
};

}  // namespace

std::vector<CatalogueRow> catalogue_rows() {
  std::vector<CatalogueRow> rows;
  for (const CataloguePlan& plan : kCataloguePlans) {
    auto page = plan::read_catalogue_page(plan.text, std::string(plan.file));
    SQUALL_CHECK(page.has_value());  // compiled in: a contract test reads each
    CatalogueRow row{page->id, page->part, page->incident, std::move(*page), plan.text};
    rows.push_back(std::move(row));
  }
  const std::size_t working = rows.size();
  for (const PlannedRow& planned : kPlannedRows) {
    const auto end = rows.begin() + static_cast<std::ptrdiff_t>(working);
    if (std::any_of(rows.begin(), end,
                    [&](const CatalogueRow& row) { return row.id == planned.id; })) {
      continue;
    }
    rows.push_back({std::string(planned.id), std::string(planned.part),
                    std::string(planned.incident), std::nullopt});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const CatalogueRow& a, const CatalogueRow& b) { return a.part < b.part; });
  return rows;
}

std::string_view title_of_part(std::string_view part) {
  for (const auto& [letter, title] : kParts) {
    if (letter == part) {
      return title;
    }
  }
  return part;
}

std::string catalogue_reference() {
  std::string table = "| failure | part | rehearsed |\n|---|---|---|\n";
  std::string pages;
  for (const CatalogueRow& row : catalogue_rows()) {
    table += fmt::format("| {0} | {1} {2} | {3} |\n",
                         row.page ? fmt::format("[{0}](#{0})", row.id) : row.id, row.part,
                         title_of_part(row.part), row.page ? "yes" : "not yet");
    if (row.page) {
      pages += "\n" + plan::catalogue_markdown(*row.page, 2) +
               fmt::format("\nPlan: [{0}.toml]({0}.toml)\n", row.id);
    }
  }
  return table + pages;
}

}  // namespace squall::app
