// The copies of requests that duplicate faults send, each on a connection of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "faults/proxy/http/http_relay.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/net/alarm_queue.hpp"

namespace squall::net {
class Loop;
class TlsClient;
}  // namespace squall::net

namespace squall::faults {

// What happens to copies.
class HttpCopiesOwner {
 public:
  // All copies of one request have been written, or (then `problem` says why) not all of them can
  // be.
  virtual void on_copies_sent(const CopyOrder& order, const std::string& problem) = 0;
  // The upstream has answered one.
  virtual void on_copy_executed(const CopyOrder& order) = 0;
  virtual void on_part_over(OpenExchange& exchange) = 0;

 protected:
  ~HttpCopiesOwner() = default;
};

// They outlive the link that they come from: whether the upstream executed them is what they are
// for. An answer is waited for half a minute, and kept up to HttpFault::kMaxKeptBody to be given to
// the client. Owns its sockets, borrows what it is given. Proxy thread only.
class HttpCopies {
 public:
  struct Deps {
    net::Loop& loop;
    const Clock& clock;
    net::AlarmQueue& alarms;
    HttpCopiesOwner& owner;
  };

  explicit HttpCopies(const Deps& deps);
  // Gives up those under way, as stop() does.
  ~HttpCopies();
  HttpCopies(const HttpCopies&) = delete;
  HttpCopies& operator=(const HttpCopies&) = delete;

  // Empty, or why nothing of it is sent. The outcome of connecting may come from inside this.
  [[nodiscard]] std::string send(CopyOrder order, const std::string& host, std::uint16_t port,
                                 net::TlsClient* tls);
  // Answers are no longer told to that relay.
  void forget(const HttpRelay& relay);
  void stop();
  [[nodiscard]] std::size_t size() const { return copies_.size(); }

 private:
  struct Batch;
  class Copy;

  void on_sent(Batch& batch, const std::string& problem);
  // The copy is gone afterwards.
  void finish(Copy& copy, bool answered);

  const Deps deps_;
  std::vector<std::unique_ptr<Copy>> copies_;
};

}  // namespace squall::faults
