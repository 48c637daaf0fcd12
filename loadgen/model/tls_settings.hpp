// The `tls` table of a target, and whom it is for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/tls_settings.hpp"

namespace squall::model {

// The type stands in loadgen/base because loadgen/net, which knows no plans, speaks TLS by it.
using squall::TlsSettings;
using squall::TlsVersion;

struct TlsPeer {
  std::string host;  // lower case, without brackets
  std::uint16_t port = 0;
  TlsSettings settings;
};

// How requests beside the load (set-up, probes, oracles) speak TLS with that host and port: as the
// first peer of that name does, else by the defaults.
[[nodiscard]] TlsSettings tls_for(const std::vector<TlsPeer>& peers, std::string_view host,
                                  std::uint16_t port);

}  // namespace squall::model
