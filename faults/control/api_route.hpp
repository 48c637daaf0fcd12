// Which request to the control API is which.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::faults {

struct ApiRoute {
  enum class Name : std::uint8_t {
    kReset,
    kProxyIndex,
    kProxyCreate,
    kPopulate,
    kProxyShow,
    kProxyUpdate,
    kProxyDelete,
    kToxicIndex,
    kToxicCreate,
    kToxicShow,
    kToxicUpdate,
    kToxicDelete,
    kVersion,
    kMetrics,
    kEvents,
  };
  Name name = Name::kVersion;
  std::string proxy = {};  // decoded: "a%2Fb" is the proxy a/b
  std::string toxic = {};
  std::string query = {};  // what follows "?", as sent
};

// "ProxyIndex": as Toxiproxy calls its handlers in logs.
[[nodiscard]] std::string_view to_string(ApiRoute::Name name);

enum class NoRoute : std::uint8_t {
  kNotFound,     // 404
  kWrongMethod,  // 405: others are known for that path
};

// `target` as it stands in the request line. Repeated slashes count as one. Any thread.
[[nodiscard]] tl::expected<ApiRoute, NoRoute> find_route(std::string_view method,
                                                         std::string_view target);

}  // namespace squall::faults
