// A receiver of webhooks in this process, right or wrong in one way at a time, and the oracle that
// sees what it did.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "loadgen/model/oracle.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::verify {

// What the receiver does about events that come again or in another order. By default everything
// that it should.
struct ReceiverHabits {
  // kProcess: known until it crashes.
  enum class Knows { kNothing, kProcess, kForever } knows = Knows::kForever;
  bool durable = true;  // false: what an event does is kept when the next one comes, not before
  // Of a "later" event whose earlier one did not come.
  enum class Early { kRemembered, kRefused, kBooked } early = Early::kRemembered;
  int again_status = 200;  // of an event that is known
};

// POST {"id","type","token"}; type "made" has an effect, "changed" is a later event. Any thread.
class EventReceiver {
 public:
  explicit EventReceiver(ReceiverHabits habits);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  // What the process remembers is gone.
  void crash();
  [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> effects() const;

 private:
  net::ServerReply receive(const net::ServerRequest& request);
  // Whether it was not known; remembers it.
  bool is_new(const std::string& event);

  const ReceiverHabits habits_;
  mutable std::mutex mutex_;
  std::set<std::string> known_;
  std::map<std::string, std::uint64_t, std::less<>> effects_;
  std::map<std::string, std::uint64_t, std::less<>> not_kept_;  // yet, of `effects_`
  std::unique_ptr<net::HttpServer> server_;                     // last: its thread calls the rest
};

class ReceiverOracle final : public model::Oracle {
 public:
  explicit ReceiverOracle(const EventReceiver& receiver) : receiver_(receiver) {}
  Result<void> start(const model::OracleContext& /*context*/) override { return {}; }
  Result<model::OracleReading> read(std::span<const std::string> /*keys*/,
                                    Duration /*budget*/) override {
    model::OracleReading reading;
    reading.counts = receiver_.effects();
    return reading;
  }

 private:
  const EventReceiver& receiver_;
};

}  // namespace squall::verify
