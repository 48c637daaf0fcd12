// Proxies, the faults on them and the timeline, for the terminal.
#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "reports/formats/common/terminal_sections.hpp"
#include "reports/formats/common/text_table.hpp"
#include "reports/formats/common/timeline_text.hpp"

namespace squall::reports {
namespace {

using Align = TextTable::Align;

constexpr std::size_t kMostOfWhatBecame = 600;

// What passed a proxy in the whole run.
model::ProxySecond total_of(const model::RunRecord& record, std::size_t proxy) {
  model::ProxySecond total;
  for (const model::SecondSummary& second : record.seconds) {
    if (proxy >= second.proxies.size()) {
      continue;
    }
    const model::ProxySecond& one = second.proxies[proxy];
    total.accepted += one.accepted;
    total.refused += one.refused;
    total.dial_failures += one.dial_failures;
    total.open_links = std::max(total.open_links, one.open_links);
    total.upstream_bytes += one.upstream_bytes;
    total.downstream_bytes += one.downstream_bytes;
  }
  return total;
}

std::string heading_of(const TerminalContext& context, std::string_view text) {
  return "\n" + context.style.paint(Tone::kStrong, text) + "\n";
}

// Of a run whose proxies nobody read second by second: a verification has none.
std::string proxy_names(const TerminalContext& context) {
  TextTable table({{"proxy", Align::kLeft}, {"in front of", Align::kLeft}});
  for (const model::RecordedProxy& proxy : context.record.proxies) {
    table.add({{printable(proxy.name)}, {printable(proxy.upstream)}});
  }
  return table.render(context.options.width, context.style);
}

std::string proxy_table(const TerminalContext& context) {
  if (context.record.seconds.empty()) {
    return proxy_names(context);
  }
  TextTable table({{"proxy", Align::kLeft},
                   {"links"},
                   {"open at most"},
                   {"refused"},
                   {"dial failed"},
                   {"up"},
                   {"down"},
                   {"in front of", Align::kLeft}});
  for (std::size_t i = 0; i < context.record.proxies.size(); ++i) {
    const model::RecordedProxy& proxy = context.record.proxies[i];
    const model::ProxySecond total = total_of(context.record, i);
    table.add({{printable(proxy.name)},
               {std::to_string(total.accepted)},
               {std::to_string(total.open_links)},
               {std::to_string(total.refused)},
               {std::to_string(total.dial_failures)},
               {format_bytes({total.upstream_bytes})},
               {format_bytes({total.downstream_bytes})},
               {printable(proxy.upstream)}});
  }
  return table.render(context.options.width, context.style);
}

// What is planned, and what became of it behind the semicolon: no column has room for both.
std::pair<std::string_view, std::string_view> halves_of(std::string_view summary) {
  const std::size_t end = std::min(summary.find("; "), summary.size());
  return {summary.substr(0, end), summary.substr(std::min(end + 2, summary.size()))};
}

std::string fault_table(const TerminalContext& context) {
  TextTable table({{"fault", Align::kLeft},
                   {"of", Align::kLeft},
                   {"passed"},
                   {"planned"},
                   {"fired"},
                   {"what", Align::kLeft}});
  for (const model::RecordedProxyFault& fault : context.record.proxy_faults) {
    const bool counted = !fault.counts_nothing;
    const Tone tone = counted && fault.fired == 0 ? Tone::kWarn : Tone::kPlain;
    table.add({{printable(fault.name)},
               {fault.of_requests ? "requests" : "links"},
               {std::to_string(fault.seen)},
               {counted ? std::to_string(fault.planned) : "-"},
               {counted ? std::to_string(fault.fired) : "-", tone},
               {printable(halves_of(fault.summary).first)}});
  }
  std::string text = table.render(context.options.width, context.style);
  for (const model::RecordedProxyFault& fault : context.record.proxy_faults) {
    if (const std::string_view became = halves_of(fault.summary).second; !became.empty()) {
      text += wrapped(fmt::format("  {}: ", printable(fault.name)),
                      printable(became, kMostOfWhatBecame), context.options.width);
    }
  }
  return text;
}

}  // namespace

std::string proxies_section(const TerminalContext& context) {
  if (context.record.proxies.empty()) {
    return {};
  }
  std::string text = heading_of(context, "Proxies") + proxy_table(context);
  if (!context.record.proxy_faults.empty()) {
    text += heading_of(context, "Faults on proxies") + fault_table(context);
  }
  return text;
}

std::string timeline_section(const TerminalContext& context) {
  if (context.record.timeline.empty()) {
    return {};
  }
  TextTable table({{"when", Align::kLeft}, {"how", Align::kLeft}, {"what", Align::kLeft}});
  for (const model::RecordedAction& action : context.record.timeline) {
    const bool fine = action.started && action.problem.empty();
    table.add({{time_on(action)},
               {how_it_went(action), fine ? Tone::kPlain : Tone::kWarn},
               {printable(action.description)}});
  }
  return heading_of(context, "Timeline") + table.render(context.options.width, context.style);
}

}  // namespace squall::reports
