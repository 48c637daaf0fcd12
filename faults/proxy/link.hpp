// One accepted connection and its own connection to the server, and what goes between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "faults/proxy/chain.hpp"
#include "faults/proxy/direction.hpp"
#include "faults/proxy/http/http_relay.hpp"
#include "loadgen/net/lookup.hpp"
#include "loadgen/net/socket_address.hpp"
#include "loadgen/net/stream.hpp"
#include "loadgen/net/tcp_listener.hpp"

namespace squall::faults {

class Link;

// Both directions of a link or proxy, live.
struct DirectionCounters {
  std::uint64_t received_bytes = 0;  // read from the side where the direction begins
  std::uint64_t sent_bytes = 0;      // handed to the socket where it ends
};

// What a link tells its proxy.
class LinkOwner {
 public:
  // Both sides are there, their handshakes included; no byte has passed yet. The stages are added
  // now.
  virtual void on_link_open(Link& link) = 0;
  // `problem` names the address; on_link_closed follows.
  virtual void on_dial_failed(Link& link, const std::string& problem) = 0;
  // A handshake, or later a connection, has failed for a reason of TLS; `problem` names the side.
  virtual void on_tls_failed(Link& link, const std::string& problem) = 0;
  // A side has ended without TLS's close_notify: nobody knows whether it had said everything.
  virtual void on_tls_truncated(Link& link) = 0;
  virtual void on_toxic_fired(Link& link, ToxicEntry& toxic) = 0;
  // The link may be destroyed here.
  virtual void on_link_closed(Link& link) = 0;
  virtual DirectionCounters& counters(Direction direction) = 0;

 protected:
  ~LinkOwner() = default;
};

// How the end of one side reaches the other.
enum class Ends : std::uint8_t {
  kCloseBoth,  // as Toxiproxy: any end or reset closes the other side with FIN, and then itself
  kKept,       // FIN is passed on as FIN and the other direction goes on; RST as RST
};

//            ┌────────── upstream chain ─────────►┐
//   client ──┤                                    ├── server
//            └◄───────── downstream chain ────────┘
//
// A side may speak TLS: the chains have plaintext then. An end without a close_notify stays one
// when it is passed on to a side with TLS.
//
// In HTTP mode an HttpRelay lies between what is read and both chains.
//
// Owns its sockets. Borrows everything else. Proxy thread only. Destroying it closes both sides
// with FIN.
class Link final {
 public:
  struct Deps {
    net::Loop& loop;
    const Clock& clock;
    net::AlarmQueue& alarms;
    LinkOwner& owner;
    HttpRelayHost* http = nullptr;                        // of a proxy in HTTP mode
    Duration handshake_limit = std::chrono::seconds(30);  // of links with TLS, from accept() on
  };

  Link(const Deps& deps, std::uint64_t ordinal, Ends ends);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // 0 or errno. Reads no data before the server is there. The client speaks TLS with `tls` unless
  // that is null; it must outlive the link. REQUIRES: called from the listener's on_connection,
  // once.
  [[nodiscard]] int accept(net::TcpListener& listener, net::TlsServer* tls = nullptr);
  // Connects to the first address that answers; `host` is looked up when it is a name. The outcome
  // comes by the owner's functions, possibly from inside this one: the link may be gone then. `tls`
  // as for accept().
  void dial(const std::string& host, std::uint16_t port, net::TlsClient* tls = nullptr);
  // RST to the client, which then has no link.
  void refuse();

  // Position in the order of accepted connections of the proxy, from 0.
  [[nodiscard]] std::uint64_t ordinal() const { return ordinal_; }
  [[nodiscard]] Chain& chain(Direction direction) { return flow(direction).chain; }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] bool is_closed() const { return closed_; }
  // One side is not read at present, because what came from it waits for a toxic or a receiver.
  [[nodiscard]] bool is_held() const { return open_ && (client_.paused || server_.paused); }
  // Null unless in HTTP mode.
  [[nodiscard]] HttpRelay* http() { return http_ == nullptr ? nullptr : &http_->relay; }
  // After the chains were changed from outside: reads or stops reading as they want. The link may
  // have closed meanwhile; on_link_closed is not called for that.
  void update_reading();

 private:
  // One end of the link; reads into the chain of its direction.
  struct Side final : net::TcpEvents {
    Side(Link& link_of, Direction direction)
        : link(link_of), reads(direction), stream(link_of.deps_.loop, *this) {}
    void on_connected() override { link.on_ready(*this); }
    void on_data(std::string_view bytes) override;
    void on_end() override;
    void on_failure(net::TcpEvents::Side side, int error) override;
    void on_sent() override;
    // A system call, but only from when it is read again to when something was read.
    [[nodiscard]] bool has_left();

    Link& link;
    const Direction reads;
    bool ready = false;  // connected, hands shaken
    bool paused = true;
    bool behind = true;  // since it was paused nothing was read: its end may wait in the kernel
    bool write_failed = false;
    bool cut = false;  // ended without a close_notify
    net::Stream stream;
  };
  // One direction.
  struct Flow final : ChainEnds {
    Flow(Link& link_of, Direction which)
        : link(link_of),
          direction(which),
          chain(link_of.deps_.clock, link_of.deps_.alarms, *this) {}
    [[nodiscard]] bool ready() const override;
    void write(std::string_view bytes) override;
    void finish(EndKind kind) override;
    void reset() override;
    void on_fired(ToxicEntry& toxic, bool first_time) override;
    void after_alarm() override { link.settle(); }

    Link& link;
    const Direction direction;
    Chain chain;
  };
  struct Dial;
  struct Http final : HttpRelayEnds {
    Http(Link& link_of, HttpRelayHost& host)
        : link(link_of), relay({link.deps_.clock, link.deps_.alarms, *this, host, link.ordinal_}) {}
    void pass(Direction direction, std::string_view bytes) override;
    [[nodiscard]] bool has_room(Direction direction) override {
      return link.flow(direction).chain.wants_data();
    }
    [[nodiscard]] bool has_left(Direction direction) override {
      return link.source(direction).has_left();
    }
    void end(Direction direction, EndKind kind) override { link.flow(direction).chain.end(kind); }
    void after_alarm() override { link.settle(); }

    Link& link;
    HttpRelay relay;
  };

  [[nodiscard]] Side& source(Direction direction) {
    return direction == Direction::kUpstream ? client_ : server_;
  }
  [[nodiscard]] Side& sink(Direction direction) { return source(opposite(direction)); }
  [[nodiscard]] Flow& flow(Direction direction) {
    return direction == Direction::kUpstream ? upstream_ : downstream_;
  }
  void on_addresses(Result<std::vector<net::SocketAddress>> addresses);
  void dial_next(std::string problem);
  void fail_dial(const std::string& problem);
  void on_ready(Side& side);
  void on_handshake_limit();
  // With TLS's own words, or empty ones. REQUIRES: not closed.
  void report_tls_failure(const Side& side, std::string_view problem);
  // What a side has sent, to the relay or straight into the chain.
  void take(Direction direction, std::string_view bytes);
  void take_end(Direction direction, EndKind kind);
  void on_write_failure(Side& side);
  void read_as_wanted(Direction direction);
  void pump_http();
  void close();
  // The last thing that an event does: the link may be gone afterwards.
  void settle();

  const Deps deps_;
  const std::uint64_t ordinal_;
  const Ends ends_;
  bool open_ = false;    // both sides are connected
  bool closed_ = false;  // nothing is done any more
  Side client_;
  Side server_;
  Flow upstream_;
  Flow downstream_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Http> http_;
};

}  // namespace squall::faults
