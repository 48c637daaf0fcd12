// The fault proxy: proxies, links and toxics on a thread of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "faults/proxy/proxy_event.hpp"
#include "faults/proxy/proxy_settings.hpp"
#include "faults/proxy/toxic.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/model/proxy_exchange.hpp"

namespace squall::faults {

// Owns its thread, loop, proxies and links; borrows the registry, which must outlive it. Any thread
// may call; calls are carried out one after the other on the proxy thread, between events, and wait
// for nothing but that: never for traffic, a peer or a toxic. Only names that have to be resolved
// (listen addresses) keep a caller waiting, on its own thread.
//
// The same seed, proxy, toxic and accept ordinal give the same decisions, whatever else there is.
class ProxyServer {
 public:
  struct Options {
    std::uint64_t seed = 0;
    std::size_t kept_events = 4096;
    std::size_t kept_exchanges = 65536;
    // How long the handshakes of a link with TLS may take, from the client's connection on.
    Duration handshake_limit = std::chrono::seconds(30);
  };

  ProxyServer(const ToxicRegistry& registry, const Options& options);
  // Closes everything and joins the thread.
  ~ProxyServer();
  ProxyServer(const ProxyServer&) = delete;
  ProxyServer& operator=(const ProxyServer&) = delete;

  // A proxy with its toxics, or nothing of it: kBadTls, kMissingField, kProxyExists, then what
  // add_toxic() and listening say.
  [[nodiscard]] ProxyResult<ProxyView> create(const ProxySettings& settings,
                                              const std::vector<ToxicSettings>& toxics = {});
  // A proxy as `settings` has it. One of that name with equal addresses and TLS is left as it is,
  // toxics and enabled included; another one is replaced, and stays stopped if that fails.
  [[nodiscard]] ProxyResult<ProxyView> put(const ProxySettings& settings,
                                           const std::vector<ToxicSettings>& toxics = {});
  // When the resolved listen address, the upstream text or TLS differ, the proxy is stopped (its
  // connections drop, its toxics stay), changed and started. After kCannotListen it is disabled.
  [[nodiscard]] ProxyResult<ProxyView> update(const std::string& name, const ProxyUpdate& changes);
  [[nodiscard]] ProxyResult<void> remove(const std::string& name);
  [[nodiscard]] ProxyResult<ProxyView> find(const std::string& name) const;
  // Sorted by name.
  [[nodiscard]] std::vector<ProxyView> list() const;

  // In the order of the checks: kProxyNotFound, kInvalidToxicType, kToxicExists, kBadAttributes.
  // Acts on live links at once, as the others.
  [[nodiscard]] ProxyResult<ToxicView> add_toxic(const std::string& proxy,
                                                 const ToxicSettings& settings);
  [[nodiscard]] ProxyResult<ToxicView> update_toxic(const std::string& proxy,
                                                    const std::string& toxic,
                                                    const ToxicUpdate& changes);
  // What had been read and waits in the toxic flows on, in order.
  [[nodiscard]] ProxyResult<void> remove_toxic(const std::string& proxy, const std::string& toxic);
  // Starts every disabled proxy and removes all toxics, in order of name; stops at the first proxy
  // that cannot listen.
  [[nodiscard]] ProxyResult<void> reset();

  // The events after that number (0: all that are kept), oldest first.
  [[nodiscard]] std::vector<ProxyEvent> events_after(std::uint64_t number) const;

  // The exchanges of all proxies in HTTP mode that have ended since the last call. Who does not
  // take them loses those that come when kept_exchanges are kept.
  [[nodiscard]] model::TakenExchanges take_exchanges();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::faults
