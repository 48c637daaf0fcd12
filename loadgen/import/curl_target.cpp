#include "loadgen/import/curl_target.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

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

// Where a person finds what has to be written out: names of files, of other hosts, of credentials.
constexpr std::array kInstead{
    Instead{CurlMeaning::kCaCert, "name the file in `tls = { ca = … }` of the target"},
    Instead{CurlMeaning::kCert, "name the file in `tls = { certificate = … }` of the target"},
    Instead{CurlMeaning::kKey, "name the file in `tls = { key = … }` of the target"},
    Instead{CurlMeaning::kPinnedKey, "write it into `tls = { pinned_key = … }` of the target"},
    Instead{CurlMeaning::kProxy, "write `proxy` of the target, and its host into `allow`"},
    Instead{CurlMeaning::kUnixSocket, "write `unix_socket` of the target"},
    Instead{CurlMeaning::kConnectTo, "write `connect_to` of the target"},
    Instead{CurlMeaning::kResolve, "write `resolve` of the target"},
    Instead{CurlMeaning::kDigest, "write `auth = { kind = \"digest\", … }` of the target"},
    Instead{CurlMeaning::kAwsSigV4, "write `auth = { kind = \"aws_sigv4\", … }` of the target"},
    Instead{CurlMeaning::kHttp2, "HTTP/2 is agreed on in the TLS handshake, and the URL is http"},
};

std::string_view instead(CurlMeaning meaning) {
  const auto found = std::find_if(kInstead.begin(), kInstead.end(),
                                  [&](const Instead& one) { return one.meaning == meaning; });
  return found == kInstead.end() ? std::string_view() : found->text;
}

void set_once(DraftSetting setting, DraftTarget& target) {
  if (!has(target.settings, setting.key)) {
    target.settings.push_back(std::move(setting));
  }
}

// Whether the target has a key that says the same.
bool set_key(const CurlConnectionOption& option, DraftTarget& target) {
  constexpr std::int64_t kRedirects = 10;
  const bool tls = target.url.starts_with("https://");
  if (option.meaning == CurlMeaning::kInsecure) {
    if (tls) {  // means nothing without, to curl as well
      set_once({"tls",
                {expr::Table{{"insecure", {}, toml_value(true)}}, {}},
                "-k: whoever sits between can read and change everything"},
               target);
    }
    return true;
  }
  if (option.meaning == CurlMeaning::kLocation) {
    set_once({"redirects", toml_value(kRedirects), "followed to hosts in `allow`"}, target);
    return true;
  }
  const bool prior_knowledge = option.name == "http2-prior-knowledge";
  if (option.meaning == CurlMeaning::kHttp2 && (tls || prior_knowledge)) {
    set_once({"http", toml_value(tls ? "2" : "2-prior-knowledge")}, target);
    return true;
  }
  return false;
}

}  // namespace

void set_connection(const CurlRequest& request, DraftTarget& target,
                    std::vector<std::string>& comments) {
  if (request.connect_timeout && !has(target.settings, "connect_timeout") &&
      parse_duration(*request.connect_timeout + "s").value_or(Duration::zero()) >
          Duration::zero()) {
    target.settings.push_back({"connect_timeout", toml_value(*request.connect_timeout + "s")});
  }
  for (const CurlConnectionOption& option : request.connection) {
    if (!set_key(option, target)) {
      const std::string_view text = instead(option.meaning);
      comments.push_back(
          fmt::format("LEFT OUT: curl's --{}{}{}", option.name, text.empty() ? "" : ": ", text));
    }
  }
}

}  // namespace squall::import
