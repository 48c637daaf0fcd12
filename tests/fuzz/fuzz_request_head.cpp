// The head of a rendered request, taken apart: what is accepted can be put together again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/engine/request_head.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using squall::engine::RequestHead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  RequestHead head;
  if (!squall::engine::read_request_head(text, head)) {
    return 0;
  }
  std::string again(head.method);
  again.append(" ").append(head.path).append(" HTTP/1.1\r\n");
  for (const auto& [name, value] : head.fields) {
    again.append(name).append(": ").append(value).append("\r\n");
  }
  again.append("\r\n");
  RequestHead second;
  SQUALL_CHECK(squall::engine::read_request_head(again, second));
  SQUALL_CHECK(second.method == head.method && second.path == head.path);
  SQUALL_CHECK(second.fields == head.fields);
  return 0;
}
