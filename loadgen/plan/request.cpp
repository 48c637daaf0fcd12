#include "loadgen/plan/request.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/braces.hpp"
#include "loadgen/plan/body.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {
namespace {

using expr::Template;
using expr::ValueType;

constexpr std::string_view kRequestExample = "\"POST /payments\"";

// What people may have meant by a word near to it; others are sent as they stand.
const std::vector<std::string_view>& common_methods() {
  static const std::vector<std::string_view> methods{"GET",   "HEAD",   "POST",   "PUT",
                                                     "PATCH", "DELETE", "OPTIONS"};
  return methods;
}

Result<void> check_method(std::string_view method) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" {}; write for example {}",
                                                         printable(method), why, kRequestExample));
  };
  if (!is_token(method)) {
    return bad("is not an HTTP method");
  }
  if (method == "CONNECT") {
    return bad("opens a tunnel, which a step cannot");
  }
  std::string upper(method);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (upper != method) {
    return bad("is not an HTTP method: methods are upper case");
  }
  const auto& known = common_methods();
  if (std::find(known.begin(), known.end(), method) == known.end()) {
    if (const auto nearest = nearest_name(method, known)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("\"{}\" is not an HTTP method; did you mean \"{}\"?",
                              printable(method), *nearest));
    }
  }
  return {};
}

// The text without its {{…}} parts, whose values are nobody's to check here.
std::string without_templates(std::string_view text) {
  std::string literal;
  while (true) {
    const auto braces = expr::find_braces(text, 0);
    if (!braces || !*braces) {
      return literal.append(text);
    }
    literal += text.substr(0, (*braces)->begin);
    text.remove_prefix((*braces)->end);
  }
}

Result<void> check_path(std::string_view path) {
  if (!path.starts_with('/')) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the path \"{}\" does not begin with \"/\"; write for example {}, the "
                            "address stands in [[target]]",
                            printable(path), kRequestExample));
  }
  const std::string literal = without_templates(path);
  const auto bad = std::find_if(literal.begin(), literal.end(), [](char c) {
    return c <= ' ' || c >= '\x7f' || c == '#' || c == '"' || c == '<' || c == '>' || c == '\\';
  });
  if (bad != literal.end()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the path holds '{}', which a request line cannot carry; write it as %{:02X}",
                    printable(std::string_view(&*bad, 1)),
                    static_cast<unsigned>(static_cast<unsigned char>(*bad))));
  }
  return {};
}

void read_request_line(const std::string& line, expr::TableReader& reader,
                       const expr::TemplateNames& names, model::RequestSpec& request) {
  const std::size_t space = line.find(' ');
  if (space == std::string::npos) {
    reader.error("request", fmt::format("\"{}\" is not a method and a path; write for example {}",
                                        printable(line), kRequestExample));
    return;
  }
  request.method = line.substr(0, space);
  const std::string path(trim(std::string_view(line).substr(space + 1)));
  if (const auto ok = check_method(request.method); !ok) {
    reader.error("request", ok.error().message);
  }
  if (const auto ok = check_path(path); !ok) {
    reader.error("request", ok.error().message);
  }
  expr::TemplateNames known = names;
  known.scope = &reader.scope();
  auto parsed = Template::parse(path, known);
  if (!parsed) {
    reader.error("request", parsed.error().message);
    return;
  }
  request.path = std::move(*parsed);
  request.path.set_encoding(expr::Encoding::kPath);
  request.path.set_place("path");
}

// Why a plan cannot give a header of that name; empty when it can.
std::string_view why_not_header(std::string_view name) {
  if (equals_ignoring_case(name, "Content-Length")) {
    return "squall sends Content-Length itself, from the body: a second one would be a request "
           "smuggling test, not load";
  }
  if (equals_ignoring_case(name, "Transfer-Encoding")) {
    return "squall sends each body with a Content-Length: with Transfer-Encoding beside it, "
           "servers "
           "disagree where the request ends";
  }
  return {};
}

void check_header_names(const expr::Table& headers, Diagnostics& diagnostics) {
  std::vector<std::string_view> seen;
  for (const expr::Entry& entry : headers) {
    const std::string_view name = entry.key;
    if (!is_token(name)) {
      diagnostics.error(entry.key_where,
                        fmt::format("\"{}\" is not a header name; write for example "
                                    "\"Idempotency-Key\"",
                                    printable(name)));
      continue;
    }
    if (const std::string_view why = why_not_header(name); !why.empty()) {
      diagnostics.error(entry.key_where, std::string(why));
    }
    const auto twice = std::find_if(seen.begin(), seen.end(), [&](std::string_view other) {
      return equals_ignoring_case(other, name);
    });
    if (twice != seen.end()) {
      diagnostics.error(entry.key_where,
                        fmt::format("header {} stands here twice (as {}): header names have no "
                                    "case, and servers disagree which one counts",
                                    name, *twice));
    }
    seen.push_back(name);
  }
}

bool has_control_byte(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
  });
}

}  // namespace

std::vector<expr::KeySpec> request_keys() {
  std::vector<expr::KeySpec> keys{
      {.name = "request",
       .type = ValueType::kTemplate,
       .help = "Method and path, with query.",
       .required = true,
       .example = "\"POST /payments\""},
      {.name = "headers",
       .type = ValueType::kTemplateMap,
       .help = "Headers beside those of the target; one of the same name replaces the target's. "
               "Host, User-Agent, Accept and Content-Type (for `json`, `form` and `multipart`) are "
               "added unless they stand "
               "here, Content-Length always.",
       .example = "{ Idempotency-Key = \"{{key}}\" }"},
  };
  const std::vector<expr::KeySpec> body = body_keys();
  keys.insert(keys.end(), body.begin(), body.end());
  return keys;
}

model::RequestSpec read_request(const expr::Value& table, expr::TableReader& reader,
                                const expr::TemplateNames& names) {
  model::RequestSpec request;
  request.where = reader.where("request");
  if (const expr::Value* written = table.find("request"); written != nullptr) {
    const std::string line = reader.text("request", names).source();
    const bool wrong_already =
        line.empty() && written->as_string() != nullptr && !written->as_string()->empty();
    if (!wrong_already && written->as_string() != nullptr) {
      read_request_line(line, reader, names, request);
      const std::string& as_written = *written->as_string();
      request.shown = as_written.find("${env:") == std::string::npos ? line : as_written;
    }
  }
  request.headers = read_headers(table, "headers", reader, names);
  read_body(reader, names, request);
  return request;
}

std::vector<model::Header> read_headers(const expr::Value& table, std::string_view key,
                                        expr::TableReader& reader,
                                        const expr::TemplateNames& names) {
  if (!reader.has(key)) {
    return {};
  }
  const expr::Value* written = table.find(key);
  const expr::Table* entries = written != nullptr ? written->as_table() : nullptr;
  if (entries != nullptr) {
    check_header_names(*entries, reader.diagnostics());
  }
  expr::TemplateNames known = names;
  known.body = true;
  std::vector<model::Header> headers = reader.template_map(key, known);
  for (model::Header& header : headers) {
    header.second.set_encoding(expr::Encoding::kHeader);
    header.second.set_place("header " + to_lower(header.first));
    if (has_control_byte(without_templates(header.second.source()))) {
      const expr::Value* value = written != nullptr ? written->find(header.first) : nullptr;
      reader.diagnostics().error(
          value != nullptr ? value->where : reader.where(key),
          fmt::format("the value of header {} holds a line break or another control byte, which "
                      "would begin a header of its own",
                      header.first));
    }
  }
  return headers;
}

bool uses(const model::RequestSpec& request, expr::Token token) {
  return request.path.uses(token) || (request.body && request.body->uses(token)) ||
         std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const model::Header& header) { return header.second.uses(token); });
}

bool reads_clock(const model::RequestSpec& request) {
  return uses(request, expr::Token::kNow);
}

Result<model::Endpoint> endpoint_of_url(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) {
    return model::parse_endpoint(url);
  }
  const std::string_view scheme = url.substr(0, scheme_end);
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  return model::parse_endpoint(fmt::format("{}://{}", scheme, authority));
}

Result<Probe> parse_probe(std::string_view text) {
  const std::size_t space = text.find(' ');
  const std::string_view method = text.substr(0, space);
  if (space == std::string_view::npos || (method != "GET" && method != "HEAD")) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a probe; write for example "
                                                         "\"GET http://127.0.0.1:8080/readyz\"",
                                                         printable(text)));
  }
  auto endpoint = endpoint_of_url(trim(text.substr(space + 1)));
  if (!endpoint) {
    return fail(endpoint.error());
  }
  return Probe{std::string(method), std::move(*endpoint)};
}

}  // namespace squall::plan
