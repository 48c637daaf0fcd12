// Claims in Redis, a hash for each. Every change is one script, which Redis runs alone; only the
// owner of a claim can change it. Effects are in the shop's database, so an answer is stored after
// their commit: when that fails, whoever takes the claim over finds the operation's effect there
// and adds none.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/shop/claims.hpp"
#include "tests/shop/redis.hpp"

namespace squall::shop {
namespace {

// ARGV: request, owner, now, abandoned before, forgotten before, milliseconds to live (0: for
// ever), "claim" or "look". A command that is repeated because its answer was lost finds its own
// claim.
constexpr const char* kClaim = R"(
local c = redis.call('HMGET', KEYS[1], 'request', 'operation', 'owner', 'created', 'claimed',
                     'results', 'status', 'body')
local function take(operation, results)
  if ARGV[7] == 'claim' then
    redis.call('HSET', KEYS[1], 'request', ARGV[1], 'operation', operation, 'owner', ARGV[2],
               'claimed', ARGV[3], 'results', results)
    redis.call('HSETNX', KEYS[1], 'created', ARGV[3])
    if ARGV[6] ~= '0' then
      redis.call('PEXPIRE', KEYS[1], ARGV[6])
    end
  end
  return cjson.encode({'won', operation, results})
end
if not c[1] then
  return take(ARGV[2], '[]')
end
local abandoned = tonumber(c[5]) < tonumber(ARGV[4])
if tonumber(c[4]) < tonumber(ARGV[5]) and (c[7] or abandoned) then
  if ARGV[7] == 'claim' then
    redis.call('DEL', KEYS[1])
  end
  return take(ARGV[2], '[]')
end
if c[1] ~= ARGV[1] then
  return cjson.encode({'mismatch'})
end
if c[7] then
  return cjson.encode({'done', c[7], c[8]})
end
if abandoned or c[3] == ARGV[2] then
  return take(c[2], c[6])
end
return cjson.encode({'in flight'})
)";

// ARGV: owner, now, results.
constexpr const char* kAdvance = R"(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 'lost'
end
redis.call('HSET', KEYS[1], 'claimed', ARGV[2], 'results', ARGV[3])
return 'owned'
)";

// ARGV: owner, status, body.
constexpr const char* kFinish = R"(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 'lost'
end
redis.call('HSET', KEYS[1], 'status', ARGV[2], 'body', ARGV[3])
return 'owned'
)";

// ARGV: owner, "keep" or "forget".
constexpr const char* kGiveUp = R"(
local c = redis.call('HMGET', KEYS[1], 'owner', 'status')
if c[1] ~= ARGV[1] or c[2] then
  return 'lost'
end
if ARGV[2] == 'forget' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'owner', '', 'claimed', '0')
end
return 'owned'
)";

std::int64_t milliseconds_of(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::string key_of(const ClaimRequest& request) {
  // JSON keeps the three apart, whatever they contain.
  return "shop:key:" +
         nlohmann::json{request.asked.caller, request.asked.endpoint, request.asked.key}.dump();
}

class RedisClaims final : public Claims {
 public:
  RedisClaims(Redis& redis, ClaimTimes times) : redis_(redis), times_(times) {}

  Result<Claim> claim(const ClaimRequest& wanted) override { return ask(wanted, "claim"); }
  Result<Claim> look(const ClaimRequest& wanted) override { return ask(wanted, "look"); }
  Result<bool> advance(const ClaimRequest& owned, const Progress& progress) override {
    return change(kAdvance, owned,
                  {std::to_string(wall_clock_ms()), nlohmann::json(progress.results).dump()});
  }
  // The operation's id is unique among effects: who lost the claim adds none.
  Result<bool> finish_within(Connection&, const ClaimRequest&, const Answer&) override {
    return true;
  }
  Result<void> finish_after(const ClaimRequest& owned, const Answer& answer) override {
    return change(kFinish, owned, {std::to_string(answer.status), answer.body}).map([](bool) {});
  }
  Result<void> give_up(const ClaimRequest& owned, GiveUp how) override {
    return change(kGiveUp, owned, {how == GiveUp::kForget ? "forget" : "keep"}).map([](bool) {});
  }
  Result<void> reap() override { return {}; }  // Redis does it

 private:
  [[nodiscard]] Result<Claim> ask(const ClaimRequest& wanted, const char* what);
  [[nodiscard]] Result<bool> change(const char* script, const ClaimRequest& owned,
                                    std::vector<std::string> arguments);

  Redis& redis_;
  ClaimTimes times_;
};

Claim claim_in(const nlohmann::json& reply) {
  const auto state = reply.at(0).get<std::string>();
  if (state == "won") {
    const auto results = nlohmann::json::parse(reply.at(2).get<std::string>());
    return {ClaimState::kWon,
            {reply.at(1).get<std::string>(), results.get<std::vector<std::string>>()}};
  }
  if (state == "done") {
    return {ClaimState::kDone,
            {},
            {std::stoi(reply.at(1).get<std::string>()), reply.at(2).get<std::string>()}};
  }
  return {state == "mismatch" ? ClaimState::kMismatch : ClaimState::kInFlight};
}

Result<Claim> RedisClaims::ask(const ClaimRequest& wanted, const char* what) {
  const std::int64_t now = wall_clock_ms();
  const bool for_ever = times_.window == Duration::zero() || !times_.lock_time;
  const std::int64_t to_live =
      for_ever ? 0 : milliseconds_of(times_.window) + milliseconds_of(*times_.lock_time);
  const Result<std::optional<std::string>> reply = redis_.evaluate(
      kClaim, key_of(wanted),
      {wanted.asked.request, wanted.owner, std::to_string(now),
       std::to_string(abandoned_before_ms(times_, now)),
       std::to_string(forgotten_before_ms(times_, now)), std::to_string(to_live), what});
  if (!reply) {
    return fail(reply.error());
  }
  const nlohmann::json json = nlohmann::json::parse(reply->value_or(""), nullptr, false);
  return json.is_array() ? Result<Claim>(claim_in(json))
                         : fail(ErrorCode::kUnavailable, "Redis: no such answer was expected");
}

Result<bool> RedisClaims::change(const char* script, const ClaimRequest& owned,
                                 std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), owned.owner);
  return redis_.evaluate(script, key_of(owned), std::move(arguments))
      .map([](const std::optional<std::string>& reply) { return reply == "owned"; });
}

}  // namespace

std::unique_ptr<Claims> make_redis_claims(Redis& redis, ClaimTimes times) {
  return std::make_unique<RedisClaims>(redis, times);
}

}  // namespace squall::shop
