#include "faults/proxy/proxy.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/core.h>

#include "faults/proxy/proxy_address.hpp"
#include "loadgen/base/check.hpp"

namespace squall::faults {

Proxy::Proxy(const Deps& deps, ProxySettings settings, std::unique_ptr<TlsEnds> tls)
    : deps_(deps),
      settings_(std::move(settings)),
      tls_(std::move(tls)),
      copies_({deps.loop, deps.clock, deps.alarms, *this}) {
  settings_.enabled = false;
}

Proxy::~Proxy() = default;

int Proxy::bind(const net::SocketAddress& at) {
  listener_ = std::make_unique<net::TcpListener>(deps_.loop, [this] { on_connection(); });
  return listener_->bind(at);
}

ProxyResult<void> Proxy::start(const net::SocketAddress& at) {
  SQUALL_CHECK(!settings_.enabled);
  net::SocketAddress bound = at;
  int error = bind(bound);
  const auto any_ipv6 = net::SocketAddress::parse("::", at.port());
  if (error == EAFNOSUPPORT && any_ipv6 && at.to_string() == any_ipv6->to_string()) {
    bound = *net::SocketAddress::parse("0.0.0.0", at.port());
    error = bind(bound);
  }
  // Also when connections are to be refused: only then is it known that the port is free.
  if (error == 0) {
    error = listener_->listen();
  }
  if (error != 0) {
    listener_.reset();
    return refuse(ProxyError::Kind::kCannotListen, listen_problem(bound, error));
  }
  listening_ = true;
  settings_.enabled = true;
  settings_.listen = listener_->address().to_string();
  report(ProxyEvent::Kind::kProxyEnabled);
  return apply_refusal();
}

void Proxy::stop() {
  if (!settings_.enabled) {
    return;
  }
  listener_.reset();
  listening_ = false;
  settings_.enabled = false;
  links_.clear();
  copies_.stop();
  report(ProxyEvent::Kind::kProxyDisabled);
}

void Proxy::set_addresses(std::string listen, std::string upstream, std::unique_ptr<TlsEnds> tls) {
  SQUALL_CHECK(!settings_.enabled);
  tls_ = std::move(tls);
  settings_.tls = tls_->options().tls;
  settings_.listen = std::move(listen);
  settings_.upstream = std::move(upstream);
}

bool Proxy::has_http_toxics() const {
  return std::any_of(toxics_.begin(), toxics_.end(),
                     [](const auto& toxic) { return toxic->http.has_value(); });
}

void Proxy::on_connection() {
  auto link = std::make_unique<Link>(Link::Deps{deps_.loop, deps_.clock, deps_.alarms, *this,
                                                is_http() ? this : nullptr, deps_.handshake_limit},
                                     next_ordinal_, settings_.ends);
  if (const int error = link->accept(*listener_, tls_->server()); error != 0) {
    ++counters_.accept_failures;
    report(ProxyEvent::Kind::kAcceptFailed, nullptr, ProxyEvent::kNoLink,
           listen_problem(listener_->address(), error));
    return;
  }
  const std::uint64_t ordinal = next_ordinal_++;
  ++counters_.accepted;
  if (is_refused(ordinal)) {
    link->refuse();
    return;
  }
  Link& added = *links_.emplace(ordinal, std::move(link)).first->second;
  auto upstream = parse_upstream(settings_.upstream);
  if (upstream) {
    added.dial(upstream->host, upstream->port, tls_->client());
  } else {
    on_dial_failed(added, upstream.error().message);
    links_.erase(ordinal);
  }
}

bool Proxy::is_refused(std::uint64_t ordinal) {
  for (const auto& toxic : toxics_) {
    if (toxic->kind->traits.refuses && toxic->chosen(ordinal)) {
      ++counters_.refused;
      ++toxic->counters.links;
      ++toxic->counters.fired_links;
      ++toxic->counters.fired;
      report(ProxyEvent::Kind::kToxicFired, toxic.get(), ordinal);
      return true;
    }
  }
  return false;
}

ProxyResult<void> Proxy::apply_refusal() {
  const bool refuses = std::any_of(toxics_.begin(), toxics_.end(), [](const auto& toxic) {
    return toxic->kind->traits.refuses && toxic->toxicity >= 1;
  });
  if (!settings_.enabled || refuses != listening_) {
    return {};
  }
  const net::SocketAddress at = listener_->address();
  int error = 0;
  if (refuses) {
    // Bound, so that the port stays this proxy's; not listening, so that the kernel refuses.
    listener_.reset();
    error = bind(at);
  } else {
    error = listener_->listen();
  }
  if (error != 0) {
    auto failure = refuse(ProxyError::Kind::kCannotListen, listen_problem(at, error));
    stop();
    return failure;
  }
  listening_ = !refuses;
  return {};
}

ToxicEntry* Proxy::find_toxic(std::string_view name) {
  const auto found = std::find_if(toxics_.begin(), toxics_.end(),
                                  [&](const auto& toxic) { return toxic->name == name; });
  return found == toxics_.end() ? nullptr : found->get();
}

namespace {

std::unique_ptr<Toxic> toxic_for(const ToxicEntry& entry, std::uint64_t ordinal) {
  return entry.chosen(ordinal) ? entry.factory() : nullptr;
}

}  // namespace

ProxyResult<void> Proxy::add_toxic(std::unique_ptr<ToxicEntry> toxic) {
  SQUALL_CHECK(find_toxic(toxic->name) == nullptr);
  ToxicEntry& entry = *toxics_.emplace_back(std::move(toxic));
  report(ProxyEvent::Kind::kToxicAdded, &entry);
  for (const auto& [ordinal, link] : links_) {
    if (link->is_open() && !entry.http.has_value()) {
      link->chain(entry.direction).add(entry, toxic_for(entry, ordinal), entry.draws(ordinal));
    }
  }
  restart_expiry(entry);
  after_change();
  return apply_refusal();
}

void Proxy::restart_expiry(ToxicEntry& toxic) {
  toxic.expiry.reset();
  if (toxic.ttl.has_value()) {
    ToxicExpiryEvents& events = *this;
    toxic.expiry =
        std::make_unique<ToxicExpiry>(deps_.alarms, events, toxic, deps_.clock.now() + *toxic.ttl);
  }
}

ProxyResult<void> Proxy::update_toxic(ToxicEntry& toxic) {
  report(ProxyEvent::Kind::kToxicUpdated, &toxic);
  for (const auto& [ordinal, link] : links_) {
    if (link->is_open() && !toxic.http.has_value()) {
      link->chain(toxic.direction).update(toxic, toxic_for(toxic, ordinal));
    }
  }
  after_change();
  return apply_refusal();
}

void Proxy::remove_from_links(const ToxicEntry& toxic, const std::string& why) {
  report(ProxyEvent::Kind::kToxicRemoved, &toxic, ProxyEvent::kNoLink, why);
  for (const auto& [ordinal, link] : links_) {
    if (link->http() != nullptr && toxic.http.has_value()) {
      link->http()->forget(toxic);
    } else if (link->is_open() && !toxic.http.has_value()) {
      link->chain(toxic.direction).remove(toxic);
    }
  }
  after_change();
}

std::unique_ptr<ToxicEntry> Proxy::take_out(const ToxicEntry& toxic) {
  const auto place = std::find_if(toxics_.begin(), toxics_.end(),
                                  [&toxic](const auto& one) { return one.get() == &toxic; });
  SQUALL_CHECK(place != toxics_.end());
  std::unique_ptr<ToxicEntry> entry = std::move(*place);
  toxics_.erase(place);
  return entry;
}

ProxyResult<void> Proxy::remove_toxic(const ToxicEntry& toxic) {
  const std::unique_ptr<ToxicEntry> gone = take_out(toxic);
  remove_from_links(*gone);
  return apply_refusal();
}

void Proxy::on_expired(ToxicEntry& toxic) {
  const std::unique_ptr<ToxicEntry> gone = take_out(toxic);
  remove_from_links(*gone, "its ttl is over");
  // A port that cannot be opened again disables the proxy, which is an event; nobody waits for an
  // answer here.
  (void)apply_refusal();
}

ProxyResult<void> Proxy::remove_all_toxics() {
  const std::vector<std::unique_ptr<ToxicEntry>> gone = std::exchange(toxics_, {});
  for (const auto& toxic : gone) {
    remove_from_links(*toxic);
  }
  return apply_refusal();
}

void Proxy::after_change() {
  for (const auto& [ordinal, link] : links_) {
    link->update_reading();
  }
  std::erase_if(links_, [](const auto& one) { return one.second->is_closed(); });
}

ToxicView Proxy::view_of(const ToxicEntry& toxic) const {
  std::optional<Duration> expires_in;
  if (toxic.expiry != nullptr) {
    expires_in = std::max(toxic.expiry->at() - deps_.clock.now(), Duration::zero());
  }
  const auto live = std::count_if(links_.begin(), links_.end(), [&toxic](const auto& one) {
    return one.second->is_open() && toxic.chosen(one.first);
  });
  return {.name = toxic.name,
          .type = std::string(toxic.kind->name),
          .direction = toxic.direction,
          .toxicity = toxic.toxicity,
          .attributes = toxic.attributes,
          .counters = toxic.counters,
          .live_links = static_cast<std::uint64_t>(live),
          .ttl = toxic.ttl,
          .expires_in = expires_in};
}

ProxyView Proxy::view() const {
  ProxyView result{.settings = settings_, .counters = counters_};
  result.open_links = links_.size();
  for (const auto& [ordinal, link] : links_) {
    result.held_links += link->is_held() ? 1U : 0U;
  }
  for (const Direction direction : {Direction::kUpstream, Direction::kDownstream}) {
    for (const auto& toxic : toxics_) {
      if (toxic->direction == direction) {
        result.toxics.push_back(view_of(*toxic));
      }
    }
  }
  return result;
}

void Proxy::on_link_open(Link& link) {
  for (const auto& toxic : toxics_) {
    if (!toxic->http.has_value()) {
      link.chain(toxic->direction)
          .add(*toxic, toxic_for(*toxic, link.ordinal()), toxic->draws(link.ordinal()));
    }
  }
}

void Proxy::on_dial_failed(Link& link, const std::string& problem) {
  ++counters_.dial_failures;
  report(ProxyEvent::Kind::kDialFailed, nullptr, link.ordinal(), problem);
}

void Proxy::on_tls_failed(Link& link, const std::string& problem) {
  ++counters_.tls_failures;
  report(ProxyEvent::Kind::kTlsFailed, nullptr, link.ordinal(), problem);
}

void Proxy::on_tls_truncated(Link& /*link*/) {
  ++counters_.tls_truncated;
}

void Proxy::on_toxic_fired(Link& link, ToxicEntry& toxic) {
  ++toxic.counters.fired_links;
  report(ProxyEvent::Kind::kToxicFired, &toxic, link.ordinal());
}

void Proxy::on_link_closed(Link& link) {
  links_.erase(link.ordinal());
}

std::string Proxy::send_copies(CopyOrder order) {
  const auto upstream = parse_upstream(settings_.upstream);
  if (!upstream) {
    return upstream.error().message;
  }
  return copies_.send(std::move(order), upstream->host, upstream->port, tls_->client());
}

void Proxy::on_part_over(OpenExchange& exchange) {
  if (--exchange.open_parts == 0) {
    exchange.record.proxy = settings_.name;
    deps_.exchanges.add(std::move(exchange.record));
  }
}

void Proxy::on_http_fired(ToxicEntry& toxic, std::uint64_t link, std::string detail) {
  report(ProxyEvent::Kind::kToxicFired, &toxic, link, std::move(detail));
}

void Proxy::on_copies_sent(const CopyOrder& order, const std::string& problem) {
  ToxicEntry* const toxic = find_toxic(order.toxic);
  if (problem.empty()) {
    order.exchange->record.faults.push_back(order.toxic);
  }
  if (toxic == nullptr) {
    return;
  }
  if (!problem.empty()) {
    toxic->counters.preempt(problem);
    return;
  }
  ++toxic->counters.fired;
  on_http_fired(
      *toxic, order.exchange->record.link,
      fmt::format("request {}: sent {} times more", order.exchange->record.ordinal, order.copies));
}

void Proxy::on_copy_executed(const CopyOrder& order) {
  if (ToxicEntry* const toxic = find_toxic(order.toxic); toxic != nullptr) {
    ++toxic->counters.executed;
  }
}

DirectionCounters& Proxy::counters(Direction direction) {
  return counters_.bytes[static_cast<std::size_t>(direction)];
}

void Proxy::report(ProxyEvent::Kind kind, const ToxicEntry* toxic, std::uint64_t ordinal,
                   std::string detail) {
  deps_.events.add({.at = deps_.clock.now(),
                    .kind = kind,
                    .proxy = settings_.name,
                    .toxic = toxic == nullptr ? "" : toxic->name,
                    .ordinal = ordinal,
                    .detail = std::move(detail)});
}

}  // namespace squall::faults
