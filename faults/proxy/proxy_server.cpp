#include "faults/proxy/proxy_server.hpp"

#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "faults/proxy/proxy_collection.hpp"
#include "loadgen/net/alarm_queue.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/notifier.hpp"
#include "loadgen/net/precise_timer.hpp"

namespace squall::faults {

// Made by one thread, run by its own, destroyed by the first after the own one was joined.
class ProxyServer::Impl {
 public:
  Impl(const ToxicRegistry& registry, const Options& options)
      : notifier_(loop_, [this] { carry_out(); }),
        timer_(loop_, [this] { on_time(); }),
        alarms_([this](TimePoint at) { timer_.arm(at); }),
        events_(options.kept_events),
        exchanges_(options.kept_exchanges),
        proxies_(
            {loop_, clock_, alarms_, events_, exchanges_, options.seed, options.handshake_limit},
            registry),
        thread_([this] { loop_.run(); }) {}

  // Runs `work` on the proxy thread and hands back what it returns.
  template <class Work>
  auto call(Work work) {
    using Returned = decltype(work(std::declval<ProxyCollection&>()));
    // Shared: the proxy thread may still be leaving it when this one has the answer.
    const auto task =
        std::make_shared<std::packaged_task<Returned()>>([this, &work] { return work(proxies_); });
    auto done = task->get_future();
    {
      const std::lock_guard lock(mutex_);
      calls_.emplace_back([task] { (*task)(); });
    }
    notifier_.notify();
    return done.get();
  }

  ~Impl() {
    call([this](ProxyCollection&) { loop_.stop(); });
    thread_.join();
  }

  [[nodiscard]] std::vector<ProxyEvent> events_after(std::uint64_t number) {
    return call([this, number](ProxyCollection&) { return events_.after(number); });
  }

  [[nodiscard]] model::TakenExchanges take_exchanges() {
    return call([this](ProxyCollection&) { return exchanges_.take(); });
  }

 private:
  void carry_out() {
    std::vector<std::function<void()>> calls;
    {
      const std::lock_guard lock(mutex_);
      calls.swap(calls_);
    }
    for (const auto& one : calls) {
      one();
    }
  }

  void on_time() {
    alarms_.fire(monotonic_now());
    if (const auto next = alarms_.next()) {
      timer_.arm(*next);
    }
  }

  const SystemClock clock_;
  net::Loop loop_;
  net::Notifier notifier_;
  net::PreciseTimer timer_;
  net::AlarmQueue alarms_;
  EventFeed events_;
  ExchangeLog exchanges_;
  ProxyCollection proxies_;
  std::mutex mutex_;
  std::vector<std::function<void()>> calls_;
  std::thread thread_;  // last: it uses all the others
};

namespace {

ProxyResult<std::unique_ptr<TlsEnds>> tls_for(const std::string& upstream,
                                              const ProxyTlsSettings& tls, model::ProxyMode mode) {
  const auto alpn = mode == model::ProxyMode::kHttp ? net::TlsAlpn::kHttp1 : net::TlsAlpn::kNone;
  auto made = TlsEnds::make({.upstream = upstream, .tls = tls, .alpn = alpn});
  if (!made) {
    return refuse(ProxyError::Kind::kBadTls, made.error().message);
  }
  return std::move(*made);
}

}  // namespace

ProxyServer::ProxyServer(const ToxicRegistry& registry, const Options& options)
    : impl_(std::make_unique<Impl>(registry, options)) {}

ProxyServer::~ProxyServer() = default;

ProxyResult<ProxyView> ProxyServer::create(const ProxySettings& settings,
                                           const std::vector<ToxicSettings>& toxics) {
  auto tls = tls_for(settings.upstream, settings.tls, settings.mode);
  if (!tls) {
    return tl::unexpected<ProxyError>(std::move(tls.error()));
  }
  ListenAddresses addresses;
  addresses.resolve(settings.listen);
  return impl_->call([&](ProxyCollection& proxies) {
    return proxies.create(settings, toxics, addresses, std::move(*tls));
  });
}

ProxyResult<ProxyView> ProxyServer::put(const ProxySettings& settings,
                                        const std::vector<ToxicSettings>& toxics) {
  auto tls = tls_for(settings.upstream, settings.tls, settings.mode);
  if (!tls) {
    return tl::unexpected<ProxyError>(std::move(tls.error()));
  }
  ListenAddresses addresses;
  addresses.resolve(settings.listen);
  return impl_->call([&](ProxyCollection& proxies) {
    return proxies.put(settings, toxics, addresses, std::move(*tls));
  });
}

ProxyResult<ProxyView> ProxyServer::update(const std::string& name, const ProxyUpdate& changes) {
  auto now = find(name);
  if (!now) {
    return now;
  }
  ListenAddresses addresses;
  addresses.resolve(changes.listen.value_or(now->settings.listen));
  std::unique_ptr<TlsEnds> ends;
  if (changes.upstream.has_value() || changes.tls.has_value()) {
    auto tls = tls_for(changes.upstream.value_or(now->settings.upstream),
                       changes.tls.value_or(now->settings.tls), now->settings.mode);
    if (!tls) {
      return tl::unexpected<ProxyError>(std::move(tls.error()));
    }
    ends = std::move(*tls);
  }
  return impl_->call([&](ProxyCollection& proxies) {
    return proxies.update(name, changes, addresses, std::move(ends));
  });
}

ProxyResult<void> ProxyServer::remove(const std::string& name) {
  return impl_->call([&](ProxyCollection& proxies) { return proxies.remove(name); });
}

ProxyResult<ProxyView> ProxyServer::find(const std::string& name) const {
  return impl_->call([&](ProxyCollection& proxies) { return proxies.find(name); });
}

std::vector<ProxyView> ProxyServer::list() const {
  return impl_->call([](ProxyCollection& proxies) { return proxies.list(); });
}

ProxyResult<ToxicView> ProxyServer::add_toxic(const std::string& proxy,
                                              const ToxicSettings& settings) {
  return impl_->call([&](ProxyCollection& proxies) { return proxies.add_toxic(proxy, settings); });
}

ProxyResult<ToxicView> ProxyServer::update_toxic(const std::string& proxy, const std::string& toxic,
                                                 const ToxicUpdate& changes) {
  return impl_->call(
      [&](ProxyCollection& proxies) { return proxies.update_toxic(proxy, toxic, changes); });
}

ProxyResult<void> ProxyServer::remove_toxic(const std::string& proxy, const std::string& toxic) {
  return impl_->call([&](ProxyCollection& proxies) { return proxies.remove_toxic(proxy, toxic); });
}

ProxyResult<void> ProxyServer::reset() {
  ListenAddresses addresses;
  for (const ProxyView& proxy : list()) {
    addresses.resolve(proxy.settings.listen);
  }
  return impl_->call([&](ProxyCollection& proxies) { return proxies.reset(addresses); });
}

std::vector<ProxyEvent> ProxyServer::events_after(std::uint64_t number) const {
  return impl_->events_after(number);
}

model::TakenExchanges ProxyServer::take_exchanges() {
  return impl_->take_exchanges();
}

}  // namespace squall::faults
