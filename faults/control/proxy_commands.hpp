// What toxiproxy-cli's commands do and say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/control/toxiproxy_client.hpp"
#include "loadgen/base/result.hpp"

namespace squall::faults {

enum class ListStyle : std::uint8_t {
  kTabs,   // for programs: toxiproxy-cli's form, byte for byte
  kTable,  // for people
  kColored,
};

struct NewProxy {
  std::string name;
  std::string listen;
  std::string upstream;
  bool half_close = false;
};

struct ToxicArguments {
  std::string proxy;
  std::string name = {};  // empty when it is added: the server chooses
  std::string type = {};
  std::string stream = "downstream";
  std::string toxicity = {};  // "0" to "1"; empty: 1 when it is added, unchanged in an update
  std::vector<std::string> attributes = {};  // "key=value"; numbers, true and false as such
  std::string ttl = {};                      // "30s"; empty: none
};

// Each gives what is to be printed, or one line about what went wrong. They block
// (ToxiproxyClient).
[[nodiscard]] Result<std::string> list_proxies(const ToxiproxyClient& client, ListStyle style);
[[nodiscard]] Result<std::string> inspect_proxy(const ToxiproxyClient& client,
                                                const std::string& name, ListStyle style);
[[nodiscard]] Result<std::string> create_proxy(const ToxiproxyClient& client,
                                               const NewProxy& proxy);
[[nodiscard]] Result<std::string> toggle_proxy(const ToxiproxyClient& client,
                                               const std::string& name);
[[nodiscard]] Result<std::string> delete_proxy(const ToxiproxyClient& client,
                                               const std::string& name);
[[nodiscard]] Result<std::string> add_toxic(const ToxiproxyClient& client,
                                            const ToxicArguments& toxic);
[[nodiscard]] Result<std::string> update_toxic(const ToxiproxyClient& client,
                                               const ToxicArguments& toxic);
[[nodiscard]] Result<std::string> remove_toxic(const ToxiproxyClient& client,
                                               const std::string& proxy, const std::string& toxic);

}  // namespace squall::faults
