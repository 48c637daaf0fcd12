// A toxic as it stands on a proxy, for all of its links.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "faults/proxy/direction.hpp"
#include "faults/proxy/toxic.hpp"
#include "faults/proxy/toxic_expiry.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

struct ToxicCounters {
  std::uint64_t links = 0;        // on which it has been at work, those that have ended included
  std::uint64_t fired_links = 0;  // of them, on which it has interfered
  std::uint64_t fired = 0;        // times that it interfered, on all of them
};

// Shared by the links of a proxy, which borrow it: it goes after its stages. Proxy thread only.
struct ToxicEntry {
  std::string name;
  const ToxicKind* kind = nullptr;
  Direction direction = Direction::kDownstream;
  float toxicity = 1;      // 0 to 1; single precision as on Toxiproxy's wire
  expr::Value attributes;  // a table, complete
  ToxicFactory factory;
  StreamId chance;  // of (seed, proxy, name): one number for each accept ordinal
  ToxicCounters counters = {};
  std::optional<Duration> ttl = {};  // positive; counts once it is on its proxy
  std::unique_ptr<ToxicExpiry> expiry = {};

  // Whether a link gets it: drawn once, whatever happens to it or its neighbours later. A higher
  // toxicity only adds links.
  [[nodiscard]] bool chosen(std::uint64_t ordinal) const {
    return chance.unit_at(ordinal) < static_cast<double>(toxicity);
  }
  // What it draws while it is at work on that link.
  [[nodiscard]] Rng draws(std::uint64_t ordinal) const;

  static StreamId chance_of(std::uint64_t seed, std::string_view proxy, std::string_view name) {
    return {seed, proxy, std::string("toxic ").append(name)};
  }
};

}  // namespace squall::faults
