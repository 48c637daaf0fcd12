#include "loadgen/effects/oracle_request.hpp"

#include <algorithm>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/model/endpoint.hpp"

namespace squall::effects {
namespace {

void check_line(expr::TableReader& reader, const std::string& source, std::string_view example) {
  const std::size_t blank = source.find(' ');
  const std::string_view method = std::string_view(source).substr(0, blank);
  const bool method_ok =
      !method.empty() &&
      method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
  const std::string_view address =
      blank == std::string::npos ? std::string_view{} : std::string_view(source).substr(blank + 1);
  const bool address_ok = (address.starts_with('/') || address.starts_with("http://") ||
                           address.starts_with("https://")) &&
                          address.find(' ') == std::string_view::npos;
  if (reader.has("request") && (!method_ok || !address_ok)) {
    reader.error("request", "\"" + source + "\" is not a method and a path: write \"" +
                                std::string(example) + "\"");
  }
}

}  // namespace

OracleRequest OracleRequest::read(expr::TableReader& reader, std::string_view example) {
  OracleRequest request;
  request.line_ = reader.text("request", {});
  request.headers_ = reader.template_map("headers", {});
  request.timeout_ = reader.duration("timeout");
  check_line(reader, request.line_.source(), example);
  return request;
}

Result<void> OracleRequest::start(const model::OracleContext& context) {
  context_ = context;
  const Result<net::ClientRequest> sample = for_key("sample");
  if (!sample) {
    return fail(sample.error());
  }
  return {};
}

Result<net::ClientRequest> OracleRequest::for_key(std::string_view key) const {
  const std::string encoded_key = percent_encode(key);
  const std::string encoded_run = percent_encode(context_.run_id);
  std::string line;
  line_.render({.key = encoded_key, .run_id = encoded_run, .now = wall_clock_now()}, line);
  const std::size_t blank = line.find(' ');
  net::ClientRequest request;
  request.method = line.substr(0, blank);
  std::string address = line.substr(blank + 1);
  if (address.starts_with('/')) {
    address.insert(0, context_.default_base_url);
  }
  const Result<Url> url = parse_url(address);
  if (!url) {
    return fail(url.error());
  }
  request.url = url->text();
  request.tls = model::tls_for(context_.tls, url->host, url->port);
  if (Result<void> allowed = add_headers(*url, key, request); !allowed) {
    return fail(allowed.error());
  }
  return request;
}

Result<void> OracleRequest::add_headers(const Url& url, std::string_view key,
                                        net::ClientRequest& request) const {
  if (!model::may_send_to(url.host, url.port, context_.allowed_hosts)) {
    return fail(ErrorCode::kInvalidArgument,
                "the oracle's host " + printable(url.host) +
                    " is neither loopback nor allowed: name it in `allow` or with --allow " +
                    printable(url.host));
  }
  const Result<Url> base = parse_url(context_.default_base_url);
  if (base && base->same_origin(url)) {
    request.headers = context_.default_headers;
    request.route = context_.default_route;
  }
  for (const auto& [name, value] : headers_) {
    std::string text;
    value.render({.key = key, .run_id = context_.run_id, .now = wall_clock_now()}, text);
    std::erase_if(request.headers, [&name = name](const auto& header) {
      return equals_ignoring_case(header.first, name);
    });
    request.headers.emplace_back(name, std::move(text));
  }
  return {};
}

Result<net::ClientResponse> OracleRequest::send(net::ClientRequest& request,
                                                TimePoint deadline) const {
  const Duration left = deadline - monotonic_now();
  if (left <= Duration::zero()) {
    return fail(ErrorCode::kUnavailable, "the time for this reading is up");
  }
  request.timeout = std::min(timeout_, left);
  return net::send(request);
}

std::string OracleRequest::status_text(const net::ClientRequest& request,
                                       const net::ClientResponse& answer) {
  return request.method + " " + printable(request.url) + " answered " +
         std::to_string(answer.status);
}

expr::KeySpec request_key(std::string help, std::string example) {
  return {.name = "request",
          .type = expr::ValueType::kTemplate,
          .help = std::move(help),
          .required = true,
          .example = std::move(example)};
}

expr::KeySpec headers_key() {
  return {.name = "headers",
          .type = expr::ValueType::kTemplateMap,
          .help = "Sent beside the target's own headers, which go to the target alone.",
          .example = "{ Accept = \"application/json\" }"};
}

expr::KeySpec timeout_key() {
  return {.name = "timeout",
          .type = expr::ValueType::kDuration,
          .help = "Of one request.",
          .default_value = "5s"};
}

}  // namespace squall::effects
