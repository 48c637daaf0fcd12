// The workings of CurlEngine: which exchange is handed to libcurl when, and what comes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/curl_jars.hpp"
#include "loadgen/engine/curl_sockets.hpp"
#include "loadgen/engine/curl_transfer.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/native_timeouts.hpp"
#include "loadgen/engine/native_wakes.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// See CurlEngine, whose public functions are these. libcurl's callbacks take notes only
// (CurlTransfer); transfers are added and removed here, between two calls of libcurl.
class CurlCore {
 public:
  CurlCore(net::Loop& loop, const model::Plan& plan, unsigned connections);
  ~CurlCore();
  CurlCore(const CurlCore&) = delete;
  CurlCore& operator=(const CurlCore&) = delete;

  void submit(Exchange& exchange, TimePoint now);
  void take_completed(std::vector<Exchange*>& out);
  void abandon_all(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  void on_time(TimePoint now);
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::size_t connections() const { return sockets_.open_sockets(); }
  [[nodiscard]] EngineCounters take_counters();
  void forget_user(std::uint64_t user) { jars_.forget(user); }

 private:
  using How = model::AttemptClass;

  struct Waiting {
    Exchange* exchange = nullptr;
    std::uint64_t ticket = 0;  // order over all endpoints
  };
  struct Place {
    CurlEndpoint endpoint;
    std::deque<Waiting> queue;
  };
  // A pooled handle with its places in the lists of timeouts.
  struct Slot final : CurlTransfer {
    explicit Slot(Place& of) : CurlTransfer(of.endpoint), place(of) {
      timeout.slot = connecting.slot = this;
    }
    struct Link : TimeoutLink {
      Slot* slot = nullptr;
    };
    Place& place;
    Link timeout;
    Link connecting;
    std::uint64_t opened_before = 0;  // sockets of its endpoint, when it began
  };

  [[nodiscard]] Place& place_of(const Exchange& exchange);
  [[nodiscard]] std::size_t busy_sockets() const;
  // Whether it can begin now without waiting inside libcurl.
  [[nodiscard]] bool has_room(const CurlEndpoint& endpoint, const Exchange& exchange) const;
  void start_or_queue(Exchange& exchange, TimePoint now);
  void start(Place& place, Exchange& exchange, TimePoint now);
  // Lets libcurl go on with what has just begun, takes what has ended, starts what has waited.
  void settle();
  void reap();
  bool start_waiting();
  [[nodiscard]] Slot& take_slot(Place& place);

  // curl_barrier.cpp
  void look_at_barrier(Exchange& exchange);
  void leave_barrier(const Exchange& exchange, const Slot* slot);
  bool release_together();

  void finish(Slot& slot, CURLcode code, TimePoint now);
  void end(Slot& slot, How how, std::string_view detail, TimePoint now);
  void take_notes(const Slot& slot, TimePoint now);
  void retire(Slot& slot);
  void finish_unsent(Exchange& exchange, How how, std::string_view detail, TimePoint now);
  void hand_back(Exchange& exchange, How how, TimePoint now);
  // No connection was opened for it: it has gone, or is to go, on one that others have, too.
  [[nodiscard]] static bool shares(const Slot& slot);
  void time_out(Slot& slot, TimePoint now);
  void time_out_connecting(Slot& slot, TimePoint now);
  void wake_held(Exchange& exchange, TimePoint now);

  const unsigned max_connections_;
  unsigned max_streams_ = 1;
  // Before the sockets: their close callbacks count here.
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<std::size_t> first_of_target_;
  std::vector<CurlEndpoint*> multiplexing_;
  CurlJars jars_;
  CurlSockets sockets_;
  std::vector<std::unique_ptr<Slot>> slots_;

  std::size_t serial_active_ = 0;  // transfers that have a connection of their own
  std::size_t waiting_ = 0;
  std::size_t in_flight_ = 0;
  std::uint64_t next_ticket_ = 0;
  bool settling_ = false;
  TimeoutLists timeouts_;
  WakeHeap held_;
  std::vector<Slot*> at_barrier_;  // under way, and held or to be held before the last byte
  std::vector<Exchange*> completed_;
  EngineCounters counters_;
};

}  // namespace squall::engine
