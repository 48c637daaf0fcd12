#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/engine/native_core.hpp"

namespace squall::engine {
namespace {

// The loop reads idle connections all the time, so that what it saw in its last turn is nearly as
// good as a look now. After a longer rest a look costs nothing that matters. Requests that ask for
// effects look in any case: what they write to a dead connection may or may not have happened.
constexpr Duration kTrustedRest = std::chrono::milliseconds(1);

// Whether another address of the same name may do better.
bool is_about_address(int error) {
  return error == ECONNREFUSED || error == ENETUNREACH || error == EHOSTUNREACH ||
         error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == ECONNRESET ||
         error == EACCES || error == EPERM || error == ETIMEDOUT;
}

}  // namespace

std::string describe_errno(int error) {
  const char* const name = ::strerrorname_np(error);
  return fmt::format("{} ({})", uv_strerror(-error), name == nullptr ? "unknown" : name);
}

std::string describe_failure(const Connection& c, int error) {
  const std::string_view problem = c.stream.problem();
  return problem.empty() ? describe_errno(error) : std::string(problem);
}

bool NativeCore::usable(Connection& c, const Exchange& exchange, TimePoint now) {
  const Duration rest = now - c.idle_since;
  if (rest > c.endpoint->idle_limit) {
    close_idle(c);
    return false;
  }
  if (rest <= kTrustedRest && !exchange.once) {
    return true;
  }
  switch (c.stream.readable_now()) {
    case net::TcpStream::Probe::kNothing:
      return true;
    case net::TcpStream::Probe::kData:
      counters_.unsolicited_bytes += c.stream.unread_bytes();
      break;
    case net::TcpStream::Probe::kEnd:
    case net::TcpStream::Probe::kError:
      ++counters_.closed_before_send;
      break;
  }
  close_idle(c);
  return false;
}

Connection* NativeCore::pick(NativeEndpoint& endpoint, const Exchange& exchange, TimePoint now) {
  while (Connection* const c = endpoint.newest) {
    if (usable(*c, exchange, now)) {
      endpoint.remove_idle(*c);
      return c;
    }
  }
  return nullptr;
}

bool NativeCore::make_room() {
  if (open_ < max_connections_) {
    return true;
  }
  Connection* longest_idle = nullptr;
  for (const NativeEndpoint& endpoint : endpoints_.all) {
    Connection* const c = endpoint.oldest;
    if (c != nullptr && (longest_idle == nullptr || c->idle_since < longest_idle->idle_since)) {
      longest_idle = c;
    }
  }
  if (longest_idle == nullptr) {
    return false;
  }
  close_idle(*longest_idle);
  return true;
}

Connection& NativeCore::closed_slot(const NativeEndpoint& endpoint) {
  if (closed_.empty()) {
    slots_.push_back(std::make_unique<Connection>(*this, loop_));
    closed_.push_back(slots_.back().get());
  }
  Connection& c = *closed_.back();
  closed_.pop_back();
  if (c.header_limit != endpoint.max_header) {
    c.parser = net::HttpResponseParser(endpoint.max_header);
    c.header_limit = endpoint.max_header;
  }
  return c;
}

void NativeCore::open(NativeEndpoint& endpoint, Exchange& exchange, TimePoint now) {
  Connection& c = closed_slot(endpoint);
  c.endpoint = &endpoint;
  c.id = next_id_++;
  c.reused = false;
  c.state = Connection::State::kConnecting;
  c.addresses_tried = 0;
  ++open_;
  prepare(c, exchange, now);
  if (exchange.script != nullptr && exchange.script->slow_read) {
    begin_slow_read(c);
  }
  const Duration limit = endpoint.connect_timeout;
  if (limit > Duration{} && now + limit < c.deadline) {
    TimeoutLists::remove(c.timeout);
    timeouts_.add(c.timeout, limit, now + limit);
  }
  int error = 0;
  if (!connect(c, error)) {
    finish_unconnected(c, error, now);
  }
}

void NativeCore::finish_unconnected(Connection& c, int error, TimePoint now) {
  if (error == EMFILE || error == ENFILE) {
    ++counters_.out_of_descriptors;
  }
  // Of an address that was never reached the same error says that this host has no such network.
  if (error == EADDRNOTAVAIL && c.endpoint->reached) {
    ++counters_.out_of_ports;
  }
  const How how = error == ETIMEDOUT ? How::kTimeout : How::kRefused;
  finish(c, how, now, describe_failure(c, error), After::kClose);
}

bool NativeCore::connect(Connection& c, int& error) {
  const auto& addresses = c.endpoint->addresses;
  const std::size_t index = (c.endpoint->preferred + c.addresses_tried) % addresses.size();
  ++c.addresses_tried;
  error = c.stream.connect(addresses[index], c.endpoint->tls.get());
  return error == 0 || try_next_address(c, error);
}

bool NativeCore::try_next_address(Connection& c, int& error) {
  if (!is_about_address(error) || c.addresses_tried >= c.endpoint->addresses.size()) {
    return false;
  }
  c.stream.close_fin();
  return connect(c, error);
}

void NativeCore::keep(Connection& c, TimePoint now) {
  c.state = Connection::State::kIdle;
  c.reused = true;
  c.idle_since = now;
  c.endpoint->push_idle(c);
  idle_check_ = std::min(idle_check_, now + c.endpoint->idle_limit + Duration(1));
}

void NativeCore::close(Connection& c, After after) {
  if (after == After::kReset) {
    c.stream.close_reset();
  } else {
    c.stream.close_fin();
  }
  c.stream.resume_reading();  // for the next one in this slot
  if (c.reads_slowly) {
    end_slow_read(c);
  }
  c.parser.reset(false);  // lets go of the exchange's body
  c.state = Connection::State::kClosed;
  c.waits = Connection::Waits::kNothing;
  closed_.push_back(&c);
  --open_;
}

void NativeCore::close_idle(Connection& c) {
  c.endpoint->remove_idle(c);
  close(c, After::kClose);
}

void NativeCore::reap_idle(TimePoint now) {
  idle_check_ = kNever;
  for (NativeEndpoint& endpoint : endpoints_.all) {
    while (endpoint.oldest != nullptr && now - endpoint.oldest->idle_since > endpoint.idle_limit) {
      close_idle(*endpoint.oldest);
    }
    if (endpoint.oldest != nullptr) {
      idle_check_ =
          std::min(idle_check_, endpoint.oldest->idle_since + endpoint.idle_limit + Duration(1));
    }
  }
}

}  // namespace squall::engine
