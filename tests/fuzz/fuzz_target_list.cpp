// Target lists: what parses has sound parts, what does not names a line of the text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "loadgen/base/check.hpp"
#include "loadgen/import/target_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace squall::import;
  const std::string text(data, data + size);
  const auto list = parse_target_list(text, "list");
  const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
  if (!list) {
    SQUALL_CHECK(list.error().where && list.error().where->line >= 1 &&
                 list.error().where->line <= lines);
    return 0;
  }
  SQUALL_CHECK(!list->empty() && list->size() <= kMaxListedRequests);
  for (const ListedRequest& request : *list) {
    SQUALL_CHECK(!request.method.empty() && request.url.find(' ') == std::string::npos);
    for (const auto& [name, value] : request.headers) {
      SQUALL_CHECK(!name.empty() && value.find('\n') == std::string::npos);
    }
  }
  return 0;
}
