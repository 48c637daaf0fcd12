#include "loadgen/import/har.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/import/document.hpp"
#include "loadgen/import/har_entry.hpp"
#include "loadgen/import/har_filter.hpp"
#include "loadgen/import/har_groups.hpp"
#include "loadgen/import/har_values.hpp"
#include "loadgen/import/names.hpp"
#include "loadgen/import/targets.hpp"

namespace squall::import {
namespace {

constexpr DocumentLimits kLimits{.bytes = 256UL * 1024 * 1024, .depth = 100, .values = 10'000'000};
constexpr std::size_t kMaxSteps = 2000;  // half of what a plan takes
constexpr std::string_view kScenario = "visit";
// Shorter pauses are those of the browser, not of a person.
constexpr Duration kShortestThink = std::chrono::milliseconds(100);
// What browsers open to one host with HTTP/1.
constexpr unsigned kConnectionsOfABrowser = 6;

tl::unexpected<Error> no_har(const std::string& file, std::string_view what, const Node& where) {
  return fail(Error{ErrorCode::kMalformed, fmt::format("this is no HAR recording: {}", what),
                    SourceRef{file, where.where.line, where.where.column}});
}

// What a status says about success, in the plan's language.
std::vector<std::string> expectation(int status, std::vector<std::string>& comments) {
  if (status >= 200 && status <= 299) {
    return {"status in 200..299"};
  }
  if (status >= 300 && status <= 399) {
    // 304 is what the browser's cache got; a plan asks without one.
    return {status == 304 ? "status in 200..299" : "status in 300..399"};
  }
  comments.push_back(fmt::format("The recorded answer was {}; take that as the success?", status));
  return {fmt::format("status == {}", status)};
}

class HarImport {
 public:
  HarImport(const ImportOptions& options, HarFilter filter)
      : options_(options),
        filter_(std::move(filter)),
        secrets_(options.secrets),
        targets_(options) {}

  void read(const Node::List& entries) {
    for (const Node& node : entries) {
      auto entry = read_har_entry(node);
      if (!entry) {
        skip("requests that are none of a step", to_string(entry.error()));
      } else if (entry->status == 0) {
        skip("requests without an answer", entry->url.origin() + entry->url.target);
      } else {
        entries_.push_back(std::move(*entry));
      }
    }
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const HarEntry& a, const HarEntry& b) { return a.start < b.start; });
  }

  // The host of the first page decides which requests are the site's own.
  void choose() {
    if (entries_.empty()) {
      return;
    }
    const auto page = std::find_if(entries_.begin(), entries_.end(),
                                   [](const HarEntry& entry) { return entry.type == "document"; });
    const OutsideUrl own = (page == entries_.end() ? entries_.front() : *page).url;
    const auto is_left_out = [&](const HarEntry& entry) {
      if (!filter_.takes_host(entry.url, own)) {
        skip("requests to other hosts (--include HOST takes them)", entry.url.host);
        return true;
      }
      if (!filter_.takes_type(entry.type)) {
        skip("requests of other types", std::string(entry.type));
        return true;
      }
      return false;
    };
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(), is_left_out), entries_.end());
  }

  Result<Imported> finish(const Node* pages) {
    add_skipped_notes();
    if (entries_.empty()) {
      std::string all;
      for (const std::string& note : result_.notes) {
        all += "; " + note;
      }
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: no request of the recording is left{}", options_.file, all));
    }
    if (entries_.size() > kMaxSteps) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: {} requests are more than the {} that a plan is made of; leave "
                              "some out, for example with --exclude static",
                              options_.file, entries_.size(), kMaxSteps));
    }
    add_steps(pages);
    PlanDraft& draft = result_.draft;
    draft.heading = {"Made by `squall init --from-har` from " + options_.file + ".", "",
                     "Each step is a recorded request, its think time the pause before it; what "
                     "the browser asked for at the same time is a parallel group. Tokens and ids "
                     "that a JSON answer gave and a later request sent are taken with `extract`. "
                     "Short ones, and those of other answers, stand here as they were recorded: "
                     "take them from the step that gives them, and put {{name}} where they are "
                     "sent."};
    draft.name = plan_name(options_.file.substr(options_.file.rfind('/') + 1), "recording");
    draft.secrets = secrets_.all();
    factor_out();
    give_jars();
    draft.targets = targets_.take();
    draft.require = {"error_rate < 1%", fmt::format("{} response p99 < 1s", kScenario)};
    add_default_load(draft, "1/s");
    scenario_.name = kScenario;
    scenario_.arrivals = poisson_arrivals();
    draft.scenarios.push_back(std::move(scenario_));
    return std::move(result_);
  }

 private:
  void skip(std::string_view why, const std::string& example) {
    auto& [count, first] = skipped_[std::string(why)];
    ++count;
    first = count == 1 ? example : first;
  }

  void add_skipped_notes() {
    for (const auto& [why, what] : skipped_) {
      result_.notes.push_back(
          fmt::format("LEFT OUT: {}: {}, the first: {}", why, what.first, printable(what.second)));
    }
  }

  void add_steps(const Node* pages) {
    const std::vector<std::size_t> groups = concurrent_groups(entries_);
    std::string page;
    WallTime idle_since = entries_.front().start;
    WallTime busy_until = idle_since;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      HarEntry& entry = entries_[i];
      const bool within = groups[i] != 0 && i > 0 && groups[i - 1] == groups[i];
      // The children of a group start together, each after its own pause.
      idle_since = within ? idle_since : busy_until;
      DraftStep step;
      std::string title;
      if (entry.page != page) {
        page = entry.page;
        title = "Page: " + title_of(page, pages);
      }
      if (groups[i] != 0 && !within) {
        scenario_.groups.push_back(group_of(groups, i, title));
      } else if (!title.empty()) {
        step.comments.push_back(title);
      }
      step.group = groups[i];
      step.target = targets_.name_in_step(entry.url);
      leave_cookies_to_the_jar(entry, step);
      take_answers_until(entry.start);
      entry.request.known = values_.sent(entry.request, step.comments);
      fill_step(entry.request, secrets_, step);
      step.expect = expectation(entry.status, step.comments);
      if (entry.start - idle_since >= kShortestThink) {
        step.think = std::chrono::floor<std::chrono::milliseconds>(entry.start - idle_since);
      }
      busy_until = std::max(busy_until, entry.start + entry.took);
      step.name = names_.unique(words_of_request(step.method, entry.url.target), "request");
      for (const std::string& cookie : entry.cookies_set) {
        set_by_.insert_or_assign(cookie, step.name);
      }
      awaited_.emplace(entry.start + entry.took, i);
      scenario_.steps.push_back(std::move(step));
    }
    for (const auto& [index, table] : values_.extractions()) {
      scenario_.steps[index].settings.push_back({"extract", {table, {}}});
    }
  }

  [[nodiscard]] DraftGroup group_of(const std::vector<std::size_t>& groups, std::size_t first,
                                    const std::string& title) const {
    DraftGroup group;
    if (!title.empty()) {
      group.comments.push_back(title);
    }
    std::size_t count = 0;
    bool http1 = true;
    for (std::size_t i = first; i < groups.size() && groups[i] == groups[first]; ++i) {
      ++count;
      http1 = http1 && entries_[i].http1;
    }
    group.at_once = http1 && count > kConnectionsOfABrowser ? kConnectionsOfABrowser : 0;
    return group;
  }

  // The browser could only send what had been answered by then.
  void take_answers_until(WallTime now) {
    while (!awaited_.empty() && awaited_.begin()->first <= now) {
      const std::size_t index = awaited_.begin()->second;
      values_.answered(index, scenario_.steps[index].name, entries_[index].answer);
      awaited_.erase(awaited_.begin());
    }
  }

  static std::string title_of(const std::string& id, const Node* pages) {
    const Node::List* list = pages != nullptr ? pages->as_list() : nullptr;
    if (list != nullptr) {
      for (const Node& page : *list) {
        if (page.text("id") == id && !page.text("title").empty()) {
          return std::string(page.text("title"));
        }
      }
    }
    return id.empty() ? "none" : id;
  }

  // Cookies that an answer of the recording set are a session, which each visitor has anew: the
  // target's jar keeps and sends them.
  void leave_cookies_to_the_jar(HarEntry& entry, DraftStep& step) {
    for (auto& [name, value] : entry.request.headers) {
      if (equals_ignoring_case(name, "Cookie")) {
        value = without_set_cookies(value, step);
      }
    }
    std::erase_if(entry.request.headers, [](const auto& header) {
      return equals_ignoring_case(header.first, "Cookie") && header.second.empty();
    });
    if (!entry.cookies_set.empty()) {
      with_jar_.insert(step.target);
    }
  }

  std::string without_set_cookies(std::string_view cookies, DraftStep& step) {
    std::string left;
    for (const std::string_view piece : split(cookies, ';')) {
      const std::string_view cookie = trim(piece);
      const std::string name(cookie.substr(0, cookie.find('=')));
      const auto setter = set_by_.find(name);
      if (cookie.empty()) {
        continue;
      }
      if (setter == set_by_.end()) {
        left += (left.empty() ? "" : "; ") + std::string(cookie);
        continue;
      }
      with_jar_.insert(step.target);
      if (noted_.insert(name).second) {
        step.comments.push_back(fmt::format(
            "The cookie {} was set by the answer of {}: each visitor's jar has its own.", name,
            setter->second));
      }
    }
    return left;
  }

  void give_jars() {
    for (const std::string& target : with_jar_) {
      targets_.named(target).settings.push_back(
          {"cookies", toml_value(true), "a jar for each visitor; libcurl keeps it"});
    }
  }

  // Headers that a browser sends with each request stand at the target.
  void factor_out() {
    std::map<std::string, std::vector<DraftStep*>> steps;
    for (DraftStep& step : scenario_.steps) {
      steps[step.target].push_back(&step);
    }
    for (auto& [target, of_target] : steps) {
      factor_out_headers(of_target, targets_.named(target).headers);
    }
  }

  const ImportOptions& options_;
  HarFilter filter_;
  Secrets secrets_;
  Targets targets_;
  Names names_;
  std::vector<HarEntry> entries_;
  std::map<std::string, std::pair<std::size_t, std::string>> skipped_;
  std::map<std::string, std::string> set_by_;  // cookie to step
  std::set<std::string> noted_;
  std::set<std::string> with_jar_;  // targets, as steps name them
  HarValues values_;
  std::multimap<WallTime, std::size_t> awaited_;  // end of an answer, number of its step
  DraftScenario scenario_;
  Imported result_;
};

}  // namespace

Result<Imported> import_har(std::string_view text, const ImportOptions& options) {
  auto filter = HarFilter::make(options.include, options.exclude);
  if (!filter) {
    return fail(filter.error());
  }
  const auto document = read_json(text, options.file, kLimits);
  if (!document) {
    return fail(document.error());
  }
  const Node* log = document->find("log");
  if (log == nullptr) {
    return no_har(options.file, "it has no \"log\"", *document);
  }
  const Node* entries = log->find("entries");
  if (entries == nullptr || entries->as_list() == nullptr) {
    return no_har(options.file, "\"log\" has no list of \"entries\"", *log);
  }
  HarImport import(options, std::move(*filter));
  import.read(*entries->as_list());
  import.choose();
  return import.finish(log->find("pages"));
}

}  // namespace squall::import
