// One socket of the native engine, and the endpoints that sockets belong to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/native_script.hpp"
#include "loadgen/engine/native_timeouts.hpp"
#include "loadgen/net/http_response_parser.hpp"
#include "loadgen/net/socket_address.hpp"
#include "loadgen/net/stream.hpp"
#include "loadgen/net/tls_context.hpp"

namespace squall::engine {

class NativeCore;
struct NativeEndpoint;

// A slot for a socket; used again for another one after its close. Carries at most one exchange.
// Owned by NativeCore, which holds all logic; here is only what is remembered.
struct Connection final : net::TcpEvents {
  enum class State : std::uint8_t { kClosed, kConnecting, kBusy, kIdle };
  // What a busy connection's sender waits for before it goes on with the script.
  enum class Waits : std::uint8_t {
    kNothing,
    kKernel,
    kHold,
    kDelivery,
    kBarrier,
    kPause,
    kTrickle,
    kTurn,  // other connections have theirs before a long body goes on
  };

  Connection(NativeCore& owner, net::Loop& loop) : core(owner), stream(loop, *this) {
    timeout.owner = this;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() = default;

  void on_connected() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_failure(Side side, int error) override;
  void on_sent() override;

  NativeCore& core;
  net::Stream stream;
  net::HttpResponseParser parser;
  std::uint32_t header_limit = net::HttpResponseParser::kDefaultHeaderLimit;  // the parser's
  State state = State::kClosed;
  bool reused = false;  // it has carried an exchange before this one
  std::uint64_t id = 0;
  NativeEndpoint* endpoint = nullptr;

  // While idle
  TimePoint idle_since{};
  Connection* older = nullptr;
  Connection* newer = nullptr;

  // While it carries an exchange
  Exchange* exchange = nullptr;
  TimeoutLink timeout;
  TimePoint deadline = kNever;  // of the exchange; the link's may be the connect timeout's
  std::size_t offered = 0;      // bytes of the request given to the stream
  std::size_t addresses_tried = 0;
  Waits waits = Waits::kNothing;
  std::uint32_t token = 0;  // names the current wake; old ones are void

  // While that exchange asks for more than a plain request
  bool special = false;      // script, barrier, a streamed body or a certain connection
  bool scripted = false;     // script, barrier or a streamed body: `steps` are this exchange's
  bool same_missed = false;  // another connection than the wanted one
  bool barrier_counted = false;
  bool barrier_kept = false;  // its last byte left with the others'
  bool response_cut_due = false;
  std::size_t next_step = 0;
  ScriptSteps steps;
  TimePoint delivery_deadline{};
  Duration delivery_poll{};
  std::uint64_t pieces_sent = 0;  // of a trickle
  std::size_t piece_end = 0;      // of the piece that is on its way, or was
  bool piece_due = false;         // its pause, or something longer, was waited

  // While it reads slowly
  bool reads_slowly = false;
  bool reader_rests = false;
  TimePoint read_due{};
  std::uint32_t read_token = 0;  // as `token`, of the reader
};

// A replica of a target: where it is, its limits, its idle connections (the newest is used first,
// so that the others age and are closed).
struct NativeEndpoint {
  std::vector<net::SocketAddress> addresses;  // empty: the name could not be resolved
  bool is_loopback = false;                   // all of them
  std::size_t preferred = 0;                  // the address that answered last
  bool reached = false;                       // a connection to it has been there
  std::string problem;                        // why nothing can be sent there
  std::unique_ptr<net::TlsClient> tls;        // null without TLS
  Duration connect_timeout{};                 // zero: none of its own
  Duration idle_limit{};
  std::uint32_t max_header = 0;  // bytes
  std::uint64_t max_body_kept = 0;

  Connection* oldest = nullptr;
  Connection* newest = nullptr;

  void push_idle(Connection& connection);
  void remove_idle(Connection& connection);
};

// Resolves every replica of every target, in order of targets, and reads what their TLS needs;
// blocks meanwhile.
// `first_of_target[t]` is the index of target t's replica 0.
struct NativeEndpoints {
  explicit NativeEndpoints(const model::Plan& plan);
  [[nodiscard]] NativeEndpoint& of(const Exchange& exchange);
  // What was seen of TLS since the last call, by target; empty when nothing was.
  [[nodiscard]] std::vector<model::TlsUse> take_tls();

  std::vector<std::unique_ptr<net::TlsContext>> contexts;  // of targets behind TLS
  std::vector<NativeEndpoint> all;
  std::vector<std::size_t> first_of_target;
};

}  // namespace squall::engine
