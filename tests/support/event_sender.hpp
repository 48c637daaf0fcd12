// A small API in this process that takes payments and sends a webhook for each, right or wrong in
// one way at a time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "loadgen/base/time.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::verify {

// What the sender does about receivers that fail. By default everything that it should.
struct SenderHabits {
  unsigned attempts = 0;   // per webhook; 0: until it is taken
  bool durable = true;     // false: a crash forgets what is still to be sent
  bool same_id = true;     // false: each attempt has an id of its own
  bool signs_anew = true;  // false: the time of the first attempt, for ever
  bool sends = true;       // false: nothing at all
  bool twice = false;      // two webhooks for each payment
};

// POST /payments {"token"}: 201. Webhooks go to `url`, one after the other, and are repeated 20 ms
// after a failure; one that is not answered for 100 ms has failed. Any thread.
class EventSender {
 public:
  EventSender(SenderHabits habits, std::string url);
  ~EventSender();
  EventSender(const EventSender&) = delete;
  EventSender& operator=(const EventSender&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  // What the process remembers is gone.
  void crash();

 private:
  struct Webhook {
    std::string id;
    std::string token;
    std::int64_t signed_at = 0;
    unsigned attempts = 0;
    TimePoint due{};
  };

  net::ServerReply take(const net::ServerRequest& request);
  void work();
  // Whether it was taken.
  bool deliver(Webhook& webhook) const;

  const SenderHabits habits_;
  const std::string url_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Webhook> queue_;
  std::uint64_t made_ = 0;
  std::uint64_t crashes_ = 0;
  bool ending_ = false;
  std::thread worker_;
  std::unique_ptr<net::HttpServer> server_;  // last: its thread calls the rest
};

}  // namespace squall::verify
