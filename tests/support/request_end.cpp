#include "tests/support/request_end.hpp"

#include <charconv>
#include <string>

#include "loadgen/base/text.hpp"

namespace squall::test {
namespace {

std::size_t chunked_body_end(std::string_view bytes, std::size_t at) {
  while (true) {
    const std::size_t eol = bytes.find("\r\n", at);
    if (eol == std::string_view::npos) {
      return std::string_view::npos;
    }
    std::size_t size = 0;
    std::from_chars(bytes.data() + at, bytes.data() + eol, size, 16);
    at = eol + 2;
    if (size == 0) {
      const std::size_t end = bytes.substr(at, 2) == "\r\n" ? at : bytes.find("\r\n\r\n", at);
      const std::size_t blank = end == at ? 2 : 4;
      return end == std::string_view::npos ? end : end + blank;
    }
    at += size + 2;
    if (at > bytes.size()) {
      return std::string_view::npos;
    }
  }
}

}  // namespace

std::size_t request_end(std::string_view bytes) {
  const std::size_t blank = bytes.find("\r\n\r\n");
  if (blank == std::string_view::npos) {
    return blank;
  }
  const std::size_t body = blank + 4;
  const std::string header = to_lower(bytes.substr(0, blank + 2));
  if (header.find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos) {
    return chunked_body_end(bytes, body);
  }
  constexpr std::string_view kLength = "\r\ncontent-length:";
  const std::size_t at = header.find(kLength);
  if (at == std::string::npos) {
    return body;
  }
  const std::size_t first = header.find_first_not_of(' ', at + kLength.size());
  std::size_t length = 0;
  std::from_chars(header.data() + first, header.data() + header.size(), length);
  return bytes.size() >= body + length ? body + length : std::string_view::npos;
}

}  // namespace squall::test
