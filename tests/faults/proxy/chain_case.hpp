// A chain without sockets on a clock of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/proxy/chain.hpp"
#include "faults/proxy/toxic_attributes.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/net/alarm_queue.hpp"
#include "tests/support/read_table.hpp"

namespace squall::faults {

inline const ToxicRegistry& all_toxics() {
  static const ToxicRegistry registry = [] {
    ToxicRegistry all;
    register_toxics(all);
    return all;
  }();
  return registry;
}

// Attributes as TOML lines ("latency = 80\n"), complete.
inline expr::Value attributes_of(const ToxicKind& kind, std::string_view toml) {
  auto given = expr::parse_toml(toml, "test.toml");
  EXPECT_TRUE(given.has_value()) << toml;
  return complete_attributes(kind, {expr::Table{}, {}}, *given);
}

inline std::unique_ptr<ToxicEntry> make_entry(std::string_view type, std::string_view toml,
                                              std::uint64_t seed = 1) {
  const ToxicKind* kind = all_toxics().find(type);
  EXPECT_NE(kind, nullptr) << type;
  expr::Value attributes = attributes_of(*kind, toml);
  auto factory = compile_toxic(*kind, attributes);
  EXPECT_TRUE(factory.has_value()) << (factory ? "" : factory.error().message);
  return std::make_unique<ToxicEntry>(
      ToxicEntry{.name = std::string(type),
                 .kind = kind,
                 .attributes = std::move(attributes),
                 .factory = *factory,
                 .chance = ToxicEntry::chance_of(seed, "test", type)});
}

// What came out of a chain, with milliseconds since the start.
struct Sent {
  double at_ms;
  std::string bytes;
};

// The place where a chain leads, recording. `room` is what the receiver takes before it is slow.
class ChainCase final : public ChainEnds {
 public:
  explicit ChainCase(std::uint64_t seed = 1) : seed_(seed) {}

  ToxicEntry& add(std::string_view type, std::string_view toml, std::uint64_t ordinal = 0) {
    ToxicEntry& entry = *entries_.emplace_back(make_entry(type, toml, seed_));
    chain.add(entry, entry.factory(), entry.draws(ordinal));
    return entry;
  }
  void change(ToxicEntry& entry, std::string_view toml) {
    entry.attributes = attributes_of(*entry.kind, toml);
    entry.factory = compile_toxic(*entry.kind, entry.attributes).value();
    chain.update(entry, entry.factory());
  }

  // Moves the clock, stopping at every alarm on the way.
  void advance(Duration by) {
    const TimePoint until = clock.now() + by;
    for (auto next = alarms.next(); next.has_value() && *next <= until; next = alarms.next()) {
      clock.advance(*next - clock.now());
      alarms.fire(clock.now());
    }
    clock.advance(until - clock.now());
  }

  [[nodiscard]] std::string all_bytes() const {
    std::string result;
    for (const Sent& one : sent) {
      result += one.bytes;
    }
    return result;
  }
  [[nodiscard]] double now_ms() const {
    return static_cast<double>((clock.now() - start_).count()) / 1e6;
  }

  [[nodiscard]] bool ready() const override { return takes > 0; }
  void write(std::string_view bytes) override {
    --takes;
    sent.push_back({now_ms(), std::string(bytes)});
  }
  void finish(EndKind kind) override {
    end = kind;
    end_ms = now_ms();
  }
  void reset() override { reset_ms = now_ms(); }
  void on_fired(ToxicEntry& /*toxic*/, bool first_time) override { first_fired += first_time; }
  void after_alarm() override {}

  ManualClock clock;
  net::AlarmQueue alarms;
  int takes = 1'000'000;  // writes until the receiver is full
  std::vector<Sent> sent;
  std::optional<EndKind> end;
  double end_ms = -1;
  double reset_ms = -1;
  int first_fired = 0;

 private:
  const std::uint64_t seed_;
  const TimePoint start_ = clock.now();
  std::vector<std::unique_ptr<ToxicEntry>> entries_;

 public:
  Chain chain{clock, alarms, *this};  // last: it borrows the others
};

}  // namespace squall::faults
