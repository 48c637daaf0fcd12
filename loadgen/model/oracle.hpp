// The seam of oracles: where effects are counted, outside the answers that the target gave.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/http_route.hpp"
#include "loadgen/base/registry.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/tls_settings.hpp"

namespace squall::model {

// Effects per key as an oracle saw them at one time. A value.
struct OracleReading {
  std::map<std::string, std::uint64_t, std::less<>> counts;  // keys without effects may be left out
  std::set<std::string, std::less<>> undecided;  // asked keys that it could not answer for, with …
  std::string undecided_reason;                  // … why (the first reason)
  // All effects together since the oracle's first reading, when it knows nothing but that: then
  // `counts` is empty and each key it was asked for is undecided.
  std::optional<std::uint64_t> total = {};
  bool operator==(const OracleReading&) const = default;
};

// What an oracle may use. Borrowed; outlives the oracle's calls.
struct OracleContext {
  std::string run_id;
  std::string default_base_url;  // of the plan's first target: requests given as a path go there
  std::vector<std::pair<std::string, std::string>> default_headers;  // of that target
  HttpRoute default_route;                                           // to that target
  std::vector<TlsPeer> tls;                // how to speak TLS with the plan's targets
  std::vector<std::string> allowed_hosts;  // where it may send; loopback is always allowed
  std::string working_directory;           // of the plan, for exec; empty: squall's own
  std::uint64_t seed = 0;                  // of the run: for what an oracle decides by chance
};

// A host that an oracle sends to, and the key of its table that says so.
struct OracleHost {
  std::string key;
  std::string host;  // lower case, without brackets
  std::uint16_t port = 0;
};

// Used by one thread (the run's), apart from what it serves to the target itself.
class Oracle {
 public:
  virtual ~Oracle() = default;

  // Before services start: opens what the target will call (a sink). Fails when it cannot do its
  // work at all.
  virtual Result<void> start(const OracleContext& context) = 0;
  // Counts effects now. `keys` are those of operations sent so far, for oracles that must be asked
  // key by key; an oracle that lists everything ignores them. A key it cannot answer for is
  // `undecided`; when it cannot answer at all, it fails: with kNotFound when asking again is of no
  // use. Bounded: returns within `budget`.
  [[nodiscard]] virtual Result<OracleReading> read(std::span<const std::string> keys,
                                                   Duration budget) = 0;
  // Whether a reading may leave out the effects of keys that it was not asked for. Then a baseline
  // knows nothing but the keys that were asked for before the load.
  [[nodiscard]] virtual bool counts_asked_keys_only() const { return false; }
  // Whether its readings hold a total alone: a second opinion on the sum, which decides no key.
  [[nodiscard]] virtual bool counts_total_only() const { return false; }
  // Where it will send to, beside the URLs in its table that start with http:// or https://, which
  // the loader finds by itself. Each must be loopback or allowed.
  [[nodiscard]] virtual std::vector<OracleHost> hosts() const { return {}; }
};

struct OracleKind {
  std::string_view name;
  std::string_view summary;
  std::string_view example;               // a complete [[effects.oracle]] table in TOML
  const expr::TableSpec* keys = nullptr;  // beside `kind` and `name`
  // Problems go to the reader's diagnostics. Never returns null.
  std::unique_ptr<Oracle> (*compile)(expr::TableReader& reader) = nullptr;
  // Whether the target calls it: then the loader reserves a port for it and defines {{sink.NAME}}
  // as "127.0.0.1:port" before anything else of the plan is read; `compile` finds that in the
  // reader's scope.
  bool listens = false;
};

using OracleRegistry = Registry<OracleKind>;

}  // namespace squall::model
namespace squall::effects {
using model::OracleRegistry;
// Generated from the files in loadgen/effects/oracles.
void register_oracles(OracleRegistry& registry);
}  // namespace squall::effects
