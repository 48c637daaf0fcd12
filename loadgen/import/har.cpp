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
#include "loadgen/import/names.hpp"
#include "loadgen/import/targets.hpp"

namespace squall::import {
namespace {

constexpr DocumentLimits kLimits{.bytes = 256UL * 1024 * 1024, .depth = 100, .values = 10'000'000};
constexpr std::size_t kMaxSteps = 2000;  // half of what a plan takes
constexpr std::string_view kScenario = "visit";
// Shorter pauses are those of the browser, not of a person.
constexpr Duration kShortestThink = std::chrono::milliseconds(100);

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
                     "Each step is a recorded request, its think time the pause before it. Values "
                     "that an answer gave and a later request sent (ids, tokens) stand here as "
                     "they were recorded: take them with `extract` from the step that gives them, "
                     "and put {{name}} where they are sent."};
    draft.name = plan_name(options_.file.substr(options_.file.rfind('/') + 1), "recording");
    draft.secrets = secrets_.all();
    factor_out();
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
    std::string page;
    WallTime idle_since = entries_.front().start;
    for (const HarEntry& entry : entries_) {
      DraftStep step;
      if (entry.page != page) {
        page = entry.page;
        step.comments.push_back("Page: " + title_of(page, pages));
      }
      fill_step(entry.request, secrets_, step);
      note_cookies(entry, step);
      step.expect = expectation(entry.status, step.comments);
      if (entry.start - idle_since >= kShortestThink) {
        step.think = std::chrono::floor<std::chrono::milliseconds>(entry.start - idle_since);
      }
      idle_since = std::max(idle_since, entry.start + entry.took);
      step.name = names_.unique(words_of_request(step.method, entry.url.target), "request");
      step.target = targets_.name_in_step(entry.url);
      for (const std::string& cookie : entry.cookies_set) {
        set_by_.insert_or_assign(cookie, step.name);
      }
      scenario_.steps.push_back(std::move(step));
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

  // Cookies that an answer of the recording set are a session, which each visitor has anew.
  void note_cookies(const HarEntry& entry, DraftStep& step) {
    for (const std::string& name : entry.cookies_sent) {
      const auto setter = set_by_.find(name);
      if (setter != set_by_.end() && noted_.insert(name).second) {
        step.comments.push_back(
            fmt::format("The cookie {} was set by the answer of {}: a session that each visitor "
                        "should get anew.",
                        name, setter->second));
      }
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
