// The request with which an oracle asks over HTTP.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/effects/url.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/oracle.hpp"
#include "loadgen/net/http_client.hpp"

namespace squall::effects {

// A value that is read from a plan and started once; then any thread may render and send.
class OracleRequest {
 public:
  // Reads the keys `request`, `headers` and `timeout`, which `request_key`, `headers_key` and
  // `timeout_key` describe. `example` is shown when the request is none. Problems go to the reader.
  [[nodiscard]] static OracleRequest read(expr::TableReader& reader, std::string_view example);

  // Whether {{key}} stands in its method or address: it is sent once for each key.
  [[nodiscard]] bool asks_for_a_key() const { return line_.uses(expr::Token::kKey); }

  // Fails with kInvalidArgument when the address is none, or on a host that squall may not send to.
  [[nodiscard]] Result<void> start(const model::OracleContext& context);

  // The request for one key; "" for all. The target's headers and the way to it go to the target
  // alone: they may hold its credentials. REQUIRES: started.
  [[nodiscard]] Result<net::ClientRequest> for_key(std::string_view key) const;

  // Sends within the deadline (monotonic) and the plan's `timeout`. Blocks. Any status is an
  // answer.
  [[nodiscard]] Result<net::ClientResponse> send(net::ClientRequest& request,
                                                 TimePoint deadline) const;

  // What to say of an answer that is no success: "GET /ledger answered 503".
  [[nodiscard]] static std::string status_text(const net::ClientRequest& request,
                                               const net::ClientResponse& answer);
  [[nodiscard]] static bool succeeded(const net::ClientResponse& answer) {
    return answer.status >= 200 && answer.status <= 299;
  }

 private:
  [[nodiscard]] Result<void> add_headers(const Url& url, std::string_view key,
                                         net::ClientRequest& request) const;

  expr::Template line_;  // "GET /ledger?run={{run}}"
  std::vector<std::pair<std::string, expr::Template>> headers_;
  Duration timeout_{};
  model::OracleContext context_;
};

[[nodiscard]] expr::KeySpec request_key(std::string help, std::string example);
[[nodiscard]] expr::KeySpec headers_key();
[[nodiscard]] expr::KeySpec timeout_key();

}  // namespace squall::effects
