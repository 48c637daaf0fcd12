#include "reports/formats/common/property_page.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/base/units.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

using model::PropertyCase;
using model::PropertyRequest;
using model::PropertyResult;

constexpr std::size_t kSentence = 1000;
constexpr std::size_t kRequestsShown = 40;  // of a case; a barrier has 20
constexpr std::size_t kBodiesShown = 3;     // requests as they were sent, each once

std::string at_text(Duration at) {
  return fmt::format("+{:.3f}ms", to_seconds(at) * 1000);
}

std::string end_of(const PropertyRequest& request) {
  const std::string answer = printable(request.answer);
  const std::string status =
      request.status == 0 ? "no answer" : fmt::format("status {}", request.status);
  return answer.empty() ? status : fmt::format("{}: {}", status, answer);
}

std::string request_line(const PropertyRequest& request) {
  std::string line = fmt::format("{:>12}  ", at_text(request.at));
  line += request.caller.empty() ? "" : printable(request.caller) + " to ";
  line += printable(request.replica);
  line += request.key.empty() ? "" : ", key " + printable(request.key);
  line += request.what.empty() ? "" : ", " + printable(request.what);
  return line + fmt::format("\n{:>12}  {} ({}, after {})", "", end_of(request), request.how,
                            format_duration(request.took));
}

// Requests and what was done between them, in the order of time.
std::string timeline_of(const PropertyCase& one) {
  std::vector<std::pair<Duration, std::string>> lines;
  for (std::size_t i = 0; i < std::min(one.requests.size(), kRequestsShown); ++i) {
    lines.emplace_back(one.requests[i].at, request_line(one.requests[i]));
  }
  for (const model::PropertyAct& act : one.acts) {
    lines.emplace_back(act.at, fmt::format("{:>12}  -- {}", at_text(act.at), printable(act.text)));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [at, line] : lines) {
    text += (text.empty() ? "" : "\n") + line;
  }
  if (one.requests.size() > kRequestsShown) {
    text += fmt::format("\n{:>12}  … {} more requests", "", one.requests.size() - kRequestsShown);
  }
  return text;
}

// Lines end as in the record; a carriage return would be a \x0d on each of them.
std::string lines_of(std::string_view request) {
  std::string text;
  for (const char c : request) {
    text += c == '\r' ? "" : std::string(1, c);
  }
  return text;
}

std::string requests_of(const PropertyCase& one) {
  std::vector<std::string> shown;
  std::string text;
  for (const PropertyRequest& request : one.requests) {
    std::string lines = lines_of(request.request);
    const bool known = std::find(shown.begin(), shown.end(), lines) != shown.end();
    if (lines.empty() || known || shown.size() == kBodiesShown) {
      continue;
    }
    text += markdown_block(lines, "http");
    shown.push_back(std::move(lines));
  }
  return text.empty() ? text : "\nAs sent, each once:\n\n" + text;
}

std::string case_section(const PropertyCase& one, std::size_t number) {
  std::string text =
      fmt::format("\n### Case {}: {}\n\n", number, markdown_text(one.problem, kSentence));
  // Without a token it is not about effects that an oracle counts.
  if (!one.token.empty()) {
    text += fmt::format("Token {}: {}, expected {}.\n\n", markdown_code(one.token),
                        one.counted ? fmt::format("{} effects were counted", one.effects)
                                    : std::string("effects were not counted"),
                        one.expected);
  }
  return text + markdown_block(timeline_of(one), "text") + requests_of(one);
}

std::string reproducer_section(const PropertyResult& property, const std::string& directory) {
  if (property.reproducer.empty()) {
    return {};
  }
  std::string text = "\n## See it again\n\n" +
                     markdown_block(with_directory(property.reproducer, directory), "sh");
  if (const std::string rate = hit_rate_text(property); !rate.empty()) {
    text += fmt::format("\nTried as a part of the run: {}.\n", rate);
  }
  if (!property.script.empty()) {
    text +=
        "\nThe script needs a POSIX shell, curl and what it names at its top; it makes fresh keys "
        "each time, and exits 1 when it hit.\n";
  }
  return text;
}

std::string list_of(std::string_view title, const std::vector<std::string>& lines) {
  std::string text = lines.empty() ? "" : fmt::format("\n## {}\n\n", title);
  for (const std::string& line : lines) {
    text += fmt::format("- {}\n", markdown_text(line, kSentence));
  }
  return text;
}

}  // namespace

std::string property_page(const model::RunRecord& record, const PropertyResult& property,
                          const std::string& directory) {
  std::string text = fmt::format("# {}\n\nProperty {}, {}: **{}**.\n\n",
                                 markdown_text(finding_id(property)), property.number,
                                 markdown_text(property.title), model::to_string(property.verdict));
  text += fmt::format("Run {} of {}, seed {}.\n", markdown_code(record.run_id),
                      markdown_code(record.plan_name), record.seed);
  text += fmt::format("\n## The promise\n\n{}\n", markdown_text(property.promise, kSentence));
  text +=
      fmt::format("\n## What happened\n\n{}: {}\n", markdown_text(property.provocation, kSentence),
                  markdown_text(property.summary, kSentence));
  std::string evidence;
  for (const std::string& line : property.evidence) {
    evidence += (evidence.empty() ? "" : "\n") + line;
  }
  text += evidence.empty() ? "" : "\n" + markdown_block(evidence, "text");
  text += property.cases.empty() ? "" : "\n## Cases\n";
  for (std::size_t i = 0; i < property.cases.size(); ++i) {
    text += case_section(property.cases[i], i + 1);
  }
  return text + list_of("How to fix it", property.remedies) +
         reproducer_section(property, directory);
}

}  // namespace squall::reports
