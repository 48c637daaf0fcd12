#include "loadgen/effects/http_count.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/json_place.hpp"

namespace squall::effects {
namespace {

bool is_index(std::string_view token) {
  return !token.empty() && token.size() < 10 &&
         token.find_first_not_of("0123456789") == std::string_view::npos;
}

// The sum of what the items of the token stand for.
std::string jq_list(const PageLayout& layout) {
  return fmt::format("[{} | .[] | select(({} | tostring) == $token) | {}] | add // 0",
                     jq_path(layout.items), jq_path(layout.key),
                     layout.count ? jq_path(*layout.count) : "1");
}

std::string curl_command(const HttpCount& what, const CountsByHand::Quote& quote) {
  std::string curl = "curl -sS -g --max-time 10";
  curl += what.method == "GET" ? "" : " -X " + quote(what.method);
  for (const auto& [name, value] : what.headers) {
    // "Name;" is how curl is told to send a header without a value.
    curl += " -H ";
    curl += quote(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  return curl;
}

}  // namespace

std::string jq_path(std::string_view pointer) {
  std::string path;
  const auto tokens = split(pointer, '/');
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    const std::string name = nlohmann::json(expr::unescaped_token(tokens[i]))
                                 .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    path += i == 1 ? "" : " | ";
    path += is_index(tokens[i]) ? fmt::format("(if type == \"array\" then .[{0}] else .[{1}] end)",
                                              std::stoul(std::string(tokens[i])), name)
                                : fmt::format(".[{}]", name);
  }
  return path.empty() ? "." : path;
}

std::optional<ShellCount> http_count(const HttpCount& what, std::string_view token,
                                     const CountsByHand::Quote& quote) {
  const std::string curl = curl_command(what, quote);
  const std::string jq = " | jq -r --arg token " + quote(token) + " ";
  ShellCount result{.lines = {}, .programs = {"curl", "jq"}};
  if (what.count) {
    result.lines =
        curl + " " + quote(what.url) + jq + quote(fmt::format("({}) // 0", jq_path(*what.count)));
  } else if (!what.layout.next) {
    result.lines = curl + " " + quote(what.url) + jq + quote(jq_list(what.layout));
  } else {
    const std::string parameter = what.next_parameter + "=";
    if (what.url.find(parameter) != std::string::npos) {
      return std::nullopt;
    }
    const char before = what.url.find('?') == std::string::npos ? '?' : '&';
    result.lines = fmt::format(
        R"sh(next=
total=0
while :; do
  page=$({curl} {url}"${{next:+{before}{parameter}$next}}") || return
  here=$(printf '%s' "$page"{counting})
  case $here in '' | *[!0-9]*) return ;; esac
  total=$((total + here))
  next=$(printf '%s' "$page" | jq -r {next})
  case $next in
    '') break ;;
    */* | *:*) return ;;
  esac
done
echo "$total")sh",
        fmt::arg("curl", curl), fmt::arg("url", quote(what.url)), fmt::arg("before", before),
        fmt::arg("parameter", parameter), fmt::arg("counting", jq + quote(jq_list(what.layout))),
        fmt::arg("next", quote(jq_path(*what.layout.next) + " // empty")));
  }
  result.lines += "\n";
  return result;
}

}  // namespace squall::effects
