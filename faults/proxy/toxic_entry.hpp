// A toxic as it stands on a proxy, for all of its links.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/proxy/direction.hpp"
#include "faults/proxy/http/http_selection.hpp"
#include "faults/proxy/toxic.hpp"
#include "faults/proxy/toxic_expiry.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

struct ToxicCounters {
  std::uint64_t links = 0;        // on which it has been at work, those that have ended included
  std::uint64_t fired_links = 0;  // of them, on which it has interfered
  std::uint64_t fired = 0;        // times that it interfered, on all of them
  // Of HTTP faults: that fit its route, methods and header; of them that were chosen. What is
  // neither fired nor preempted then is under way.
  std::uint64_t requests = 0;
  std::uint64_t planned = 0;
  std::uint64_t preempted = 0;
  // Answers that the upstream gave to what was lost or copied: it has executed so many.
  std::uint64_t executed = 0;
  std::vector<std::string> reasons = {};  // of the first ones that were preempted

  void preempt(std::string reason) {
    constexpr std::size_t kKeptReasons = 5;
    ++preempted;
    if (reasons.size() < kKeptReasons) {
      reasons.push_back(std::move(reason));
    }
  }
};

// Of a toxic that acts on HTTP exchanges.
struct HttpEntry {
  std::shared_ptr<HttpFault> fault;  // exchanges under way may be the last ones to have it
  HttpSelection selection;
  std::uint64_t active = 0;  // exchanges that it is at work on
};

// Shared by the links of a proxy, which borrow it: it goes after its stages. Proxy thread only.
struct ToxicEntry {
  std::string name;
  const ToxicKind* kind = nullptr;
  Direction direction = Direction::kDownstream;
  // 0 to 1: of links, or of requests when `http` is there. Single precision as on Toxiproxy's wire.
  float toxicity = 1;
  expr::Value attributes = {expr::Table{}, {}};  // complete
  ToxicFactory factory = {};                     // empty when `http` is there
  StreamId chance;  // of (seed, proxy, name): one number for each accept ordinal
  ToxicCounters counters = {};
  std::optional<Duration> ttl = {};  // positive; counts once it is on its proxy
  std::unique_ptr<ToxicExpiry> expiry = {};
  std::optional<HttpEntry> http = {};

  // Whether a link gets it: drawn once, whatever happens to it or its neighbours later. A higher
  // toxicity only adds links.
  [[nodiscard]] bool chosen(std::uint64_t ordinal) const {
    return chance.unit_at(ordinal) < static_cast<double>(toxicity);
  }
  // What it draws while it is at work on that link.
  [[nodiscard]] Rng draws(std::uint64_t ordinal) const;

  // The same for requests, by the proxy's request ordinal.
  [[nodiscard]] bool chosen_request(std::uint64_t request) const {
    return StreamId(chance.value(), "requests", "").unit_at(request) <
           static_cast<double>(toxicity);
  }
  [[nodiscard]] Rng request_draws(std::uint64_t request) const {
    return Rng(StreamId(chance.value(), "request draws", "", request));
  }

  static StreamId chance_of(std::uint64_t seed, std::string_view proxy, std::string_view name) {
    return {seed, proxy, std::string("toxic ").append(name)};
  }
};

}  // namespace squall::faults
