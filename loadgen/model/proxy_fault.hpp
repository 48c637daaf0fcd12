// The seam of the faults that a plan puts on its proxies: toxics on links, and faults of HTTP
// exchanges.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/registry.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::model {

// What a share of a proxy fault is a share of.
enum class ProxyFaultUnit : std::uint8_t { kLink, kRequest };

// One kind of fault on a proxy. Plans write its attributes with units; the fault proxy takes them
// as its control API does, in the native units of each kind.
struct ProxyFaultKind {
  std::string_view name;              // the `kind` in a plan
  std::string_view summary;           // one line for help and reference
  std::string_view production_cause;  // what in production looks like this
  std::string_view example;           // the keys of its own in TOML lines
  // kRequest: needs a proxy in HTTP mode, and has no direction.
  ProxyFaultUnit unit = ProxyFaultUnit::kLink;
  // What it does cannot be counted link by link (a closed port), or it does nothing at all: that
  // nothing was counted is then no sign of a failed injection.
  bool counts_nothing = false;
  // The keys of its [[fault]] table beside the common ones. Static.
  const expr::TableSpec* keys = nullptr;
  // Reads those keys and gives the attributes, a table in the units of the control API. Problems go
  // to the reader's diagnostics, those that the fault itself would report included.
  std::function<expr::Value(expr::TableReader& reader)> read;
};

using ProxyFaultRegistry = Registry<ProxyFaultKind>;

// A [[fault]] with `proxy`.
struct PlannedProxyFault {
  std::string name;
  const ProxyFaultKind* kind = nullptr;
  std::string proxy;
  std::string direction;  // "upstream" or "downstream"; empty: of HTTP exchanges, which have both
  // Of links (decided once for each, by its ordinal) or of requests.
  Share share{1.0};
  std::optional<expr::Window> window;  // after t = 0; without one: the whole load, warm-up included
  expr::Value attributes = {expr::Table{}, {}};
  SourceRef where;
};

// "latency on psp downstream, share 5%, 5s to 25s": for people.
[[nodiscard]] std::string summary_of(const PlannedProxyFault& fault);

}  // namespace squall::model
