// What is asked of proxies and toxics, and what is shown of them: values that cross threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "faults/proxy/direction.hpp"
#include "faults/proxy/http/http_counters.hpp"
#include "faults/proxy/link.hpp"
#include "faults/proxy/toxic_entry.hpp"
#include "loadgen/base/proxy_tls_settings.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/model/proxy_plan.hpp"

namespace squall::faults {

// Why a request about proxies was refused. The message is the text of Toxiproxy's API where it has
// one.
struct ProxyError {
  enum class Kind : std::uint8_t {
    kMissingField,
    kProxyNotFound,
    kToxicNotFound,
    kProxyExists,
    kToxicExists,
    kInvalidToxicType,
    kBadAttributes,
    kBadTls,        // files that cannot be used, or keys that do not go together
    kCannotListen,  // also when the address cannot be resolved
  };
  Kind kind = Kind::kMissingField;
  std::string message;
};

template <class T>
using ProxyResult = tl::expected<T, ProxyError>;

inline tl::unexpected<ProxyError> refuse(ProxyError::Kind kind, std::string message) {
  return tl::unexpected<ProxyError>(ProxyError{kind, std::move(message)});
}

struct ProxySettings {
  std::string name = {};
  std::string listen = {};  // as given; the bound address once it has listened
  // As given: "host:port", or "https://host:port" to speak TLS with it. Not interpreted further
  // before a dial.
  std::string upstream = {};
  bool enabled = true;
  Ends ends = Ends::kCloseBoth;
  ProxyTlsSettings tls = {};
  // kHttp: toxics that act on HTTP exchanges are possible, and exchanges are noted.
  model::ProxyMode mode = model::ProxyMode::kTcp;
};

// What is absent stays as it is.
struct ProxyUpdate {
  std::optional<std::string> listen = {};
  std::optional<std::string> upstream = {};
  std::optional<bool> enabled = {};
  std::optional<Ends> ends = {};             // for links that are accepted from now on
  std::optional<ProxyTlsSettings> tls = {};  // as a whole
  // For links that are accepted from now on. Not back to kTcp while toxics act on HTTP exchanges.
  std::optional<model::ProxyMode> mode = {};
};

struct ToxicSettings {
  std::string name = {};  // empty: "<type>_<direction>"
  std::string type = {};
  Direction direction = Direction::kDownstream;
  float toxicity = 1;
  // A table; keys that the type does not know are ignored, those that are absent get defaults.
  // Names in any case; numbers without a fraction are taken for integers.
  expr::Value attributes = {expr::Table{}, {}};
  // The toxic removes itself so long after it was added; absent or zero: never.
  std::optional<Duration> ttl = {};
};

struct ToxicUpdate {
  std::optional<float> toxicity = {};
  expr::Value attributes = {expr::Table{}, {}};  // put over those that are there, key by key
  std::optional<Duration> ttl = {};              // counts from now; zero: for ever
};

struct ToxicView {
  std::string name;
  std::string type;
  Direction direction = Direction::kDownstream;
  float toxicity = 1;
  expr::Value attributes;  // a table in the order of the type's description
  ToxicCounters counters;
  std::uint64_t live_links = 0;  // now, of those that it is at work on
  std::optional<Duration> ttl = {};
  std::optional<Duration> expires_in = {};  // with a ttl: what is left of it
};

struct ProxyCounters {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  // by a toxic
  std::uint64_t accept_failures = 0;
  std::uint64_t dial_failures = 0;
  std::uint64_t tls_failures = 0;   // handshakes on either side, and what broke later by TLS
  std::uint64_t tls_truncated = 0;  // sides that ended without saying so by TLS's close_notify
  // By Direction.
  std::array<DirectionCounters, 2> bytes = {};
  HttpCounters http = {};

  [[nodiscard]] const DirectionCounters& of(Direction direction) const {
    return bytes[static_cast<std::size_t>(direction)];
  }
};

struct ProxyView {
  ProxySettings settings;
  std::vector<ToxicView> toxics = {};  // upstream first, then downstream, each as they were added
  ProxyCounters counters = {};
  std::uint64_t open_links = 0;  // now, those that are being dialled included
  std::uint64_t held_links = 0;  // of them, with a side that waits for a toxic or a receiver
};

}  // namespace squall::faults
