#include "faults/proxy/proxy_collection.hpp"

#include <optional>
#include <utility>

#include <fmt/core.h>

#include "faults/proxy/toxic_attributes.hpp"

namespace squall::faults {
namespace {

using Kind = ProxyError::Kind;

// Whether the proxy would have to listen elsewhere, to lead elsewhere, or to speak otherwise.
ProxyResult<bool> differs(const Proxy& proxy, const std::string& listen,
                          const TlsEnds::Options& wanted, const ListenAddresses& addresses) {
  const ProxySettings& now = proxy.settings();
  const bool others = proxy.tls().options() != wanted;
  if (listen == now.listen) {
    return others;
  }
  const auto resolved = addresses.find(listen);
  if (!resolved) {
    return refuse(Kind::kCannotListen, resolved.error().message);
  }
  return others || resolved->to_string() != now.listen;
}

ProxyResult<void> check_fields(const ProxySettings& settings) {
  if (settings.name.empty()) {
    return refuse(Kind::kMissingField, "missing required field: name");
  }
  if (settings.upstream.empty()) {
    return refuse(Kind::kMissingField, "missing required field: upstream");
  }
  return {};
}

std::optional<Duration> positive(std::optional<Duration> ttl) {
  return ttl.has_value() && *ttl > Duration::zero() ? ttl : std::nullopt;
}

template <class T>
tl::unexpected<ProxyError> pass_on(ProxyResult<T>& result) {
  return tl::unexpected<ProxyError>(std::move(result.error()));
}

// Whole or not at all.
ProxyResult<void> set_attributes(ToxicEntry& entry, const expr::Value& before,
                                 const expr::Value& given) {
  expr::Value attributes = complete_attributes(*entry.kind, before, given);
  if (entry.kind->acts_on_http()) {
    auto http = compile_http_toxic(*entry.kind, attributes);
    if (!http) {
      return refuse(Kind::kBadAttributes, http.error().message);
    }
    http->active = entry.http.has_value() ? entry.http->active : 0;
    entry.http = std::move(*http);
  } else {
    auto factory = compile_toxic(*entry.kind, attributes);
    if (!factory) {
      return refuse(Kind::kBadAttributes, factory.error().message);
    }
    entry.factory = std::move(*factory);
  }
  entry.attributes = std::move(attributes);
  return {};
}

}  // namespace

ProxyResult<ProxyView> ProxyCollection::create(const ProxySettings& settings,
                                               const std::vector<ToxicSettings>& toxics,
                                               const ListenAddresses& addresses,
                                               std::unique_ptr<TlsEnds> tls) {
  if (auto fields = check_fields(settings); !fields) {
    return pass_on(fields);
  }
  if (proxies_.find(settings.name) != proxies_.end()) {
    return refuse(Kind::kProxyExists, "proxy already exists");
  }
  auto made = make(settings, toxics, addresses, std::move(tls));
  if (!made) {
    return pass_on(made);
  }
  return proxies_.emplace(settings.name, std::move(*made)).first->second->view();
}

ProxyResult<ProxyView> ProxyCollection::put(const ProxySettings& settings,
                                            const std::vector<ToxicSettings>& toxics,
                                            const ListenAddresses& addresses,
                                            std::unique_ptr<TlsEnds> tls) {
  const auto found = proxies_.find(settings.name);
  if (found == proxies_.end()) {
    return create(settings, toxics, addresses, std::move(tls));
  }
  if (auto fields = check_fields(settings); !fields) {
    return pass_on(fields);
  }
  Proxy& proxy = *found->second;
  auto other = differs(proxy, settings.listen, tls->options(), addresses);
  if (!other) {
    return pass_on(other);
  }
  if (*other) {
    // The new one may want the same port.
    proxy.stop();
    auto made = make(settings, toxics, addresses, std::move(tls));
    if (!made) {
      return pass_on(made);
    }
    found->second = std::move(*made);
  }
  return found->second->view();
}

ProxyResult<std::unique_ptr<Proxy>> ProxyCollection::make(const ProxySettings& settings,
                                                          const std::vector<ToxicSettings>& toxics,
                                                          const ListenAddresses& addresses,
                                                          std::unique_ptr<TlsEnds> tls) {
  auto proxy = std::make_unique<Proxy>(deps_, settings, std::move(tls));
  report(ProxyEvent::Kind::kProxyCreated, settings.name);
  const auto fill = [&]() -> ProxyResult<void> {
    for (const ToxicSettings& one : toxics) {
      auto toxic = make_toxic(*proxy, one);
      if (!toxic) {
        return pass_on(toxic);
      }
      if (auto added = proxy->add_toxic(std::move(*toxic)); !added) {
        return added;
      }
    }
    return settings.enabled ? start(*proxy, addresses) : ProxyResult<void>{};
  };
  if (auto filled = fill(); !filled) {
    report(ProxyEvent::Kind::kProxyDeleted, settings.name);
    return pass_on(filled);
  }
  return proxy;
}

ProxyResult<ProxyView> ProxyCollection::update(const std::string& name, const ProxyUpdate& changes,
                                               const ListenAddresses& addresses,
                                               std::unique_ptr<TlsEnds> tls) {
  auto found = must_find(name);
  if (!found) {
    return pass_on(found);
  }
  Proxy& proxy = **found;
  if (changes.mode == model::ProxyMode::kTcp && proxy.has_http_toxics()) {
    return refuse(Kind::kBadAttributes,
                  "mode \"tcp\" is not possible while toxics act on HTTP requests");
  }
  const std::string listen = changes.listen.value_or(proxy.settings().listen);
  const std::string upstream = changes.upstream.value_or(proxy.settings().upstream);
  const bool enable = changes.enabled.value_or(proxy.is_enabled());
  TlsEnds::Options wanted = proxy.tls().options();
  wanted.upstream = upstream;
  wanted.tls = changes.tls.value_or(wanted.tls);
  auto other = differs(proxy, listen, wanted, addresses);
  if (!other) {
    return pass_on(other);
  }
  if (*other && (tls == nullptr || tls->options() != wanted)) {
    auto made = TlsEnds::make(wanted);
    if (!made) {
      return refuse(Kind::kBadTls, made.error().message);
    }
    tls = std::move(*made);
  }
  report(ProxyEvent::Kind::kProxyUpdated, name);
  if (*other) {
    proxy.stop();
    proxy.set_addresses(listen, upstream, std::move(tls));
  }
  proxy.set_ends(changes.ends.value_or(proxy.settings().ends));
  proxy.set_mode(changes.mode.value_or(proxy.settings().mode));
  if (!enable) {
    proxy.stop();
  } else if (!proxy.is_enabled()) {
    if (auto started = start(proxy, addresses); !started) {
      return pass_on(started);
    }
  }
  return proxy.view();
}

ProxyResult<void> ProxyCollection::start(Proxy& proxy, const ListenAddresses& addresses) {
  const auto at = addresses.find(proxy.settings().listen);
  if (!at) {
    return refuse(Kind::kCannotListen, at.error().message);
  }
  return proxy.start(*at);
}

ProxyResult<void> ProxyCollection::remove(const std::string& name) {
  auto found = must_find(name);
  if (!found) {
    return pass_on(found);
  }
  (*found)->stop();
  proxies_.erase(name);
  report(ProxyEvent::Kind::kProxyDeleted, name);
  return {};
}

ProxyResult<ProxyView> ProxyCollection::find(const std::string& name) const {
  auto found = must_find(name);
  if (!found) {
    return pass_on(found);
  }
  return (*found)->view();
}

std::vector<ProxyView> ProxyCollection::list() const {
  std::vector<ProxyView> result;
  result.reserve(proxies_.size());
  for (const auto& [name, proxy] : proxies_) {
    result.push_back(proxy->view());
  }
  return result;
}

ProxyResult<std::unique_ptr<ToxicEntry>> ProxyCollection::make_toxic(
    Proxy& proxy, const ToxicSettings& settings) {
  const ToxicKind* kind = registry_.find(settings.type);
  if (kind == nullptr) {
    return refuse(Kind::kInvalidToxicType, "invalid toxic type");
  }
  const std::string name = settings.name.empty()
                               ? fmt::format("{}_{}", settings.type, to_string(settings.direction))
                               : settings.name;
  if (proxy.find_toxic(name) != nullptr) {
    return refuse(Kind::kToxicExists, "toxic already exists");
  }
  if (kind->acts_on_http() && !proxy.is_http()) {
    return refuse(Kind::kBadAttributes,
                  fmt::format("toxic type {} acts on HTTP requests and needs a proxy in mode "
                              "\"http\"; this one is in mode \"tcp\"",
                              settings.type));
  }
  auto entry = std::make_unique<ToxicEntry>(
      ToxicEntry{.name = name,
                 .kind = kind,
                 .direction = settings.direction,
                 .toxicity = settings.toxicity,
                 .chance = ToxicEntry::chance_of(deps_.seed, proxy.settings().name, name),
                 .ttl = positive(settings.ttl)});
  if (auto problem = set_attributes(*entry, {expr::Table{}, {}}, settings.attributes); !problem) {
    return pass_on(problem);
  }
  return entry;
}

ProxyResult<ToxicView> ProxyCollection::add_toxic(const std::string& proxy,
                                                  const ToxicSettings& settings) {
  auto found = must_find(proxy);
  if (!found) {
    return pass_on(found);
  }
  auto toxic = make_toxic(**found, settings);
  if (!toxic) {
    return pass_on(toxic);
  }
  const std::string name = (*toxic)->name;
  if (auto added = (*found)->add_toxic(std::move(*toxic)); !added) {
    return pass_on(added);
  }
  return (*found)->view_of(*(*found)->find_toxic(name));
}

ProxyResult<ToxicView> ProxyCollection::update_toxic(const std::string& proxy,
                                                     const std::string& toxic,
                                                     const ToxicUpdate& changes) {
  auto found = must_find(proxy);
  if (!found) {
    return pass_on(found);
  }
  auto entry = must_find(**found, toxic);
  if (!entry) {
    return pass_on(entry);
  }
  ToxicEntry& changed = **entry;
  if (auto problem = set_attributes(changed, changed.attributes, changes.attributes); !problem) {
    return pass_on(problem);
  }
  changed.toxicity = changes.toxicity.value_or(changed.toxicity);
  if (auto updated = (*found)->update_toxic(changed); !updated) {
    return pass_on(updated);
  }
  if (changes.ttl.has_value()) {
    changed.ttl = positive(changes.ttl);
    (*found)->restart_expiry(changed);
  }
  return (*found)->view_of(changed);
}

ProxyResult<void> ProxyCollection::remove_toxic(const std::string& proxy,
                                                const std::string& toxic) {
  auto found = must_find(proxy);
  if (!found) {
    return pass_on(found);
  }
  auto entry = must_find(**found, toxic);
  if (!entry) {
    return pass_on(entry);
  }
  return (*found)->remove_toxic(**entry);
}

ProxyResult<void> ProxyCollection::reset(const ListenAddresses& addresses) {
  for (const auto& [name, proxy] : proxies_) {
    if (!proxy->is_enabled()) {
      if (auto started = start(*proxy, addresses); !started) {
        return started;
      }
    }
    if (auto removed = proxy->remove_all_toxics(); !removed) {
      return removed;
    }
  }
  return {};
}

ProxyResult<Proxy*> ProxyCollection::must_find(const std::string& name) const {
  const auto found = proxies_.find(name);
  if (found == proxies_.end()) {
    return refuse(Kind::kProxyNotFound, "proxy not found");
  }
  return found->second.get();
}

ProxyResult<ToxicEntry*> ProxyCollection::must_find(Proxy& proxy, const std::string& toxic) const {
  ToxicEntry* const entry = proxy.find_toxic(toxic);
  if (entry == nullptr) {
    return refuse(Kind::kToxicNotFound, "toxic not found");
  }
  return entry;
}

void ProxyCollection::report(ProxyEvent::Kind kind, const std::string& proxy) {
  deps_.events.add({.at = deps_.clock.now(), .kind = kind, .proxy = proxy});
}

}  // namespace squall::faults
