// What went wrong on purpose: client faults, faults on proxies, the timeline.
#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/timeline_text.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;
using Kind = HtmlTable::Kind;

std::string client_faults(const RunRecord& record) {
  HtmlTable table("faults", {{"fault", Kind::kWord},
                             {"kind", Kind::kWord},
                             {"eligible"},
                             {"planned"},
                             {"fired"},
                             {"pre-empted"},
                             {"what", Kind::kText}});
  std::vector<std::string> unfired;
  for (const model::RecordedFault& fault : record.faults) {
    const model::FaultCounts& counts = fault.counts;
    HtmlTable::Cell fired = cell(counts.fired);
    fired.bad = counts.planned == 0 || counts.fired + counts.preempted < counts.planned;
    table.add({code_cell(fault.name), cell(fault.kind), cell(counts.eligible), cell(counts.planned),
               fired, cell(counts.preempted), cell(fault.summary)});
    if (!fault.unfired.empty()) {
      unfired.push_back(fault.name + " did not fire: " + fault.unfired.front());
    }
  }
  return table.html() + list(unfired);
}

model::ProxySecond total_of(const RunRecord& record, std::size_t proxy) {
  model::ProxySecond total;
  for (const model::SecondSummary& second : record.seconds) {
    if (proxy < second.proxies.size()) {
      const model::ProxySecond& one = second.proxies[proxy];
      total.accepted += one.accepted;
      total.refused += one.refused;
      total.dial_failures += one.dial_failures;
      total.open_links = std::max(total.open_links, one.open_links);
      total.upstream_bytes += one.upstream_bytes;
      total.downstream_bytes += one.downstream_bytes;
    }
  }
  return total;
}

HtmlTable::Cell bytes_cell(std::uint64_t bytes) {
  return {format_bytes({bytes}), static_cast<double>(bytes)};
}

std::string proxies(const RunRecord& record) {
  HtmlTable table("proxies", {{"proxy", Kind::kWord},
                              {"in front of", Kind::kWord},
                              {"links"},
                              {"open at most"},
                              {"refused"},
                              {"dial failed"},
                              {"up"},
                              {"down"}});
  for (std::size_t i = 0; i < record.proxies.size(); ++i) {
    const model::ProxySecond total = total_of(record, i);
    table.add({code_cell(record.proxies[i].name), cell(record.proxies[i].upstream),
               cell(total.accepted), cell(total.open_links), cell(total.refused),
               cell(total.dial_failures), bytes_cell(total.upstream_bytes),
               bytes_cell(total.downstream_bytes)});
  }
  return table.empty() ? "" : "<h3>Proxies</h3>\n" + table.html();
}

std::string proxy_faults(const RunRecord& record) {
  HtmlTable table("proxy-faults", {{"fault", Kind::kWord},
                                   {"of", Kind::kWord},
                                   {"passed"},
                                   {"planned"},
                                   {"fired"},
                                   {"what", Kind::kText}});
  for (const model::RecordedProxyFault& fault : record.proxy_faults) {
    const bool counted = !fault.counts_nothing;
    table.add(
        {code_cell(fault.name), cell(fault.of_requests ? "requests" : "links"), cell(fault.seen),
         counted ? cell(fault.planned) : cell("-"),
         counted ? HtmlTable::Cell{std::to_string(fault.fired), {}, fault.fired == 0} : cell("-"),
         cell(fault.summary)});
  }
  return table.empty() ? "" : "<h3>Faults on proxies</h3>\n" + table.html();
}

}  // namespace

std::string faults_html(const RunRecord& record) {
  return client_faults(record) + proxies(record) + proxy_faults(record);
}

std::string timeline_html(const RunRecord& record) {
  HtmlTable table("timeline", {{"when", Kind::kWord}, {"how", Kind::kWord}, {"what", Kind::kText}});
  for (const model::RecordedAction& action : record.timeline) {
    const bool fine = action.started && action.problem.empty();
    table.add({{html_text(time_on(action)), to_seconds(action.planned_at + action.late_at)},
               {html_text(how_it_went(action)), {}, !fine},
               cell(action.description)});
  }
  HtmlTable events("events", {{"at"}, {"kind", Kind::kWord}, {"what", Kind::kText}});
  for (const model::RunEvent& event : record.events) {
    events.add({{fmt::format("{:+.1f}s", to_seconds(event.at)), to_seconds(event.at)},
                cell(event.kind),
                cell(event.text)});
  }
  const std::string all =
      events.empty() ? "" : details("everything that happened, in order", events.html());
  return table.html() + all;
}

}  // namespace squall::reports
