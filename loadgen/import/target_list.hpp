// A list of requests in vegeta's text format, for `squall hit --targets`.
//
//   # comment
//   GET http://127.0.0.1:8080/basket
//   Accept: application/json
//
//   POST http://127.0.0.1:8080/payments
//   Content-Type: application/json
//   @payment.json
//
//   http://127.0.0.1:8080/          (a bare URL is a GET)
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/base/result.hpp"

namespace squall::import {

struct ListedRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body_file;  // as written; empty: no body
  SourceRef where;
};

inline constexpr std::size_t kMaxListedRequests = 2'000'000;

// Blank lines and lines that begin with # are passed over. On failure: kMalformed at file:line:col
// with what could stand there; kExhausted beyond `most` requests. A list without any request is
// kMalformed.
[[nodiscard]] Result<std::vector<ListedRequest>> parse_target_list(
    std::string_view text, const std::string& file, std::size_t most = kMaxListedRequests);

}  // namespace squall::import
