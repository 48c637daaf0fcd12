#include "loadgen/import/log.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "loadgen/base/access_log.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/import/names.hpp"
#include "loadgen/import/outside_url.hpp"
#include "loadgen/import/starter.hpp"

namespace squall::import {
namespace {

constexpr std::size_t kMaxRequests = 5'000'000;
constexpr std::size_t kMaxMethods = 32;
constexpr Duration kSecond = std::chrono::seconds(1);

struct LoggedRequest {
  WallTime time;
  std::string_view target;  // as the server wrote it
};

bool is_harmless(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

bool is_upper_case(std::string_view method) {
  return method != "CONNECT" && std::all_of(method.begin(), method.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || c == '-';
         });
}

// Path and query as a request line carries them, without the '/' in front; nothing for "*".
std::optional<std::string> path_of(std::string_view logged) {
  const std::string plain = unescape_access_log(logged);
  if (plain.starts_with('/')) {
    return mended_target(plain).substr(1);
  }
  const auto url = plain.find("://") != std::string::npos ? parse_outside_url(plain)
                                                          : fail(ErrorCode::kMalformed, "");
  return url ? std::optional(url->target.substr(1)) : std::nullopt;
}

// What stood in the log, by method.
class Log {
 public:
  explicit Log(const ImportOptions& options) : options_(options) {}

  Result<void> read(std::string_view text) {
    unsigned number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++number;
      if (trim(line).empty()) {
        continue;
      }
      if (auto ok = add(line, number); !ok) {
        return ok;
      }
    }
    if (first_error_ && malformed_ >= lines_) {
      return fail(*first_error_);
    }
    return {};
  }

  // Of the log's requests; the bound of the plan's check lies above it.
  [[nodiscard]] double failed_share() const {
    return lines_ == 0 ? 0 : static_cast<double>(failed_) / static_cast<double>(lines_);
  }
  [[nodiscard]] std::map<std::string, std::vector<LoggedRequest>>& by_method() {
    return by_method_;
  }

  void add_notes(std::vector<std::string>& notes) const {
    if (first_error_) {
      notes.push_back(fmt::format("LEFT OUT: {} lines of another format, the first: {}", malformed_,
                                  to_string(*first_error_)));
    }
    if (garbage_ > 0) {
      notes.push_back(fmt::format("LEFT OUT: {} requests that are no HTTP", garbage_));
    }
    for (const auto& [method, count] : left_out_) {
      notes.push_back(fmt::format(
          "LEFT OUT: {} {} requests, whose bodies no log holds; --include-destructive sends them "
          "without",
          count, method));
    }
  }

 private:
  Result<void> add(std::string_view line, unsigned number) {
    const auto parsed = parse_access_log_line(line);
    if (!parsed) {
      ++malformed_;
      if (!first_error_) {
        first_error_ = parsed.error();
        first_error_->where = SourceRef{options_.file, number,
                                        parsed.error().where ? parsed.error().where->column : 1};
      }
      return {};
    }
    ++lines_;
    failed_ += parsed->status >= 400 ? 1U : 0U;
    if (parsed->method.empty() || !is_upper_case(parsed->method)) {
      ++garbage_;
      return {};
    }
    if (!is_harmless(parsed->method) && !options_.include_destructive) {
      ++left_out_[std::string(parsed->method)];
      return {};
    }
    if (++kept_ > kMaxRequests || by_method_.size() > kMaxMethods) {
      return fail(Error{ErrorCode::kInvalidArgument,
                        fmt::format("the log holds more than {} requests or {} methods; cut a part "
                                    "out of it",
                                    kMaxRequests, kMaxMethods),
                        SourceRef{options_.file, number, 1}});
    }
    by_method_[std::string(parsed->method)].push_back({parsed->time, parsed->target});
    return {};
  }

  const ImportOptions& options_;
  std::map<std::string, std::vector<LoggedRequest>> by_method_;
  std::map<std::string, std::size_t> left_out_;
  std::size_t lines_ = 0;
  std::size_t failed_ = 0;
  std::size_t kept_ = 0;
  std::size_t malformed_ = 0;
  std::size_t garbage_ = 0;
  std::optional<Error> first_error_;
};

bool is_whole_second(WallTime time) {
  return time.time_since_epoch() % kSecond == Duration::zero();
}

// In the order of time. A log writes down whole seconds; requests of the same one are spread over
// it.
void order(std::vector<LoggedRequest>& requests) {
  const auto earlier = [](const LoggedRequest& a, const LoggedRequest& b) {
    return a.time < b.time;
  };
  std::stable_sort(requests.begin(), requests.end(), earlier);
  for (std::size_t begin = 0; begin < requests.size();) {
    std::size_t end = begin;
    while (end < requests.size() && requests[end].time == requests[begin].time) {
      ++end;
    }
    const auto count = static_cast<std::int64_t>(end - begin);
    if (is_whole_second(requests[begin].time)) {
      for (std::int64_t i = 0; i < count; ++i) {
        requests[begin + static_cast<std::size_t>(i)].time += kSecond * i / count;
      }
    }
    begin = end;
  }
}

// "time,path" lines; times are seconds after the log's first request. Nothing when no path is left.
struct MethodFile {
  std::string csv;
  std::size_t rows = 0;
  std::chrono::microseconds first{};
  Duration last{};
};
MethodFile csv_of(const std::vector<LoggedRequest>& requests, WallTime begin) {
  MethodFile file{.csv = "time,path\n"};
  for (const LoggedRequest& request : requests) {
    const auto path = path_of(request.target);
    if (!path) {
      continue;
    }
    const auto offset = std::chrono::duration_cast<std::chrono::microseconds>(request.time - begin);
    // A mended path holds no quotes.
    fmt::format_to(std::back_inserter(file.csv), "{}.{:06},\"{}\"\n", offset.count() / 1'000'000,
                   offset.count() % 1'000'000, *path);
    file.first = file.rows == 0 ? offset : file.first;
    ++file.rows;
    file.last = request.time - begin;
  }
  return file;
}

DraftTable feeder_table(const std::string& name, const std::string& file) {
  return {.header = "[[feeder]]",
          .settings = {{"name", toml_value(name)},
                       {"file", toml_value(file)},
                       {"order", toml_value("sequential"), "row n for arrival n"}}};
}

DraftScenario scenario_of(const std::string& method, const std::string& feeder,
                          const std::string& name, const MethodFile& file) {
  DraftScenario scenario{.comments = {fmt::format("{} requests of the log.", file.rows)},
                         .name = to_lower(method)};
  scenario.arrivals = {{"process", {}, toml_value("trace")}, {"file", {}, toml_value(name)}};
  if (file.first.count() > 0) {
    scenario.arrivals.push_back({"begin", {}, toml_value(fmt::format("{}us", file.first.count()))});
  }
  DraftStep step{.name = "request", .method = method};
  step.path = PlanText("/").expression(feeder + ".path");
  scenario.steps.push_back(std::move(step));
  return scenario;
}

}  // namespace

Result<Imported> import_log(std::string_view text, const ImportOptions& options) {
  Log log(options);
  if (auto ok = log.read(text); !ok) {
    return fail(ok.error());
  }
  Imported result;
  log.add_notes(result.notes);
  std::optional<WallTime> begin;
  for (auto& [method, requests] : log.by_method()) {
    order(requests);
    begin = std::min(begin.value_or(requests.front().time), requests.front().time);
  }
  PlanDraft& draft = result.draft;
  Duration last{};
  for (const auto& [method, requests] : log.by_method()) {
    MethodFile file = csv_of(requests, *begin);
    if (file.rows == 0) {
      continue;
    }
    last = std::max(last, file.last);
    const std::string word = to_lower(method);
    const std::string name = fmt::format("{}.{}.csv", options.stem, word);
    draft.tables.push_back(feeder_table(word + "_log", name));
    draft.scenarios.push_back(scenario_of(method, word + "_log", name, file));
    result.files.push_back({name, std::move(file.csv)});
  }
  if (draft.scenarios.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the log holds no request to send", options.file));
  }
  draft.heading = {
      "Made by `squall init --from-log` from " + options.file + ".", "",
      "The log's requests at the log's times. Twice as fast: --set scenario.get.arrivals.speed=2 "
      "and half of the duration."};
  draft.name = plan_name(options.file.substr(options.file.rfind('/') + 1), "log");
  if (options.url.empty()) {
    result.notes.push_back(fmt::format(
        "a log does not say where its service is: {} is a placeholder; give --url, or write it "
        "into [[target]]",
        kStarterUrl));
  }
  draft.targets.push_back(
      {.name = "api", .url = options.url.empty() ? std::string(kStarterUrl) : options.url});
  if (options.url.empty()) {
    draft.targets.back().comments.emplace_back(
        "A log does not say where the service is: put it in.");
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(last + Duration(1)).count();
  draft.load = {{"duration", toml_value(fmt::format("{}s", seconds)), "of the log"},
                {"connections", toml_value(std::int64_t{64}), "most sockets at one time"}};
  // A log of nothing but failures says nothing of what to expect.
  const int failed_percent = static_cast<int>(log.failed_share() * 100);
  if (failed_percent < 100) {
    draft.require.push_back(fmt::format("error_rate < {}%", failed_percent + 1));
  }
  draft.require.emplace_back("response p99 < 1s");
  return result;
}

}  // namespace squall::import
