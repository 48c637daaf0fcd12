// The exchanges of one link in HTTP mode: between its sockets and its chains.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/proxy/chain.hpp"
#include "faults/proxy/direction.hpp"
#include "faults/proxy/http/http_counters.hpp"
#include "faults/proxy/http/http_exchange.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/net/alarm_queue.hpp"
#include "loadgen/net/http_scanner.hpp"

namespace squall::faults {

class HttpRelay;

// What a duplicate fault wants sent.
struct CopyOrder {
  HttpRelay* relay = nullptr;  // gets the answers, unless it has gone meanwhile
  std::uint64_t number = 0;    // of the exchange on its link
  std::string toxic;
  std::uint32_t copies = 0;
  std::string request;  // on the wire, whole
  bool head_only = false;
  std::shared_ptr<OpenExchange> exchange;
};

// Where a relay leads on its link. No function may destroy the relay, except after_alarm().
class HttpRelayEnds {
 public:
  // Into the chain of that direction. Any number of bytes.
  virtual void pass(Direction direction, std::string_view bytes) = 0;
  // Whether what is passed now would not have to wait.
  [[nodiscard]] virtual bool has_room(Direction direction) = 0;
  // Whether the side where the direction begins has closed, even when that was not read yet, as
  // behind bytes that a chain held back.
  [[nodiscard]] virtual bool has_left(Direction direction) = 0;
  // Nothing follows in that direction.
  virtual void end(Direction direction, EndKind kind) = 0;
  // The relay has run because time has passed or a copy was answered.
  virtual void after_alarm() = 0;

 protected:
  ~HttpRelayEnds() = default;
};

// What the relays of a proxy share.
class HttpRelayHost {
 public:
  // Of the next request of the proxy, from 0.
  virtual std::uint64_t next_request() = 0;
  // All toxics of the proxy, in the order in which they act.
  [[nodiscard]] virtual const std::vector<std::unique_ptr<ToxicEntry>>& toxics() const = 0;
  virtual HttpCounters& http_counters() = 0;
  // Empty, or why it cannot.
  virtual std::string send_copies(CopyOrder order) = 0;
  // `relay` goes.
  virtual void forget_copies(const HttpRelay& relay) = 0;
  // The link's part of it is over.
  virtual void on_part_over(OpenExchange& exchange) = 0;
  virtual void on_http_fired(ToxicEntry& toxic, std::uint64_t link, std::string detail) = 0;

 protected:
  ~HttpRelayHost() = default;
};

//   client ─► scan ─► exchange: faults' turns ─► pass │ keep │ hold │ swallow ─► upstream chain
//   client ◄─ downstream chain ◄─ pass │ keep │ hold │ swallow ◄─ faults' turns ◄─ scan ◄─ server
//
// Bytes that no fault touches leave as they came, in the same order. Exchanges answer in the order
// of their requests. What is not HTTP/1.1, or switches to something else (CONNECT, Upgrade), passes
// as it is from there on. Keeps at most, per direction, a head, what is kept for faults
// (HttpFault::kMaxKeptBody) and two reads.
//
// Borrows everything it is given. Proxy thread only.
class HttpRelay final : private net::AlarmEvents {
 public:
  struct Deps {
    const Clock& clock;
    net::AlarmQueue& alarms;
    HttpRelayEnds& ends;
    HttpRelayHost& host;
    std::uint64_t link;  // its accept ordinal
  };

  explicit HttpRelay(const Deps& deps);
  ~HttpRelay();
  HttpRelay(const HttpRelay&) = delete;
  HttpRelay& operator=(const HttpRelay&) = delete;

  // What was read from where the direction begins. Kept even when wants_data() is false.
  void on_data(Direction direction, std::string_view bytes);
  void on_end(Direction direction, EndKind kind);
  // A chain may have room again.
  void pump() { run(); }
  // Whether that side should be read.
  [[nodiscard]] bool wants_data(Direction direction) const;
  // The toxic goes: what it holds back goes on at once, what it has not done yet it does not do.
  // REQUIRES: the host's toxics() do not have it any more, because requests may begin here.
  void forget(const ToxicEntry& toxic);
  // A copy's answer is there whole, on the wire; nothing: it has none.
  void on_copy_answered(std::uint64_t number, std::optional<std::string> answer);
  // The link closes: exchanges that are not over are so now. Nothing is called any more, but the
  // host.
  void stop();

 private:
  using Found = net::HttpScanner::Found;
  using RequestState = HttpExchange::RequestState;
  using AnswerState = HttpExchange::AnswerState;
  struct Side {
    explicit Side(net::HttpScanner::Kind kind) : scanner(kind) {}
    [[nodiscard]] std::string_view input() const { return kept.empty() ? now : kept; }
    void consume(std::size_t bytes);
    net::HttpScanner scanner;
    std::string kept;      // read, not consumed
    std::string_view now;  // of the event under way; kept is empty then
    bool raw = false;      // bytes pass as they are
    bool end_passed = false;
    std::optional<EndKind> ended;
  };

  [[nodiscard]] Side& side(Direction direction) {
    return direction == Direction::kUpstream ? client_ : server_;
  }
  [[nodiscard]] TimePoint now() const { return deps_.clock.now(); }
  void pass(Direction direction, std::string_view bytes);
  void run();
  void on_alarm() override;
  // Whether that instant has come; if not, run() will be called then.
  bool is_time(TimePoint at);
  bool pass_raw(Direction direction);
  void count_untouched();
  // From now on everything passes as it is; exchanges end with the reason.
  void go_raw(const std::string& reason);
  bool pass_end(Direction direction);

  // Requests. What steps return: whether anything was done.
  bool step_request();
  [[nodiscard]] bool may_begin_request() const;
  void begin_exchange();
  void choose_faults(HttpExchange& exchange);
  void start_request(HttpExchange& exchange);
  void take_request_body(HttpExchange& exchange, std::string_view wire);
  void end_request(HttpExchange& exchange);
  [[nodiscard]] bool is_being_read(const HttpExchange& exchange) const {
    return reading_ && &exchange == &exchanges_.back();
  }
  void on_bad_request();
  void decide_request(HttpExchange& exchange);
  void release_request(HttpExchange& exchange);
  void ask_upstream(HttpExchange& exchange);
  void send_copies(HttpExchange& exchange, std::string request);
  bool step_end_of_requests();

  // Answers.
  bool step_answer();
  bool step_waiting(HttpExchange& exchange);
  bool begin_copy(HttpExchange& exchange);
  bool scan_answer(HttpExchange& exchange);
  void take_answer_head(HttpExchange& exchange);
  void take_answer_body(HttpExchange& exchange, std::string_view wire);
  void end_answer(HttpExchange& exchange);
  void on_bad_answer(HttpExchange& exchange);
  void decide_answer(HttpExchange& exchange);
  void release_answer(HttpExchange& exchange);
  bool send_body(HttpExchange& exchange);
  void finish_answer(HttpExchange& exchange);
  bool step_end_of_answers();
  // The upstream has ended inside this answer. Whether the exchange still goes on.
  bool on_answer_cut_short(HttpExchange& exchange);

  void fire(HttpExchange& exchange, std::size_t use, std::string detail = {});
  void fire_all(HttpExchange& exchange, HttpUse::State state);
  void close(HttpExchange& exchange, const HttpExchange::Close& how, std::string detail = {});
  void shut(HttpClose how);
  void end_first(const std::string& reason);
  void end_all(const std::string& reason);

  const Deps deps_;
  net::Alarm alarm_;
  Side client_{net::HttpScanner::Kind::kRequests};
  Side server_{net::HttpScanner::Kind::kAnswers};
  std::deque<HttpExchange> exchanges_;  // those that are not over, by request
  bool reading_ = false;                // the last one's request is not whole or not decided
  bool interim_ = false;                // the present answer is one of 1xx
  bool running_ = false;
  bool closed_ = false;
  bool untouched_ = false;                  // counted as such
  std::string why_over_;                    // of exchanges that end because the link does
  std::optional<TimePoint> message_began_;  // the first byte of the request that is being read
  std::optional<TimePoint> wakes_at_;
  std::uint64_t next_number_ = 0;
};

}  // namespace squall::faults
