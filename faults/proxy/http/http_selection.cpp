#include "faults/proxy/http/http_selection.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "faults/proxy/http/http_fault.hpp"
#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

// "*" is any part of a segment, "**" any number of segments.
std::string expression_of(std::string_view glob) {
  std::string out = "^";
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob.substr(i, 2) == "**") {
      out += ".*";
      ++i;
    } else if (glob[i] == '*') {
      out += "[^/]*";
    } else {
      if (std::string_view(R"(\.+?()[]{}|^$)").find(glob[i]) != std::string_view::npos) {
        out += '\\';
      }
      out += glob[i];
    }
  }
  return out + "$";
}

// Nobody sends "post", and it would fit nothing.
std::optional<std::string_view> in_capitals(std::string_view method) {
  constexpr std::array<std::string_view, 9> kMethods = {
      "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"};
  const auto* const known =
      std::find_if(kMethods.begin(), kMethods.end(),
                   [&](std::string_view one) { return equals_ignoring_case(one, method); });
  return known != kMethods.end() && *known != method ? std::optional(*known) : std::nullopt;
}

void check_method(expr::TableReader& reader, const std::string& method) {
  const std::string shown = "methods: \"" + printable(method, 40) + "\" is no method";
  if (!is_token(method)) {
    reader.error("methods", shown);
  } else if (const auto meant = in_capitals(method)) {
    reader.error("methods", shown + "; did you mean \"" + std::string(*meant) + "\"?");
  }
}

std::uint64_t read_count(expr::TableReader& reader, std::string_view key) {
  return static_cast<std::uint64_t>(
      reader.integer(key, 0, std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

expr::TableSpec http_attributes(expr::TableSpec own) {
  using expr::ValueType;
  own.keys.push_back({.name = "route",
                      .type = ValueType::kString,
                      .help = "requests whose path fits: `*` is a part of a segment, `**` any "
                              "number of segments; `re:` in front of a regular expression (RE2)",
                      .example = R"("/payments/*")"});
  own.keys.push_back({.name = "methods",
                      .type = ValueType::kStringList,
                      .help = "requests of these methods",
                      .example = R"(["POST", "PUT"])"});
  own.keys.push_back({.name = "header",
                      .type = ValueType::kString,
                      .help = "requests that have this field, or this field with this value",
                      .example = R"("X-Tenant: blue")"});
  own.keys.push_back({.name = "every_nth",
                      .type = ValueType::kInteger,
                      .help = "of the requests that fit, those with the numbers n, 2n, 3n …; 0: "
                              "all",
                      .default_value = "0"});
  own.keys.push_back({.name = "first_n",
                      .type = ValueType::kInteger,
                      .help = "of the requests that fit, the first n; 0: all",
                      .default_value = "0"});
  own.keys.push_back({.name = "max_active",
                      .type = ValueType::kInteger,
                      .help = "exchanges that it may be at work on at once; 0: any number",
                      .default_value = "0"});
  return own;
}

HttpSelection HttpSelection::read(expr::TableReader& reader) {
  constexpr std::string_view kExpression = "re:";
  HttpSelection result;
  if (const std::string route = reader.string("route"); !route.empty()) {
    const bool is_expression = route.starts_with(kExpression);
    if (!is_expression && !route.starts_with('/') && !route.starts_with('*')) {
      reader.error("route", "route: \"" + printable(route, 40) +
                                "\" fits no path, since they begin with a slash; an example: "
                                "\"/payments/*\"");
    }
    auto pattern = expr::Pattern::compile(is_expression ? route.substr(kExpression.size())
                                                        : expression_of(route));
    if (pattern) {
      result.route = std::move(*pattern);
    } else {
      reader.error("route", "route: " + pattern.error().message);
    }
  }
  for (const expr::LocatedText& method : reader.string_list("methods")) {
    check_method(reader, method.text);
    result.methods.push_back(method.text);
  }
  if (const std::string header = reader.string("header"); !header.empty()) {
    const std::size_t colon = header.find(':');
    result.header = trim(std::string_view(header).substr(0, colon));
    if (colon != std::string::npos) {
      result.header_value = trim(std::string_view(header).substr(colon + 1));
    }
    if (!is_token(result.header)) {
      reader.error("header", "header: \"" + printable(result.header, 40) +
                                 "\" is no name of a field; an example: \"X-Tenant: blue\"");
    }
  }
  result.every_nth = read_count(reader, "every_nth");
  result.first_n = read_count(reader, "first_n");
  result.max_active = read_count(reader, "max_active");
  return result;
}

bool HttpSelection::matches(const HttpHead& request) const {
  if (!methods.empty() &&
      std::find(methods.begin(), methods.end(), request.method()) == methods.end()) {
    return false;
  }
  if (route.has_value() && !route->matches(request.path())) {
    return false;
  }
  return header.empty() ||
         std::any_of(request.fields().begin(), request.fields().end(),
                     [this](const HttpHead::Field& field) {
                       return equals_ignoring_case(field.name, header) &&
                              (!header_value.has_value() || field.value == *header_value);
                     });
}

bool HttpSelection::picks(std::uint64_t position) const {
  return (first_n == 0 || position < first_n) &&
         (every_nth == 0 || (position + 1) % every_nth == 0);
}

}  // namespace squall::faults
