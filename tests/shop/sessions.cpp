#include "tests/shop/sessions.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/json_body.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {
namespace {

constexpr std::size_t kSecretDigits = 32;

std::string session_json(const std::string& user, const std::string& canary) {
  const nlohmann::ordered_json json = {{"user", user}, {"canary", canary}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::optional<std::string> cookie(const Call& call, std::string_view name) {
  const std::string header = call.header("Cookie").value_or("");
  std::string_view rest = header;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(pair.size() < rest.size() ? pair.size() + 1 : pair.size());
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && trim(pair.substr(0, equals)) == name) {
      return std::string(trim(pair.substr(equals + 1)));
    }
  }
  return std::nullopt;
}

}  // namespace

Answer Sessions::log_in(const Call& call) {
  const Result<std::string> user =
      parse_object(call.body()).and_then([](const auto& json) { return text_field(json, "user"); });
  if (!user) {
    return problem(400, user.error().message);
  }
  const std::string sid = random_hex(kSecretDigits);
  const std::string canary = random_hex(kSecretDigits);
  Result<void> kept;
  {
    const Database::WriteLease writer = deps_.database.write();
    kept = writer->prepare("INSERT INTO sessions(sid, user, canary) VALUES(?, ?, ?)")
               .bind(sid)
               .bind(*user)
               .bind(canary)
               .run();
  }
  if (!kept) {
    return failed(kept.error(), call);
  }
  Answer answer{201, session_json(*user, canary)};
  answer.headers.emplace_back("Set-Cookie", "sid=" + sid + "; Path=/; HttpOnly");
  return answer;
}

Answer Sessions::look(const Call& call) {
  const std::optional<std::string> sid = cookie(call, "sid");
  if (!sid) {
    return problem(401, "no session: POST /sessions gives one");
  }
  const Database::ReadLease reader = deps_.database.read();
  Statement statement = reader->prepare("SELECT user, canary FROM sessions WHERE sid = ?");
  const Result<bool> found = statement.bind(*sid).step();
  if (!found) {
    return failed(found.error(), call);
  }
  return *found ? Answer{200, session_json(statement.text(0), statement.text(1))}
                : problem(401, "no such session");
}

Answer Sessions::failed(const Error& error, const Call& call) const {
  deps_.metrics.database_error();
  deps_.log.error("database error", &call.trace(), {{"error", error.message}});
  return problem(503, "the database cannot be used now");
}

}  // namespace squall::shop
