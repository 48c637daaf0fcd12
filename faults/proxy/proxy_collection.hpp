// All proxies by name, and what can be asked of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "faults/proxy/listen_addresses.hpp"
#include "faults/proxy/proxy.hpp"
#include "faults/proxy/proxy_settings.hpp"

namespace squall::faults {

// Borrows what it is given. Proxy thread only; no function waits for traffic or for the resolver,
// which is why those that may have to listen take addresses, and those that may change TLS take its
// ends, made for what will hold. Everything that is asked for happens whole or not at all, unless
// said otherwise. What each function means: ProxyServer.
class ProxyCollection {
 public:
  ProxyCollection(const Proxy::Deps& deps, const ToxicRegistry& registry)
      : deps_(deps), registry_(registry) {}

  [[nodiscard]] ProxyResult<ProxyView> create(const ProxySettings& settings,
                                              const std::vector<ToxicSettings>& toxics,
                                              const ListenAddresses& addresses,
                                              std::unique_ptr<TlsEnds> tls);
  [[nodiscard]] ProxyResult<ProxyView> put(const ProxySettings& settings,
                                           const std::vector<ToxicSettings>& toxics,
                                           const ListenAddresses& addresses,
                                           std::unique_ptr<TlsEnds> tls);
  // Null `tls`: no change of it was asked for. One that does not fit, because another caller was
  // faster, is made again here.
  [[nodiscard]] ProxyResult<ProxyView> update(const std::string& name, const ProxyUpdate& changes,
                                              const ListenAddresses& addresses,
                                              std::unique_ptr<TlsEnds> tls);
  [[nodiscard]] ProxyResult<void> remove(const std::string& name);
  [[nodiscard]] ProxyResult<ProxyView> find(const std::string& name) const;
  [[nodiscard]] std::vector<ProxyView> list() const;

  [[nodiscard]] ProxyResult<ToxicView> add_toxic(const std::string& proxy,
                                                 const ToxicSettings& settings);
  [[nodiscard]] ProxyResult<ToxicView> update_toxic(const std::string& proxy,
                                                    const std::string& toxic,
                                                    const ToxicUpdate& changes);
  [[nodiscard]] ProxyResult<void> remove_toxic(const std::string& proxy, const std::string& toxic);
  [[nodiscard]] ProxyResult<void> reset(const ListenAddresses& addresses);

 private:
  [[nodiscard]] ProxyResult<Proxy*> must_find(const std::string& name) const;
  [[nodiscard]] ProxyResult<ToxicEntry*> must_find(Proxy& proxy, const std::string& toxic) const;
  [[nodiscard]] ProxyResult<std::unique_ptr<Proxy>> make(const ProxySettings& settings,
                                                         const std::vector<ToxicSettings>& toxics,
                                                         const ListenAddresses& addresses,
                                                         std::unique_ptr<TlsEnds> tls);
  [[nodiscard]] ProxyResult<std::unique_ptr<ToxicEntry>> make_toxic(Proxy& proxy,
                                                                    const ToxicSettings& settings);
  [[nodiscard]] ProxyResult<void> start(Proxy& proxy, const ListenAddresses& addresses);
  void report(ProxyEvent::Kind kind, const std::string& proxy);

  const Proxy::Deps deps_;
  const ToxicRegistry& registry_;
  std::map<std::string, std::unique_ptr<Proxy>> proxies_;
};

}  // namespace squall::faults
