#include "tests/shop/redis.hpp"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <chrono>
#include <iterator>

#include <fmt/core.h>

namespace squall::shop {
namespace {

constexpr int kMaxPort = 65'535;

timeval timeval_of(Duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {whole.count(),
          std::chrono::duration_cast<std::chrono::microseconds>(duration - whole).count()};
}

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

}  // namespace

void Redis::Closer::operator()(redisContext* context) const {
  redisFree(context);
}

Result<std::unique_ptr<Redis>> Redis::make(const std::string& address, Duration timeout) {
  const std::size_t colon = address.rfind(':');
  const std::string digits = colon == std::string::npos ? "" : address.substr(colon + 1);
  const bool is_number = !digits.empty() && digits.size() <= 5 &&
                         digits.find_first_not_of("0123456789") == std::string::npos;
  const int port = is_number ? std::stoi(digits) : 0;
  if (port < 1 || port > kMaxPort || colon == 0) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not an address such as 127.0.0.1:6379", address));
  }
  return std::unique_ptr<Redis>(new Redis(address.substr(0, colon), port, timeout));
}

Redis::~Redis() = default;

Result<void> Redis::set(const std::string& key, const std::string& value) {
  return command({"SET", key, value}).map([](const auto&) {});
}

Result<std::optional<std::string>> Redis::get(const std::string& key) {
  return command({"GET", key});
}

Result<std::optional<std::string>> Redis::evaluate(const std::string& script,
                                                   const std::string& key,
                                                   std::vector<std::string> arguments) {
  std::vector<std::string> words = {"EVAL", script, "1", key};
  words.insert(words.end(), std::make_move_iterator(arguments.begin()),
               std::make_move_iterator(arguments.end()));
  return command(words);
}

Result<std::optional<std::string>> Redis::command(const std::vector<std::string>& words) {
  Context idle;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      idle = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (idle) {
    Result<std::optional<std::string>> answer = command_on(std::move(idle), words);
    if (answer) {
      return answer;
    }
    const std::lock_guard lock(mutex_);
    idle_.clear();  // as old as the one that failed
  }
  Result<Context> fresh = connect();
  return fresh ? command_on(std::move(*fresh), words) : fail(fresh.error());
}

Result<std::optional<std::string>> Redis::command_on(Context context,
                                                     const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<redisReply, ReplyDeleter> reply(static_cast<redisReply*>(
      redisCommandArgv(context.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
  if (!reply) {
    return fail(ErrorCode::kUnavailable, fmt::format("no answer from Redis: {}", context->errstr));
  }
  if (reply->type == REDIS_REPLY_ERROR) {
    return fail(ErrorCode::kUnavailable, "Redis refused: " + std::string(reply->str, reply->len));
  }
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
  }
  if (reply->type == REDIS_REPLY_NIL) {
    return std::nullopt;
  }
  return std::string(reply->str, reply->len);
}

Result<Redis::Context> Redis::connect() const {
  const timeval limit = timeval_of(timeout_);
  Context context(redisConnectWithTimeout(host_.c_str(), port_, limit));
  if (!context || context->err != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("no connection to Redis: {}",
                            context ? std::string(context->errstr) : "out of memory"));
  }
  if (redisSetTimeout(context.get(), limit) != REDIS_OK) {
    return fail(ErrorCode::kUnavailable, "no connection to Redis: its timeout cannot be set");
  }
  return context;
}

}  // namespace squall::shop
