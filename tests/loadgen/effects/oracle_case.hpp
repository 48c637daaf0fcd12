// Compiles one oracle from its keys, and serves what it reads.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "loadgen/model/oracle.hpp"
#include "loadgen/net/http_server.hpp"
#include "tests/support/registered_kind.hpp"

namespace squall::effects {

inline const model::OracleKind& oracle_kind(std::string_view name) {
  return test::registered_kind<model::OracleKind>(register_oracles, name);
}

struct CompiledOracle {
  std::unique_ptr<model::Oracle> oracle;
  std::string problems;  // empty when the keys were right
};

inline CompiledOracle compile(std::string_view kind, std::string_view toml) {
  CompiledOracle result;
  result.oracle = test::compile_kind(oracle_kind(kind), toml, result.problems);
  return result;
}

inline std::unique_ptr<net::HttpServer> serve(net::HttpServer::Handler handler) {
  auto server = net::HttpServer::start({}, std::move(handler));
  EXPECT_TRUE(server.has_value()) << (server ? "" : to_string(server.error()));
  return server ? std::move(*server) : nullptr;
}

inline net::ServerReply reply(std::string body, int status = 200) {
  net::ServerReply result;
  result.status = status;
  result.body = std::move(body);
  return result;
}

inline std::string base_url(const net::HttpServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

}  // namespace squall::effects
