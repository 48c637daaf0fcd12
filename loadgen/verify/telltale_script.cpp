#include "loadgen/verify/telltale_script.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/effects/http_count.hpp"

namespace squall::verify {
namespace {

constexpr std::string_view kSucceeded = R"sh(
# Whether the answer in the file $1 is a success.
succeeded() {
  case $(cat "$1.status") in 2??) return 0 ;; *) return 1 ;; esac
}
)sh";

Result<std::string> same_resource(const std::optional<std::string>& id_query) {
  if (!id_query) {
    return fail(ErrorCode::kInvalidArgument, "an id that jq cannot read");
  }
  return fmt::format(R"sh(
# Whether two successes name the same resource.
gives_away() {{
  succeeded "$1" && succeeded "$2" || return 1
  first=$(jq -r {0} "$1" 2>/dev/null)
  [ -n "$first" ] && [ "$first" = "$(jq -r {0} "$2" 2>/dev/null)" ]
}}
)sh",
                     *id_query);
}

Result<std::string> same_body(const std::set<std::string>& volatile_fields) {
  std::string query;
  for (const std::string& field : volatile_fields) {
    if (field.find('*') != std::string::npos) {
      return fail(ErrorCode::kInvalidArgument, "answers whose lists differ each time");
    }
    query += fmt::format("{}del({})", query.empty() ? "" : " | ", effects::jq_path(field));
  }
  return fmt::format(R"sh(
# What the answer in the file $1 says, without what differs each time.
said() {{
  jq -S {} "$1" 2>/dev/null || cat "$1"
}}
# Whether two answers say the same, and that something.
gives_away() {{
  [ -s "$1" ] && [ "$(said "$1")" = "$(said "$2")" ]
}}
)sh",
                     shell_quote(query.empty() ? "." : query));
}

}  // namespace

Result<std::string> telltale_function(Telltale::Sign sign,
                                      const std::optional<std::string>& id_query,
                                      const std::set<std::string>& volatile_fields) {
  Result<std::string> function = "";
  switch (sign) {
    case Telltale::Sign::kSameResource:
      function = same_resource(id_query);
      break;
    case Telltale::Sign::kSameBody:
      function = same_body(volatile_fields);
      break;
    case Telltale::Sign::kBothSucceed:
      function = R"sh(
# Whether both are successes.
gives_away() {
  succeeded "$1" && succeeded "$2"
}
)sh";
      break;
  }
  if (function) {
    function->insert(0, kSucceeded);
  }
  return function;
}

std::string_view telltale_words(Telltale::Sign sign) {
  switch (sign) {
    case Telltale::Sign::kSameResource:
      return "the second names the resource of the first";
    case Telltale::Sign::kSameBody:
      return "the second says what the first one said";
    case Telltale::Sign::kBothSucceed:
      return "both are successes";
  }
  return "";
}

}  // namespace squall::verify
