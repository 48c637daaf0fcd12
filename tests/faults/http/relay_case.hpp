// A relay without sockets on a clock of the test's own: what it leads to is recorded.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/proxy/http/exchange_log.hpp"
#include "faults/proxy/http/http_relay.hpp"
#include "faults/proxy/toxic_attributes.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/net/alarm_queue.hpp"

namespace squall::faults {

inline const ToxicRegistry& all_http_faults() {
  static const ToxicRegistry registry = [] {
    ToxicRegistry all;
    register_http_faults(all);
    return all;
  }();
  return registry;
}

class RelayCase final : public HttpRelayEnds, public HttpRelayHost {
 public:
  explicit RelayCase(std::uint64_t seed = 1, std::uint64_t link = 0) : seed_(seed) {
    relay = std::make_unique<HttpRelay>(HttpRelay::Deps{clock, alarms, *this, *this, link});
  }
  RelayCase(const RelayCase&) = delete;
  RelayCase& operator=(const RelayCase&) = delete;
  ~RelayCase() { relay.reset(); }

  // "http_" is put before the type; attributes as TOML lines.
  ToxicEntry& add(const std::string& type, std::string_view toml, float toxicity = 1) {
    const ToxicKind* kind = all_http_faults().find("http_" + type);
    EXPECT_NE(kind, nullptr) << type;
    auto given = expr::parse_toml(toml, "test.toml");
    EXPECT_TRUE(given.has_value()) << toml;
    auto entry = std::make_unique<ToxicEntry>(
        ToxicEntry{.name = type,
                   .kind = kind,
                   .toxicity = toxicity,
                   .chance = ToxicEntry::chance_of(seed_, "test", type)});
    entry->attributes = complete_attributes(*kind, {expr::Table{}, {}}, *given);
    auto http = compile_http_toxic(*kind, entry->attributes);
    EXPECT_TRUE(http.has_value()) << (http ? "" : http.error().message);
    entry->http = std::move(*http);
    return *entries.emplace_back(std::move(entry));
  }
  void remove(const ToxicEntry& toxic) {
    const auto place = std::find_if(entries.begin(), entries.end(),
                                    [&toxic](const auto& one) { return one.get() == &toxic; });
    const std::unique_ptr<ToxicEntry> gone = std::move(*place);
    entries.erase(place);
    relay->forget(*gone);
  }

  void client(std::string_view bytes) { relay->on_data(Direction::kUpstream, bytes); }
  void server(std::string_view bytes) { relay->on_data(Direction::kDownstream, bytes); }
  // What has come out since the last time.
  std::string take_client() { return std::exchange(to_client, {}); }
  std::string take_server() { return std::exchange(to_server, {}); }
  // Moves the clock, stopping at every alarm on the way.
  void advance(Duration by) {
    const TimePoint until = clock.now() + by;
    for (auto next = alarms.next(); next.has_value() && *next <= until; next = alarms.next()) {
      clock.advance(*next - clock.now());
      alarms.fire(clock.now());
    }
    clock.advance(until - clock.now());
  }
  // The only exchange that is over.
  [[nodiscard]] model::ProxyExchange exchange() {
    auto taken = log.take();
    EXPECT_EQ(taken.exchanges.size(), 1U);
    return taken.exchanges.empty() ? model::ProxyExchange() : taken.exchanges.front();
  }

  void pass(Direction direction, std::string_view bytes) override {
    (direction == Direction::kUpstream ? to_server : to_client).append(bytes);
  }
  [[nodiscard]] bool has_room(Direction /*direction*/) override { return room; }
  [[nodiscard]] bool has_left(Direction direction) override {
    return direction == Direction::kUpstream && client_left;
  }
  void end(Direction direction, EndKind kind) override {
    auto& ended = direction == Direction::kUpstream ? server_end : client_end;
    if (!ended.has_value()) {
      ended = kind;
    }
  }
  void after_alarm() override {}
  std::uint64_t next_request() override { return next_request_++; }
  const std::vector<std::unique_ptr<ToxicEntry>>& toxics() const override { return entries; }
  HttpCounters& http_counters() override { return counters; }
  std::string send_copies(CopyOrder order) override {
    order.exchange->record.copies.resize(order.copies);
    copies.push_back(std::move(order));
    return copies_problem;
  }
  void forget_copies(const HttpRelay& /*relay*/) override {}
  void on_part_over(OpenExchange& open) override {
    if (--open.open_parts == 0) {
      log.add(std::move(open.record));
    }
  }
  void on_http_fired(ToxicEntry& /*toxic*/, std::uint64_t /*link*/, std::string detail) override {
    fired.push_back(std::move(detail));
  }

  ManualClock clock;
  net::AlarmQueue alarms;
  std::vector<std::unique_ptr<ToxicEntry>> entries;
  std::string to_client;
  std::string to_server;
  std::optional<EndKind> client_end;
  std::optional<EndKind> server_end;
  HttpCounters counters;
  ExchangeLog log{1000};
  std::vector<CopyOrder> copies;
  std::string copies_problem;
  std::vector<std::string> fired;
  bool room = true;
  bool client_left = false;
  std::unique_ptr<HttpRelay> relay;

 private:
  const std::uint64_t seed_;
  std::uint64_t next_request_ = 0;
};

}  // namespace squall::faults
