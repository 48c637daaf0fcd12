#include "faults/control/toxiproxy_client.hpp"

#include <utility>

#include <fmt/core.h>

#include "faults/control/json_decoder.hpp"
#include "faults/control/members.hpp"
#include "loadgen/base/encoding.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/http_client.hpp"

namespace squall::faults {
namespace {

// What an answer that is none of 200 to 299 says.
std::string refusal_text(const net::ClientResponse& response) {
  if (const auto body = decode_json(response.body); body && body->as_table() != nullptr) {
    if (const expr::Value* text = find_member(*body, "error"); text && text->as_string()) {
      return *text->as_string();
    }
  }
  return std::string(trim(response.body));
}

}  // namespace

ToxiproxyClient::ToxiproxyClient(const Options& options) : options_(options) {
  std::string& url = options_.url;
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    url = "http://" + url;
  }
  while (url.ends_with('/')) {
    url.pop_back();
  }
}

Result<expr::Value> ToxiproxyClient::get(std::string_view path) const {
  return ask("GET", path, {});
}

Result<expr::Value> ToxiproxyClient::post(std::string_view path, const std::string& body) const {
  return ask("POST", path, body);
}

Result<void> ToxiproxyClient::remove(std::string_view path) const {
  auto answer = ask("DELETE", path, {});
  if (!answer) {
    return fail(std::move(answer.error()));
  }
  return {};
}

Result<expr::Value> ToxiproxyClient::ask(std::string_view method, std::string_view path,
                                         const std::string& body) const {
  net::ClientRequest request{.method = std::string(method),
                             .url = options_.url + std::string(path),
                             .headers = {{"Content-Type", "application/json"}},
                             .body = body,
                             .timeout = std::chrono::seconds(30),
                             .tls = {},
                             .route = {}};
  if (!options_.user_agent.empty()) {
    request.headers.emplace_back("User-Agent", options_.user_agent);
  }
  if (!options_.token.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + options_.token);
  }
  const auto response = net::send(request);
  if (!response) {
    return fail(ErrorCode::kUnavailable, "fail to request: " + response.error().message);
  }
  if (response->status < 200 || response->status > 299) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("HTTP {}: {}", response->status, printable(refusal_text(*response))));
  }
  if (response->body.empty()) {
    return expr::Value{expr::Table{}, {}};
  }
  return decode_json(response->body);
}

std::string ToxiproxyClient::proxy_path(std::string_view proxy) {
  std::string path = "/proxies/";
  append_percent_encoded(proxy, path);
  return path;
}

std::string ToxiproxyClient::toxic_path(std::string_view proxy, std::string_view toxic) {
  std::string path = proxy_path(proxy) + "/toxics/";
  append_percent_encoded(toxic, path);
  return path;
}

}  // namespace squall::faults
