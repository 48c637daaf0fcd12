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

Result<std::unique_ptr<Sessions>> Sessions::make(const SessionsSettings& settings, Deps deps) {
  std::unique_ptr<Redis> redis;
  if (settings.mode != SessionsMode::kDatabase) {
    Result<std::unique_ptr<Redis>> made =
        Redis::make(settings.redis_address, settings.redis_timeout);
    if (!made) {
      return fail(made.error());
    }
    redis = std::move(*made);
  }
  return std::unique_ptr<Sessions>(new Sessions(settings.mode, std::move(redis), deps));
}

Answer Sessions::log_in(const Call& call) {
  const Result<std::string> user =
      parse_object(call.body()).and_then([](const auto& json) { return text_field(json, "user"); });
  if (!user) {
    return problem(400, user.error().message);
  }
  const std::string sid = random_hex(kSecretDigits);
  const std::string canary = random_hex(kSecretDigits);
  if (const Result<void> kept = keep(sid, *user, canary); !kept) {
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
  const Result<std::optional<std::string>> session = find(*sid);
  if (!session) {
    return failed(session.error(), call);
  }
  return *session ? Answer{200, **session} : problem(401, "no such session");
}

Result<void> Sessions::keep(const std::string& sid, const std::string& user,
                            const std::string& canary) {
  if (mode_ == SessionsMode::kRedis) {
    return redis_->set(sid, session_json(user, canary));
  }
  {
    const Database::WriteLease writer = deps_.database.write();
    const Result<void> kept =
        writer->prepare("INSERT INTO sessions(sid, name, canary) VALUES(?, ?, ?)")
            .bind(sid)
            .bind(user)
            .bind(canary)
            .run();
    if (!kept) {
      return kept;
    }
  }
  cache(sid, session_json(user, canary));
  return {};
}

Result<std::optional<std::string>> Sessions::find(const std::string& sid) {
  if (mode_ == SessionsMode::kDatabase) {
    return find_in_database(sid);
  }
  Result<std::optional<std::string>> found = redis_->get(sid);
  if (mode_ == SessionsMode::kRedis || (found && *found)) {
    return found;
  }
  Result<std::optional<std::string>> session = find_in_database(sid);
  if (found && session && *session) {
    cache(sid, **session);
  }
  return session;
}

Result<std::optional<std::string>> Sessions::find_in_database(const std::string& sid) {
  const Database::ReadLease reader = deps_.database.read();
  Statement statement = reader->prepare("SELECT name, canary FROM sessions WHERE sid = ?");
  return statement.bind(sid).step().map([&](bool found) {
    return found ? std::optional(session_json(statement.text(0), statement.text(1))) : std::nullopt;
  });
}

void Sessions::cache(const std::string& sid, const std::string& session) {
  if (!redis_) {
    return;
  }
  if (const Result<void> cached = redis_->set(sid, session); !cached) {
    deps_.log.error("cache error", nullptr, {{"error", cached.error().message}});
  }
}

Answer Sessions::failed(const Error& error, const Call& call) const {
  deps_.metrics.database_error();
  deps_.log.error("sessions cannot be read", &call.trace(), {{"error", error.message}});
  return problem(503, "sessions cannot be read now");
}

}  // namespace squall::shop
