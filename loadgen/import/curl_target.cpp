#include "loadgen/import/curl_target.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::import {
namespace {

bool has(const std::vector<DraftSetting>& settings, std::string_view key) {
  return std::any_of(settings.begin(), settings.end(),
                     [&](const DraftSetting& setting) { return setting.key == key; });
}

struct Instead {
  CurlMeaning meaning;
  std::string_view text;
};

// What a plan does instead.
constexpr std::array kInstead{
    Instead{CurlMeaning::kLocation,
            "--location: squall follows no redirect by itself; add a step for where it leads"},
    Instead{CurlMeaning::kInsecure, "--insecure: certificates are checked"},
    Instead{CurlMeaning::kHttp2, "--http2: requests go over HTTP/1.1"},
    Instead{CurlMeaning::kDigest, "--digest: credentials are sent as Basic"},
};

std::string_view instead(CurlMeaning meaning) {
  const auto found = std::find_if(kInstead.begin(), kInstead.end(),
                                  [&](const Instead& one) { return one.meaning == meaning; });
  return found == kInstead.end() ? std::string_view() : found->text;
}

}  // namespace

void set_connection(const CurlRequest& request, DraftTarget& target, Secrets& secrets,
                    std::vector<std::string>& comments) {
  static_cast<void>(secrets);
  if (request.connect_timeout && !has(target.settings, "connect_timeout") &&
      parse_duration(*request.connect_timeout + "s").value_or(Duration::zero()) >
          Duration::zero()) {
    target.settings.push_back({"connect_timeout", toml_value(*request.connect_timeout + "s")});
  }
  for (const auto& [meaning, value] : request.connection) {
    const std::string_view text = instead(meaning);
    comments.push_back(text.empty() ? fmt::format("LEFT OUT: an option about the connection ({})",
                                                  printable(value))
                                    : fmt::format("LEFT OUT: {}", text));
  }
}

}  // namespace squall::import
