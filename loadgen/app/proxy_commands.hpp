// The commands below `squall proxy`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loadgen/app/cli.hpp"
#include "loadgen/model/verdict.hpp"

namespace squall::app {

void add_proxy_serve(CLI::App& proxy, Cli& cli);
// list, inspect, create, toggle, delete, toxic add|update|remove.
void add_proxy_clients(CLI::App& proxy, Cli& cli);
void add_proxy_ca(CLI::App& proxy, Cli& cli);

struct ServeOptions {
  std::string host = "localhost";
  std::uint16_t port = 8474;
  std::string config = {};
  std::optional<std::uint64_t> seed = {};
  bool proxy_metrics = false;
  bool runtime_metrics = false;
  std::string token = {};
  std::string version = {};
  std::string log_level = {};
};

// Serves until a signal says that it is enough, which is a pass. Says on stdout where it listens
// once it does, and on stderr what happens.
[[nodiscard]] model::ExitCode serve_proxies(const ServeOptions& options,
                                            const run::StopSignal& stop);

}  // namespace squall::app
