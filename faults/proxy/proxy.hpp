// A listener in front of a server, its links and the toxics on them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "faults/proxy/http/exchange_log.hpp"
#include "faults/proxy/http/http_copies.hpp"
#include "faults/proxy/link.hpp"
#include "faults/proxy/proxy_event.hpp"
#include "faults/proxy/proxy_settings.hpp"
#include "faults/proxy/tls_ends.hpp"
#include "faults/proxy/toxic_entry.hpp"
#include "loadgen/net/tcp_listener.hpp"

namespace squall::faults {

// Owns its sockets; borrows what it is given. Proxy thread only. No function waits for anything.
class Proxy final : private LinkOwner,
                    private ToxicExpiryEvents,
                    private HttpRelayHost,
                    private HttpCopiesOwner {
 public:
  struct Deps {
    net::Loop& loop;
    const Clock& clock;
    net::AlarmQueue& alarms;
    EventFeed& events;
    ExchangeLog& exchanges;
    std::uint64_t seed;
    Duration handshake_limit = std::chrono::seconds(30);
  };

  // Not listening yet, whatever `settings.enabled` says. `tls` is made for these settings.
  Proxy(const Deps& deps, ProxySettings settings, std::unique_ptr<TlsEnds> tls);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  [[nodiscard]] const ProxySettings& settings() const { return settings_; }
  [[nodiscard]] bool is_enabled() const { return settings_.enabled; }
  // Listens; from then on settings().listen is what it is bound to. REQUIRES: disabled.
  [[nodiscard]] ProxyResult<void> start(const net::SocketAddress& at);
  // Closes the port and all links. Toxics stay. Nothing happens when disabled.
  void stop();
  // REQUIRES: disabled; `tls` is made for the new upstream.
  void set_addresses(std::string listen, std::string upstream, std::unique_ptr<TlsEnds> tls);
  [[nodiscard]] const TlsEnds& tls() const { return *tls_; }
  // For links that are accepted from now on.
  void set_ends(Ends ends) { settings_.ends = ends; }
  void set_mode(model::ProxyMode mode) { settings_.mode = mode; }
  [[nodiscard]] bool has_http_toxics() const;

  // nullptr when there is none of that name. Valid until it is removed.
  [[nodiscard]] ToxicEntry* find_toxic(std::string_view name);
  [[nodiscard]] bool is_http() const { return settings_.mode == model::ProxyMode::kHttp; }
  // These act on live links at once, those that act on HTTP exchanges from the next request on.
  // They fail (kCannotListen, and the proxy is disabled) only when a port that a toxic had closed
  // cannot be opened again. REQUIRES: no toxic of that name.
  [[nodiscard]] ProxyResult<void> add_toxic(std::unique_ptr<ToxicEntry> toxic);
  // `toxic` has its new attributes, factory and toxicity. REQUIRES: from find_toxic().
  [[nodiscard]] ProxyResult<void> update_toxic(ToxicEntry& toxic);
  // Its ttl begins anew; nothing without one. REQUIRES: from find_toxic().
  void restart_expiry(ToxicEntry& toxic);
  [[nodiscard]] ProxyResult<void> remove_toxic(const ToxicEntry& toxic);
  [[nodiscard]] ProxyResult<void> remove_all_toxics();

  [[nodiscard]] ProxyView view() const;
  [[nodiscard]] ToxicView view_of(const ToxicEntry& toxic) const;

 private:
  void on_connection();
  [[nodiscard]] bool is_refused(std::uint64_t ordinal);
  // Opens or closes the port as the toxics want.
  [[nodiscard]] ProxyResult<void> apply_refusal();
  [[nodiscard]] int bind(const net::SocketAddress& at);
  // Before it is removed from links: what goes on there begins requests, which must not choose it.
  [[nodiscard]] std::unique_ptr<ToxicEntry> take_out(const ToxicEntry& toxic);
  void remove_from_links(const ToxicEntry& toxic, const std::string& why = {});
  void after_change();

  void on_link_open(Link& link) override;
  void on_dial_failed(Link& link, const std::string& problem) override;
  void on_tls_failed(Link& link, const std::string& problem) override;
  void on_tls_truncated(Link& link) override;
  void on_toxic_fired(Link& link, ToxicEntry& toxic) override;
  void on_link_closed(Link& link) override;
  void on_expired(ToxicEntry& toxic) override;
  DirectionCounters& counters(Direction direction) override;

  std::uint64_t next_request() override { return next_request_++; }
  [[nodiscard]] const std::vector<std::unique_ptr<ToxicEntry>>& toxics() const override {
    return toxics_;
  }
  HttpCounters& http_counters() override { return counters_.http; }
  std::string send_copies(CopyOrder order) override;
  void forget_copies(const HttpRelay& relay) override { copies_.forget(relay); }
  void on_part_over(OpenExchange& exchange) override;
  void on_http_fired(ToxicEntry& toxic, std::uint64_t link, std::string detail) override;
  void on_copies_sent(const CopyOrder& order, const std::string& problem) override;
  void on_copy_executed(const CopyOrder& order) override;

  void report(ProxyEvent::Kind kind, const ToxicEntry* toxic = nullptr,
              std::uint64_t ordinal = ProxyEvent::kNoLink, std::string detail = {});

  const Deps deps_;
  ProxySettings settings_;
  std::unique_ptr<TlsEnds> tls_;  // never null
  ProxyCounters counters_;
  std::vector<std::unique_ptr<ToxicEntry>> toxics_;  // as they were added
  std::unique_ptr<net::TcpListener> listener_;
  bool listening_ = false;  // false with a listener: the address is taken, connections are refused
  std::uint64_t next_ordinal_ = 0;
  std::uint64_t next_request_ = 0;
  HttpCopies copies_;
  std::map<std::uint64_t, std::unique_ptr<Link>> links_;
};

}  // namespace squall::faults
