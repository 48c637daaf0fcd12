#include "loadgen/import/curl_request.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/import/curl_body.hpp"
#include "loadgen/stats/base64.hpp"

namespace squall::import {
namespace {

tl::unexpected<Error> wrong(std::string message, const SourceRef& where) {
  return fail(Error{ErrorCode::kInvalidArgument, std::move(message), where});
}

Result<std::string> method_of(const CurlRequest& request, const CurlBody& body,
                              const SourceRef& where) {
  if (!request.method) {
    return std::string(request.head ? "HEAD" : request.upload ? "PUT" : body.text ? "POST" : "GET");
  }
  std::string method = *request.method;
  std::transform(method.begin(), method.end(), method.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  const bool letters = std::all_of(method.begin(), method.end(),
                                   [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
  if (method.empty() || !letters) {
    return wrong(fmt::format("\"{}\" is no HTTP method", printable(method)), where);
  }
  return method;
}

void append_query(std::string_view query, std::string& target) {
  if (!query.empty()) {
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += mended_target(fmt::format("/{}", query), Variables::kShell).substr(1);
  }
}

std::string target_of(const CurlRequest& request, const OutsideUrl& url, const CurlBody& body) {
  std::string target = request.request_target
                           ? mended_target(*request.request_target, Variables::kShell)
                           : url.target;
  append_query(body.query, target);
  for (const std::string& query : request.url_queries) {
    const std::size_t equals = query.find('=');
    if (query.starts_with('+')) {
      append_query(query.substr(1), target);
    } else if (equals == std::string::npos) {
      append_query(encoded_around_variables(query), target);
    } else {
      append_query(query.substr(0, equals + 1) + encoded_around_variables(query.substr(equals + 1)),
                   target);
    }
  }
  return target;
}

// The headers of a request: those of -H, and those that other options stand for unless -H gives or
// removes them.
class Headers {
 public:
  explicit Headers(CurlExchange& exchange) : exchange_(exchange) {}

  // "Name: value"; "Name;" is a header without a value, "Name:" takes curl's own away.
  void written(const std::string& text) {
    if (text.starts_with('@')) {
      exchange_.left_out.push_back(
          fmt::format("LEFT OUT: the headers in the file {}", printable(text.substr(1))));
      return;
    }
    const std::size_t colon = text.find(':');
    if (colon != std::string::npos) {
      const std::string name(trim(std::string_view(text).substr(0, colon)));
      const std::string value(trim(std::string_view(text).substr(colon + 1)));
      names_.push_back(name);
      if (!value.empty()) {
        add(name, value);
      }
    } else if (text.ends_with(';')) {
      names_.push_back(text.substr(0, text.size() - 1));
      add(names_.back(), "");
    } else {
      exchange_.left_out.push_back(
          fmt::format("LEFT OUT: the header \"{}\", which has no ':'", printable(text)));
    }
  }

  void unless_written(std::string_view name, const std::string& value) {
    const bool given = std::any_of(names_.begin(), names_.end(), [&](const std::string& other) {
      return equals_ignoring_case(other, name);
    });
    if (!given && !value.empty()) {
      add(std::string(name), value);
    }
  }

  void add(const std::string& name, const std::string& value) {
    exchange_.request.headers.emplace_back(name, value);
  }

 private:
  CurlExchange& exchange_;
  std::vector<std::string> names_;
};

void add_cookies(const CurlRequest& request, CurlExchange& exchange) {
  for (const std::string& cookie : request.cookies) {
    if (cookie.find('=') == std::string::npos) {
      exchange.left_out.push_back(
          fmt::format("LEFT OUT: the cookies in the file {}", printable(cookie)));
    } else {
      exchange.request.headers.emplace_back("Cookie", cookie);
    }
  }
}

// Base64 of what is not known yet cannot be made: then the variable holds all of it.
std::string basic_auth(const std::string& user) {
  if (user.find(kVariableMark) != std::string::npos) {
    return fmt::format("Basic {0}BASIC_AUTH{0}", kVariableMark);
  }
  return "Basic " + stats::to_base64(user);
}

// Whether user and password are for a scheme that does not send them as they are.
bool has_other_scheme(const CurlRequest& request) {
  const auto& connection = request.connection;
  return std::any_of(connection.begin(), connection.end(),
                     [](const CurlConnectionOption& option) {
                       return option.meaning == CurlMeaning::kDigest ||
                              option.meaning == CurlMeaning::kAwsSigV4;
                     }) ||
         std::any_of(request.notes.begin(), request.notes.end(), [](const std::string& option) {
           return option == "--ntlm" || option == "--negotiate";
         });
}

void add_credentials(const CurlRequest& request, CurlExchange& exchange, Headers& headers) {
  if (request.bearer) {
    headers.unless_written("Authorization", "Bearer " + *request.bearer);
    return;
  }
  const std::string& user = request.user ? *request.user : exchange.url.credentials;
  if (!user.empty() && !has_other_scheme(request)) {
    headers.unless_written("Authorization", basic_auth(user));
  }
}

void add_headers(const CurlRequest& request, const CurlBody& body, CurlExchange& exchange) {
  Headers headers(exchange);
  for (const std::string& header : request.headers) {
    headers.written(header);
  }
  headers.unless_written("Content-Type", body.content_type);
  if (body.content_type == "application/json") {
    headers.unless_written("Accept", "application/json");
  }
  headers.unless_written("User-Agent", request.user_agent.value_or(""));
  headers.unless_written("Referer", request.referer.value_or(""));
  if (request.range) {
    headers.unless_written("Range", "bytes=" + *request.range);
  }
  if (request.compressed) {
    headers.unless_written("Accept-Encoding", "gzip, deflate, br");
  }
  add_cookies(request, exchange);
  add_credentials(request, exchange, headers);
}

}  // namespace

Result<CurlExchange> curl_exchange(const CurlRequest& request, const ShellWord& word) {
  auto url = parse_outside_url(word.text, Variables::kShell);
  if (!url) {
    const bool has_variable = word.text.find(kVariableMark) != std::string::npos;
    return wrong(has_variable ? "a variable of the shell may stand in the path and the query of a "
                                "URL; write scheme and host out"
                              : url.error().message,
                 word.where);
  }
  CurlExchange exchange{.url = std::move(*url), .request = {.variables = Variables::kShell}};
  CurlBody body = curl_body(request);
  auto method = method_of(request, body, word.where);
  if (!method) {
    return fail(method.error());
  }
  exchange.request.method = std::move(*method);
  exchange.request.authority = exchange.url.authority();
  exchange.request.target = target_of(request, exchange.url, body);
  exchange.request.body = std::move(body.text);
  exchange.left_out = std::move(body.notes);
  if (!request.no_globbing && exchange.url.target.find_first_of("[{") != std::string::npos) {
    exchange.left_out.emplace_back(
        "LEFT OUT: the further URLs that curl makes of […] and {…}: this is one request, as "
        "written");
  }
  add_headers(request, body, exchange);
  for (const std::string& option : request.notes) {
    exchange.left_out.push_back(
        fmt::format("LEFT OUT: curl's {}, for which a plan has no word", option));
  }
  return exchange;
}

}  // namespace squall::import
