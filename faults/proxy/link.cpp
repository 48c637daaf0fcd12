#include "faults/proxy/link.hpp"

#include <cerrno>
#include <utility>

#include <fmt/core.h>

#include "faults/proxy/proxy_address.hpp"
#include "loadgen/net/loop.hpp"

namespace squall::faults {

// What there is until the link is open.
struct Link::Dial final : net::AlarmEvents {
  explicit Dial(Link& link_of) : link(link_of), limit(link_of.deps_.alarms, *this) {}
  void on_alarm() override { link.on_handshake_limit(); }

  Link& link;
  net::Alarm limit;
  net::TlsClient* tls = nullptr;
  std::unique_ptr<net::Lookup> lookup = {};
  std::vector<net::SocketAddress> addresses = {};
  std::size_t next = 0;
};

Link::Link(const Deps& deps, std::uint64_t ordinal, Ends ends)
    : deps_(deps),
      ordinal_(ordinal),
      ends_(ends),
      client_(*this, Direction::kUpstream),
      server_(*this, Direction::kDownstream),
      upstream_(*this, Direction::kUpstream),
      downstream_(*this, Direction::kDownstream) {
  client_.stream.pause_reading();
  server_.stream.pause_reading();
  if (deps_.http != nullptr) {
    http_ = std::make_unique<Http>(*this, *deps_.http);
  }
}

Link::~Link() = default;

int Link::accept(net::TcpListener& listener, net::TlsServer* tls) {
  const int error = client_.stream.accept(listener, tls);
  client_.stream.set_read_limit(Chunk::kMaxBytes);
  client_.ready = tls == nullptr;
  return error;
}

void Link::dial(const std::string& host, std::uint16_t port, net::TlsClient* tls) {
  dial_ = std::make_unique<Dial>(*this);
  dial_->tls = tls;
  if (tls != nullptr || !client_.ready) {
    dial_->limit.set(deps_.clock.now() + deps_.handshake_limit);
  }
  if (auto known = known_addresses(host, port); !known.empty()) {
    on_addresses(std::move(known));
    return;
  }
  dial_->lookup = std::make_unique<net::Lookup>(
      deps_.loop, host, port,
      [this](Result<std::vector<net::SocketAddress>> found) { on_addresses(std::move(found)); });
}

void Link::on_addresses(Result<std::vector<net::SocketAddress>> addresses) {
  if (!addresses) {
    fail_dial(addresses.error().message);
    return;
  }
  dial_->addresses = std::move(*addresses);
  dial_next("");
}

void Link::dial_next(std::string problem) {
  while (dial_->next < dial_->addresses.size()) {
    const net::SocketAddress& to = dial_->addresses[dial_->next++];
    const int error = server_.stream.connect(to, dial_->tls);
    if (error == 0) {
      server_.stream.set_read_limit(Chunk::kMaxBytes);
      return;
    }
    problem = connect_problem(to, error);
  }
  fail_dial(problem);
}

void Link::fail_dial(const std::string& problem) {
  deps_.owner.on_dial_failed(*this, problem);
  close();
  settle();
}

void Link::on_ready(Side& side) {
  side.ready = true;
  if (!client_.ready || !server_.ready) {
    return;
  }
  dial_.reset();
  open_ = true;
  deps_.owner.on_link_open(*this);
  settle();
}

void Link::on_handshake_limit() {
  const Side& late = server_.ready ? client_ : server_;
  report_tls_failure(
      late, fmt::format("hands were not shaken within {} s", to_seconds(deps_.handshake_limit)));
  close();
  settle();
}

void Link::report_tls_failure(const Side& side, std::string_view problem) {
  const std::string who =
      &side == &client_ ? "client"
      : dial_ != nullptr && dial_->next > 0
          ? fmt::format("upstream {}", dial_->addresses[dial_->next - 1].to_string())
          : "upstream";
  deps_.owner.on_tls_failed(*this, fmt::format("tls {}: {}", who, problem));
}

void Link::refuse() {
  client_.stream.close_reset();
  closed_ = true;
}

void Link::Side::on_data(std::string_view bytes) {
  behind = false;
  link.deps_.owner.counters(reads).received_bytes += bytes.size();
  link.take(reads, bytes);
  link.settle();
}

void Link::Side::on_end() {
  cut = !stream.ended_in_order();
  if (cut) {
    link.deps_.owner.on_tls_truncated(link);
  }
  link.take_end(reads, EndKind::kEnd);
  link.settle();
}

void Link::Side::on_failure(net::TcpEvents::Side side, int error) {
  const bool by_tls =
      side == net::TcpEvents::Side::kConnect ? !stream.problem().empty() : error == EPROTO;
  if (by_tls) {
    link.report_tls_failure(*this, stream.problem());
  }
  switch (side) {
    case net::TcpEvents::Side::kConnect: {
      if (by_tls) {
        link.close();  // another address would not make the peer another one
        break;
      }
      stream.close_fin();
      const net::SocketAddress& tried = link.dial_->addresses[link.dial_->next - 1];
      link.dial_next(connect_problem(tried, error));
      return;
    }
    case net::TcpEvents::Side::kRead:
      link.take_end(reads, link.ends_ == Ends::kKept ? EndKind::kReset : EndKind::kEnd);
      break;
    case net::TcpEvents::Side::kWrite:
      link.on_write_failure(*this);
      link.flow(opposite(reads)).chain.pump();
      break;
  }
  link.settle();
}

void Link::Side::on_sent() {
  link.flow(opposite(reads)).chain.pump();
  link.settle();
}

bool Link::Side::has_left() {
  if (write_failed || !behind) {
    return write_failed;
  }
  const net::Stream::Probe found = stream.readable_now();
  return found == net::Stream::Probe::kEnd || found == net::Stream::Probe::kError;
}

void Link::take(Direction direction, std::string_view bytes) {
  if (http_ != nullptr) {
    http_->relay.on_data(direction, bytes);
  } else {
    flow(direction).chain.push(bytes);
  }
}

void Link::take_end(Direction direction, EndKind kind) {
  if (http_ != nullptr) {
    http_->relay.on_end(direction, kind);
  } else {
    flow(direction).chain.end(kind);
  }
}

void Link::Http::pass(Direction direction, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view chunk = bytes.substr(0, Chunk::kMaxBytes);
    link.flow(direction).chain.push(chunk);
    bytes.remove_prefix(chunk.size());
  }
}

// What goes to this side is lost from now on. What it sent before can still be read, and ends the
// link when it has passed.
void Link::on_write_failure(Side& side) {
  side.write_failed = true;
  if (flow(side.reads).chain.is_done()) {
    close();
  }
}

bool Link::Flow::ready() const {
  const Side& to = link.sink(direction);
  return link.closed_ || to.write_failed || to.stream.queued_bytes() == 0;
}

void Link::Flow::write(std::string_view bytes) {
  Side& to = link.sink(direction);
  if (link.closed_ || to.write_failed) {
    return;
  }
  const net::Stream::Written written = to.stream.write(bytes);
  link.deps_.owner.counters(direction).sent_bytes +=
      written.error == 0 ? bytes.size() : written.taken;
  if (written.error != 0) {
    link.on_write_failure(to);
  }
}

void Link::Flow::finish(EndKind kind) {
  if (link.closed_) {
    return;
  }
  Side& to = link.sink(direction);
  Flow& other = link.flow(opposite(direction));
  const auto farewell =
      link.source(direction).cut ? net::Stream::Farewell::kCut : net::Stream::Farewell::kInOrder;
  if (kind == EndKind::kReset) {
    to.stream.close_reset();
    link.close();
    return;
  }
  if (other.chain.is_done()) {
    to.stream.close_fin(farewell);
    link.close();
    return;
  }
  if (kind == EndKind::kHalfEnd || link.ends_ == Ends::kKept) {
    // Fails only when the other side is gone already, which reading tells.
    static_cast<void>(to.stream.shutdown_write(farewell));
    return;
  }
  to.stream.close_fin(farewell);
  other.chain.end(EndKind::kEnd);
}

void Link::Flow::reset() {
  link.client_.stream.close_reset();
  link.server_.stream.close_reset();
  link.close();
}

void Link::Flow::on_fired(ToxicEntry& toxic, bool first_time) {
  if (first_time) {
    link.deps_.owner.on_toxic_fired(link, toxic);
  }
}

void Link::update_reading() {
  pump_http();
  read_as_wanted(Direction::kUpstream);
  read_as_wanted(Direction::kDownstream);
}

void Link::read_as_wanted(Direction direction) {
  Side& from = source(direction);
  const bool pause = closed_ || !open_ || !flow(direction).chain.wants_data() ||
                     (http_ != nullptr && !http_->relay.wants_data(direction));
  if (pause == from.paused || !from.stream.is_open()) {
    return;
  }
  from.paused = pause;
  from.behind = true;
  pause ? from.stream.pause_reading() : from.stream.resume_reading();
}

void Link::close() {
  closed_ = true;
  upstream_.chain.stop();
  downstream_.chain.stop();
  if (http_ != nullptr) {
    http_->relay.stop();
  }
  client_.stream.close_fin();
  server_.stream.close_fin();
}

// A chain may have room again.
void Link::pump_http() {
  if (http_ != nullptr && open_ && !closed_) {
    http_->relay.pump();
  }
}

void Link::settle() {
  pump_http();
  if (closed_) {
    deps_.owner.on_link_closed(*this);
    return;
  }
  read_as_wanted(Direction::kUpstream);
  read_as_wanted(Direction::kDownstream);
}

}  // namespace squall::faults
