// The [[proxy]] tables of a plan: where the fault proxy listens and what is behind it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/error.hpp"
#include "loadgen/base/proxy_tls_settings.hpp"

namespace squall::model {

enum class ProxyMode : std::uint8_t {
  kTcp,   // bytes: anything that speaks TCP
  kHttp,  // HTTP/1.1 exchanges are seen and can be broken one by one; the rest passes as bytes
};

[[nodiscard]] constexpr std::string_view to_string(ProxyMode mode) {
  return mode == ProxyMode::kTcp ? "tcp" : "http";
}

// How the end of one side of a link reaches the other.
enum class ProxyEnds : std::uint8_t {
  kKept,   // an end of one direction is passed on as such, and the other direction goes on
  kClose,  // as Toxiproxy: any end closes both sides
};

struct ProxyPlan {
  std::string name;
  std::string listen;  // "127.0.0.1:41234": loopback, a free port unless the plan names one
  std::uint16_t port = 0;
  std::string upstream;       // "127.0.0.1:5432": host and port, names filled in
  std::string upstream_host;  // of it, lower case, without brackets
  std::uint16_t upstream_port = 0;
  ProxyMode mode = ProxyMode::kTcp;
  ProxyEnds ends = ProxyEnds::kKept;
  ProxyTlsSettings tls = {};  // neither end: bytes pass as they are, TLS or not
  SourceRef where;
};

}  // namespace squall::model
