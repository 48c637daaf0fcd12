#include "loadgen/app/run_directory.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fmt/chrono.h>
#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "reports/formats/common/finding_page.hpp"
#include "reports/formats/common/idempotency_text.hpp"

namespace squall::app {
namespace {

namespace fs = std::filesystem;

std::string slug(std::string_view name) {
  std::string result;
  for (const char c : to_lower(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      result += c;
    } else if (!result.empty() && result.back() != '-') {
      result += '-';
    }
  }
  while (!result.empty() && result.back() == '-') {
    result.pop_back();
  }
  return result.empty() ? "run" : result.substr(0, 60);
}

Result<void> make_directories(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return fail(ErrorCode::kIo, fmt::format("cannot make {}: {}", path, error.message()));
  }
  return {};
}

bool write_whole(const std::string& path, std::string_view content) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return false;
  }
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  const int error = errno;
  const bool closed = std::fclose(file) == 0;
  errno = written ? errno : error;
  return written && closed;
}

}  // namespace

namespace {

// The profile that was learnt, and the scripts of properties that were not kept.
Result<void> write_verification(const std::string& directory,
                                const model::IdempotencyReport& report) {
  if (!report.learned.empty()) {
    if (auto written =
            write_file(fmt::format("{}/{}", directory, reports::kLearnedProfile), report.learned);
        !written) {
      return written;
    }
  }
  for (const model::PropertyResult& property : report.properties) {
    if (property.script.empty()) {
      continue;
    }
    if (auto made = make_directories(directory + "/findings"); !made) {
      return made;
    }
    if (auto written = write_file(fmt::format("{}/{}", directory, model::script_path(property)),
                                  property.script);
        !written) {
      return written;
    }
  }
  return {};
}

}  // namespace

std::string run_directory_name(std::string_view plan_name, WallTime now, std::uint64_t seed) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return fmt::format("{}-{:%Y%m%dT%H%M%SZ}-{}", slug(plan_name), fmt::gmtime(seconds), seed);
}

Result<std::string> make_fresh_directory(const std::string& name) {
  std::error_code error;
  const std::string base = "squall-runs/" + name;
  std::string path = base;
  for (int copy = 2; fs::exists(path, error); ++copy) {
    path = fmt::format("{}-{}", base, copy);
  }
  if (auto made = make_directories(path); !made) {
    return fail(made.error());
  }
  return path;
}

Result<std::string> make_run_directory(const std::string& wanted, const model::Plan& plan,
                                       WallTime now) {
  std::error_code error;
  if (!wanted.empty()) {
    if (fs::exists(wanted, error) && !fs::is_empty(wanted, error)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is not empty: --out takes a new or empty directory, so that no "
                              "earlier run is overwritten",
                              wanted));
    }
    if (auto made = make_directories(wanted); !made) {
      return fail(made.error());
    }
    return wanted;
  }
  return make_fresh_directory(run_directory_name(plan.name, now, plan.seed));
}

std::string shard_directory(const std::string& wanted, const model::Plan& plan) {
  const model::Shard& shard = plan.load.shard;
  const std::string run =
      wanted.empty() ? fmt::format("squall-runs/{}-{}", slug(plan.name), plan.run_id) : wanted;
  return fmt::format("{}/shard-{}-of-{}", run, shard.index + 1, shard.count);
}

std::string plan_folder(const std::string& plan_file) {
  return fs::path(plan_file).parent_path().string();
}

Result<void> write_file(const std::string& path, std::string_view content) {
  std::error_code none;
  const bool is_link = fs::is_symlink(path, none);
  const fs::path resolved = is_link ? fs::canonical(path, none) : fs::path();
  const std::string place = resolved.empty() ? path : resolved.string();
  // A device, a pipe or a socket is written to; only a file can be replaced.
  const bool replaces = !fs::exists(place, none) || fs::is_regular_file(place, none);
  const std::string first = replaces ? place + ".part" : place;
  if (!write_whole(first, content) ||
      (replaces && std::rename(first.c_str(), place.c_str()) != 0)) {
    const int error = errno;
    if (replaces) {
      std::remove(first.c_str());
    }
    return fail(ErrorCode::kIo,
                fmt::format("cannot write {}: {}", path, std::generic_category().message(error)));
  }
  return {};
}

Result<std::string> read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    return fail(ErrorCode::kNotFound,
                fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  }
  std::string content;
  char buffer[65536];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
    content.append(buffer, got);
  }
  const bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed) {
    return fail(ErrorCode::kIo, fmt::format("cannot read {}", path));
  }
  return content;
}

Result<void> write_reports(const std::string& directory, const model::RunRecord& record,
                           const model::FormatRegistry& formats) {
  Result<void> first;
  const auto keep = [&](Result<void> written) {
    if (!written && first) {
      first = std::move(written);
    }
  };
  for (const model::FormatKind& format : formats.entries()) {
    if (!format.file_name.empty()) {
      keep(write_file(fmt::format("{}/{}", directory, format.file_name),
                      format.render(record, {.directory = directory})));
    }
  }
  const std::string pages = directory + "/findings";
  if (record.idempotency != nullptr) {
    keep(write_verification(directory, *record.idempotency));
  }
  for (const model::Finding& finding : record.findings) {
    if (finding.verdict == model::Verdict::kFail) {
      keep(make_directories(pages));
      keep(write_file(fmt::format("{}/{}.md", pages, slug(finding.id)),
                      reports::finding_page(record, finding, directory)));
    }
  }
  return first;
}

}  // namespace squall::app
