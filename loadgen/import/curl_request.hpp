// One request of a curl command, as if it had been recorded.
#pragma once

#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/import/curl_command.hpp"
#include "loadgen/import/outside_url.hpp"
#include "loadgen/import/recorded_request.hpp"

namespace squall::import {

struct CurlExchange {
  OutsideUrl url;
  RecordedRequest request;
  std::vector<std::string> left_out = {};  // sentences
};

// kInvalidArgument with line and column when the URL or the method is none.
[[nodiscard]] Result<CurlExchange> curl_exchange(const CurlRequest& request, const ShellWord& url);

}  // namespace squall::import
