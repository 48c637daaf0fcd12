// Where squall is told to listen, and the Host headers that its servers are sent: what parses has a
// host that can stand in a URL, and only a name that was bound names a server.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/net/listen_address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  if (const auto address = squall::net::parse_listen_address(text)) {
    SQUALL_CHECK(!address->host.empty());
    SQUALL_CHECK(address->host.find_first_of("/@ []") == std::string::npos);
    SQUALL_CHECK(squall::net::host_names_listener(text, address->host));
  }
  if (squall::net::host_names_listener(text, "10.1.2.3")) {
    SQUALL_CHECK(text.find("10.1.2.3") != std::string::npos);
  }
  return 0;
}
