// What requests to the control API carry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "faults/control/api_problem.hpp"
#include "faults/proxy/proxy_settings.hpp"

namespace squall::faults {

// Null and absent mean the same; unknown members are ignored; names are matched in any case.
struct ProxyBody {
  std::string name;
  ProxyUpdate changes;
  std::vector<ToxicSettings> toxics;
};

// Any thread. All fail with 400 "bad request body: …", toxics also with what is wrong in them.

// Of POST /proxies.
[[nodiscard]] ApiResult<ProxyBody> decode_proxy(std::string_view json);
// Of an update of a proxy: `toxics` is ignored.
[[nodiscard]] ApiResult<ProxyBody> decode_proxy_update(std::string_view json);
// Of POST /populate and of a configuration file.
[[nodiscard]] ApiResult<std::vector<ProxyBody>> decode_proxies(std::string_view json);
[[nodiscard]] ApiResult<ToxicSettings> decode_toxic(std::string_view json);
// Everything but `attributes`, `toxicity` and `ttl` is ignored.
[[nodiscard]] ApiResult<ToxicUpdate> decode_toxic_update(std::string_view json);

// The proxy that such a body asks for: what is absent has its default.
[[nodiscard]] ProxySettings settings_of(const ProxyBody& body);

}  // namespace squall::faults
