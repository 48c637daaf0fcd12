// Addresses of proxies. Nothing is resolved: only what needs no resolver is looked at further.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "faults/proxy/proxy_address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto upstream = squall::faults::parse_upstream(text);
  if (upstream ? squall::faults::speaks_tls(text) && upstream->host.empty()
               : upstream.error().message.empty()) {
    std::abort();
  }
  const auto parts = squall::faults::parse_host_port(text);
  if (!parts) {
    if (parts.error().message.empty()) {
      std::abort();
    }
    return 0;
  }
  for (const auto& address : squall::faults::known_addresses(parts->host, parts->port)) {
    const auto again = squall::faults::parse_host_port(address.to_string());
    if (!again || again->port != parts->port) {
      std::abort();
    }
  }
  return 0;
}
