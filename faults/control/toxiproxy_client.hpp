// Asks a control API, squall's or Toxiproxy's.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

// A value; each call makes a connection of its own and blocks until it is answered, 30 seconds at
// most. Errors are kUnavailable, with the texts of Toxiproxy's own client: "HTTP 404: proxy not
// found", or why there is no answer.
class ToxiproxyClient {
 public:
  struct Options {
    std::string url = "http://localhost:8474";  // "http://" may be missing
    std::string token = {};                     // sent when not empty
    std::string user_agent = {};
  };
  explicit ToxiproxyClient(const Options& options);

  // The answer's JSON, an empty table when it has none. `body` is sent with POST.
  [[nodiscard]] Result<expr::Value> get(std::string_view path) const;
  [[nodiscard]] Result<expr::Value> post(std::string_view path, const std::string& body) const;
  [[nodiscard]] Result<void> remove(std::string_view path) const;

  // "/proxies/NAME", "/proxies/NAME/toxics/NAME": names are encoded.
  [[nodiscard]] static std::string proxy_path(std::string_view proxy);
  [[nodiscard]] static std::string toxic_path(std::string_view proxy, std::string_view toxic);

 private:
  [[nodiscard]] Result<expr::Value> ask(std::string_view method, std::string_view path,
                                        const std::string& body) const;
  Options options_;
};

}  // namespace squall::faults
