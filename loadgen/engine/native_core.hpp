// The workings of NativeEngine: which exchange goes on which connection, and what a connection does
// when something happens.
//
//   native_core.cpp        lending: submit, start, finish, abandon
//   native_pool.cpp        connections: pick, open, keep, close, age
//   native_answer.cpp      events of a connection: connected, answer bytes, end, failure
//   native_steps.cpp       sending: plain requests, script steps, barrier, cut
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/native_connection.hpp"
#include "loadgen/engine/native_engine.hpp"
#include "loadgen/engine/native_timeouts.hpp"
#include "loadgen/engine/native_waiting.hpp"
#include "loadgen/engine/native_wakes.hpp"

namespace squall::engine {

// See NativeEngine, whose public functions are these. Nothing here calls out to the user: what
// ended is collected, so no function has to expect that the engine is gone or changed when it
// returns from a call.
class NativeCore {
 public:
  NativeCore(net::Loop& loop, const model::Plan& plan, unsigned max_connections);
  ~NativeCore();
  NativeCore(const NativeCore&) = delete;
  NativeCore& operator=(const NativeCore&) = delete;

  void submit(Exchange& exchange, TimePoint now);
  void take_completed(std::vector<Exchange*>& out);
  void abandon_all(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  void on_time(TimePoint now);
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::size_t connections() const { return open_; }
  [[nodiscard]] EngineCounters take_counters();

  // Events of a connection.
  void on_connected(Connection& c);
  void on_data(Connection& c, std::string_view bytes);
  void on_end(Connection& c);
  void on_failure(Connection& c, net::TcpEvents::Side side, int error);
  void on_sent(Connection& c);

 private:
  using How = model::AttemptClass;
  enum class After : std::uint8_t { kKeep, kClose, kReset };

  // Lending. start() is false when there is no connection to be had now.
  bool start(Exchange& exchange, TimePoint now);
  bool start_on_same(Exchange& exchange, TimePoint now);
  void start_or_queue(Exchange& exchange, TimePoint now);
  void serve_waiting(TimePoint now);
  // Ends the exchange of a busy or connecting connection.
  void finish(Connection& c, How how, TimePoint now, std::string_view reason, After after);
  void finish_unsent(Exchange& exchange, How how, TimePoint now, std::string_view reason);
  void hand_back(Exchange& exchange, How how, TimePoint now);
  // The exchange had nothing sent on a connection that turned out to be dead: on to a new one.
  void move_to_fresh(Connection& c, TimePoint now);
  static void settle_fault(const Connection& c);
  void time_out(Connection& c, TimePoint now);

  // Pool.
  Connection* pick(NativeEndpoint& endpoint, const Exchange& exchange, TimePoint now);
  bool usable(Connection& c, const Exchange& exchange, TimePoint now);
  bool make_room();
  void open(NativeEndpoint& endpoint, Exchange& exchange, TimePoint now);
  Connection& closed_slot(const NativeEndpoint& endpoint);
  // False when it did not even start; `error` says why.
  bool connect(Connection& c, int& error);
  bool try_next_address(Connection& c, int& error);
  // No connection, with the error of the last address.
  void finish_unconnected(Connection& c, int error, TimePoint now);
  void keep(Connection& c, TimePoint now);
  void close(Connection& c, After after);
  void close_idle(Connection& c);
  void reap_idle(TimePoint now);

  // Sending.
  void assign(Connection& c, Exchange& exchange, TimePoint now);
  void prepare(Connection& c, Exchange& exchange, TimePoint now);
  static void begin_script(Connection& c);
  void send(Connection& c);
  // The kernel took less than all and reported an error.
  void write_refused(Connection& c, const net::TcpStream::Written& written, TimePoint now);
  // Accounts for what the kernel has taken of the queued bytes since.
  void note_progress(Connection& c);

  // The script. advance() sends and does steps until the connection waits, the request is out or
  // the exchange is over.
  void advance(Connection& c);
  // False when the exchange is over, the kernel did not take all, or a long body waits for the next
  // turn.
  bool send_up_to(Connection& c, std::size_t stop);
  bool offer(Connection& c, std::string_view bytes, net::TcpStream::Lifetime lifetime);
  // False when the connection waits or the exchange is over.
  bool do_step(Connection& c, const ScriptStep& step, TimePoint now);
  void wait_until(Connection& c, Connection::Waits waits, TimePoint until);
  void wake(Connection& c, TimePoint now);
  void wake_for_delivery(Connection& c, TimePoint now);
  // It waits until the peer has the whole request, for a cut.
  [[nodiscard]] static bool awaits_whole_delivery(const Connection& c);
  // The peer's kernel.
  [[nodiscard]] static bool has_all_that_was_sent(const Connection& c);
  [[nodiscard]] static bool is_delivered(const Connection& c, const ScriptStep& step);
  bool arrive(Connection& c);
  void count_at_barrier(Barrier& barrier);
  void cut(Connection& c, TimePoint now);

  // A pause of a trickle comes before what is to be sent next; it is waited now.
  bool pauses_before_piece(Connection& c, TimePoint now);

  // Answers.
  void begin_slow_read(Connection& c);
  void end_slow_read(Connection& c);
  void rest_after_read(Connection& c, std::size_t bytes, TimePoint now);
  void read_on(Connection& c);
  // A hold of the script keeps the answer from being read.
  [[nodiscard]] static bool holds_answer(const Connection& c);
  void read_answer(Connection& c, std::string_view bytes, TimePoint now);
  // The script has other plans for what the peer says than to read it as an answer.
  bool script_takes(Connection& c, TimePoint now);
  bool cut_if_delivered(Connection& c);
  void connection_lost(Connection& c, How how, TimePoint now, std::string_view reason);

  net::Loop& loop_;
  const std::size_t max_connections_;
  NativeEndpoints endpoints_;
  std::vector<std::unique_ptr<Connection>> slots_;
  std::vector<Connection*> closed_;
  std::size_t open_ = 0;
  std::uint64_t next_id_ = 1;

  WaitingQueue waiting_;
  std::size_t in_flight_ = 0;
  bool serving_ = false;
  bool abandoning_ = false;
  TimeoutLists timeouts_;
  WakeHeap wakes_;
  TimePoint idle_check_ = kNever;
  std::vector<Connection*> at_barrier_;
  std::vector<Exchange*> completed_;
  EngineCounters counters_;
  std::vector<char> chunk_;  // of a streamed body
};

// "connection refused (ECONNREFUSED)", for an errno value.
[[nodiscard]] std::string describe_errno(int error);
// The same, or what TLS says, when it has something to say about the connection's failure.
[[nodiscard]] std::string describe_failure(const Connection& c, int error);

}  // namespace squall::engine
