#include "loadgen/engine/request_changes.hpp"

#include <algorithm>
#include <cstdint>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/json_place.hpp"

namespace squall::engine {
namespace {

using model::Malformation;

constexpr std::string_view kLength = "Content-Length";

struct Line {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind its CRLF
};

// The header's first line; the empty one before the end of the head when there is none.
Line header_line(std::string_view head, std::string_view name) {
  std::size_t begin = head.find("\r\n") + 2;
  while (begin < head.size()) {
    const std::size_t end = head.find("\r\n", begin) + 2;
    const std::string_view line = head.substr(begin, end - begin);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        equals_ignoring_case(line.substr(0, name.size()), name)) {
      return {begin, end};
    }
    if (line.size() == 2) {
      break;
    }
    begin = end;
  }
  return {begin, begin};
}

std::string field(std::string_view name, std::string_view value) {
  return std::string(name).append(": ").append(value).append("\r\n");
}

// The head with `text` in the place of `line`, then the body.
ChangedRequest rewritten(const RenderedRequest& request, const Line& line, std::string_view text,
                         std::string_view body, std::string& out) {
  const std::string_view head = request.bytes.substr(0, request.head_bytes);
  out.assign(head.substr(0, line.begin)).append(text).append(head.substr(line.end));
  const std::size_t head_bytes = out.size();
  out.append(body);
  return {{out, head_bytes}, line.begin + (text.empty() ? 0 : text.size() - 1)};
}

// With another body and its right length. What was done shows with its last byte.
ChangedRequest with_body(const RenderedRequest& request, std::string_view body, std::string& out) {
  const std::string_view head = request.bytes.substr(0, request.head_bytes);
  ChangedRequest changed = rewritten(request, header_line(head, kLength),
                                     field(kLength, std::to_string(body.size())), body, out);
  changed.shows_at = out.size() - 1;
  return changed;
}

ChangedRequest unchanged(const RenderedRequest& request, std::string& out) {
  out.assign(request.bytes);
  return {{out, request.head_bytes}, out.size()};
}

ChangedRequest bad_chunk(const RenderedRequest& request, std::string& out) {
  const std::string_view head = request.bytes.substr(0, request.head_bytes);
  const std::string_view half = request.body().substr(0, (request.body().size() + 1) / 2);
  std::string body;
  if (!half.empty()) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string size;
    for (std::size_t rest = half.size(); rest > 0; rest /= kDigits.size()) {
      size.insert(size.begin(), kDigits[rest % kDigits.size()]);
    }
    body.append(size).append("\r\n").append(half).append("\r\n");
  }
  body.append("xyz\r\n").append(request.body().substr(half.size())).append("\r\n0\r\n\r\n");
  ChangedRequest changed = rewritten(request, header_line(head, kLength),
                                     field("Transfer-Encoding", "chunked"), body, out);
  changed.shows_at = out.find("xyz\r\n", changed.request.head_bytes) + 4;
  return changed;
}

ChangedRequest bad_request_line(const RenderedRequest& request, std::string& out) {
  constexpr std::string_view kVersion = "HTTP/1.1";
  const std::size_t end = request.bytes.find("\r\n");
  SQUALL_CHECK(end >= kVersion.size());
  return rewritten(request, {end - kVersion.size(), end}, "HTTP/x.y", request.body(), out);
}

ChangedRequest duplicate_header(const RenderedRequest& request, const model::WireMalformed& how,
                                std::string& out) {
  const std::string_view head = request.bytes.substr(0, request.head_bytes);
  const Line line = header_line(head, *how.header);
  const std::string first = line.end > line.begin
                                ? std::string(head.substr(line.begin, line.end - line.begin))
                                : field(*how.header, "squall");
  const std::string second = how.value == nullptr ? first : field(*how.header, *how.value);
  return rewritten(request, line, first + second, request.body(), out);
}

// In a string when there is one, so that nothing else is wrong.
ChangedRequest invalid_utf8(const RenderedRequest& request, std::string& out) {
  constexpr std::string_view kNoUtf8 = "\xc3\x28";
  const std::string_view body = request.body();
  const std::size_t quote = body.rfind('"');
  const std::size_t at = quote == std::string_view::npos ? body.size() : quote;
  return with_body(request, std::string(body.substr(0, at)).append(kNoUtf8).append(body.substr(at)),
                   out);
}

ChangedRequest wrong_length(const RenderedRequest& request, std::int64_t by, std::string& out) {
  const std::string_view head = request.bytes.substr(0, request.head_bytes);
  const auto length = static_cast<std::int64_t>(request.body_bytes());
  const std::int64_t wrong = std::max<std::int64_t>(0, length + by);
  return rewritten(request, header_line(head, kLength), field(kLength, std::to_string(wrong)),
                   request.body(), out);
}

}  // namespace

ChangedRequest malform(const RenderedRequest& request, const model::WireMalformed& how,
                       std::string& out) {
  const std::string_view body = request.body();
  switch (how.what) {
    case Malformation::kBadChunk:
      return bad_chunk(request, out);
    case Malformation::kBadRequestLine:
      return bad_request_line(request, out);
    case Malformation::kDuplicateHeader:
      return duplicate_header(request, how, out);
    case Malformation::kInvalidUtf8:
      return body.empty() ? unchanged(request, out) : invalid_utf8(request, out);
    case Malformation::kOversizeHeader: {
      const std::size_t end = request.head_bytes - 2;
      return rewritten(request, {end, end},
                       field("X-Oversize", std::string(static_cast<std::size_t>(how.amount), 'x')),
                       body, out);
    }
    case Malformation::kTruncatedJson:
      return body.empty() ? unchanged(request, out)
                          : with_body(request, body.substr(0, body.size() / 2), out);
    case Malformation::kWrongLength:
      return wrong_length(request, how.amount, out);
  }
  SQUALL_CHECK(false);
}

ChangedRequest change_body(const RenderedRequest& request, const model::BodyChange& change,
                           std::string& out) {
  auto changed = expr::replace_json(request.body(), change.pointer, change.json);
  return changed ? with_body(request, std::move(*changed), out) : ChangedRequest{};
}

}  // namespace squall::engine
