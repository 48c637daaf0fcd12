#include "loadgen/engine/request_builder.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"

namespace squall::engine {
namespace {

using expr::Template;
using model::Header;

void append_header(Template& head, std::string_view name, const Template& value) {
  head.append_literal(name);
  head.append_literal(": ");
  head.append(value);
  head.append_literal("\r\n");
}

// Of the same name, the step's own headers win over the caller's, and those over the target's.
std::vector<Header> merged_headers(const model::Target& target, const model::Caller* caller,
                                   const model::RequestSpec& request) {
  const std::vector<Header> none;
  const std::vector<Header>& of_caller = caller != nullptr ? caller->headers : none;
  std::vector<Header> merged;
  for (const Header& header : target.headers) {
    if (!has_field(request.headers, header.first) && !has_field(of_caller, header.first)) {
      merged.push_back(header);
    }
  }
  for (const Header& header : of_caller) {
    if (!has_field(request.headers, header.first)) {
      merged.push_back(header);
    }
  }
  merged.insert(merged.end(), request.headers.begin(), request.headers.end());
  return merged;
}

bool method_has_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

void append_end_of_head(std::string& out, bool with_length, std::uint64_t length) {
  if (with_length) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length).ptr;
    out.append("Content-Length: ");
    out.append(digits.data(), end);
    out.append("\r\n");
  }
  out.append("\r\n");
}

// Whether the lines are as many as the plan wrote, and the first has its three parts.
bool is_sound_head(std::string_view head, std::size_t lines) {
  const std::string_view first = head.substr(0, head.find('\r'));
  return static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n')) == lines &&
         static_cast<std::size_t>(std::count(head.begin(), head.end(), '\r')) == lines &&
         head.find('\0') == std::string_view::npos &&
         std::count(first.begin(), first.end(), ' ') == 2;
}

}  // namespace

RequestBuilder::RequestBuilder(const model::Target& target, const model::Endpoint& endpoint,
                               const model::RequestSpec& request, const model::Caller* caller)
    : has_body_(request.body.has_value() || method_has_body(request.method)),
      head_only_(request.method == "HEAD") {
  const std::vector<Header> headers = merged_headers(target, caller, request);
  head_.append_literal(request.method);
  head_.append_literal(" ");
  head_.append_literal(endpoint.base_path);
  head_.append(request.path);
  head_.append_literal(" HTTP/1.1\r\n");
  if (!has_field(headers, "Host")) {
    head_.append_literal("Host: " + endpoint.authority() + "\r\n");
  }
  if (!has_field(headers, "User-Agent")) {
    head_.append_literal("User-Agent: squall\r\n");
  }
  if (!has_field(headers, "Accept")) {
    head_.append_literal("Accept: */*\r\n");
  }
  const std::string_view content_type = model::content_type_of(request);
  if (!content_type.empty() && !has_field(headers, "Content-Type")) {
    head_.append_literal(fmt::format("Content-Type: {}\r\n", content_type));
  }
  for (const Header& header : headers) {
    append_header(head_, header.first, header.second);
  }
  if (request.body) {
    body_ = *request.body;
  }
  const std::string source = head_.source();
  head_lines_ = static_cast<std::size_t>(std::count(source.begin(), source.end(), '\n'));
  volatile_ = head_.is_volatile() || body_.is_volatile();
  reads_clock_ = head_.reads_clock() || body_.reads_clock();
  head_needs_body_ = head_.uses(expr::Token::kBody);
  if (head_.is_literal() && body_.is_literal()) {
    constant_ = head_.literal();
    append_end_of_head(constant_, has_body_, body_.literal().size());
    constant_head_bytes_ = constant_.size();
    constant_ += body_.literal();
  }
}

RenderedRequest RequestBuilder::render(const expr::RenderContext& operation, std::string& buffer,
                                       std::vector<expr::GeneratedRange>* generated) const {
  if (!constant_.empty()) {
    return {.bytes = constant_, .head_bytes = constant_head_bytes_};
  }
  buffer.clear();
  expr::RenderContext context = operation;
  if (body_.is_literal()) {
    const std::string& body = body_.literal();
    context.body = {&body, body.size()};
    head_.render(context, buffer);
    const bool sound = is_sound_head(buffer, head_lines_);
    append_end_of_head(buffer, has_body_, body.size());
    const std::size_t head_bytes = buffer.size();
    buffer += body;
    return {.bytes = buffer, .head_bytes = head_bytes, .sound = sound};
  }
  // The head holds the body's length and may hold a signature of it, so the body is rendered first,
  // and rotated behind the head.
  if (generated != nullptr && !head_needs_body_) {
    generated->clear();
    context.generated = generated;
  }
  body_.render(context, buffer);
  const std::size_t body_bytes = buffer.size();
  context.body = {&buffer, body_bytes};
  head_.render(context, buffer);
  const bool sound = is_sound_head(std::string_view(buffer).substr(body_bytes), head_lines_);
  std::uint64_t generated_bytes = 0;
  if (context.generated != nullptr) {
    for (const expr::GeneratedRange& range : *generated) {
      generated_bytes += range.bytes;
    }
  }
  append_end_of_head(buffer, true, body_bytes + generated_bytes);
  std::rotate(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(body_bytes),
              buffer.end());
  RenderedRequest rendered{
      .bytes = buffer, .head_bytes = buffer.size() - body_bytes, .sound = sound};
  if (generated_bytes > 0) {
    for (expr::GeneratedRange& range : *generated) {
      range.at += rendered.head_bytes;
    }
    rendered.generated = *generated;
    rendered.generated_bytes = generated_bytes;
  }
  return rendered;
}

}  // namespace squall::engine
