// Lines of access logs: what parses lies inside the line and inside the range of times; what does
// not has a column.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/access_log.hpp"
#include "loadgen/base/check.hpp"

namespace {

bool lies_inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void look_at(std::string_view line) {
  using namespace squall;
  const auto parsed = parse_access_log_line(line);
  if (!parsed) {
    const Error& error = parsed.error();
    SQUALL_CHECK(error.where && error.where->column >= 1 && error.where->column <= line.size() + 1);
    return;
  }
  SQUALL_CHECK(parsed->time >= WallTime(-std::chrono::hours(24)) &&
               parsed->time <= WallTime(std::chrono::hours(24) * 366 * 231));
  SQUALL_CHECK(parsed->status >= 100 && parsed->status <= 999);
  SQUALL_CHECK(!parsed->client.empty());
  for (const std::string_view part :
       {parsed->client, parsed->request, parsed->method, parsed->target}) {
    SQUALL_CHECK(lies_inside(part, line));
  }
  SQUALL_CHECK(parsed->method.empty() == parsed->target.empty());
  SQUALL_CHECK(unescape_access_log(parsed->request).size() <= parsed->request.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    look_at(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  return 0;
}
