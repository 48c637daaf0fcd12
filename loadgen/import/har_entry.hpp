// One request of a HAR file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/import/document.hpp"
#include "loadgen/import/outside_url.hpp"
#include "loadgen/import/recorded_request.hpp"

namespace squall::import {

struct HarEntry {
  WallTime start;
  Duration took{};  // until the answer was there
  OutsideUrl url;
  RecordedRequest request;
  int status = 0;  // 0: no answer
  std::string_view type;
  std::string page;                           // id; may be empty
  bool http1 = false;                         // as far as the recording says
  std::vector<std::string> cookies_set = {};  // names
  std::string_view answer = {};               // the answer's text; empty: not recorded, or bytes
};

// Views are into `entry`, which must outlive it. kMalformed, with line and column and no file, for
// what is no request over http(s) or lacks something that a request needs.
[[nodiscard]] Result<HarEntry> read_har_entry(const Node& entry);

}  // namespace squall::import
