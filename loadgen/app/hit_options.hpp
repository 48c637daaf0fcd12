// What people type behind `squall hit`: a plan in the habits of vegeta, oha and hey.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/app/plan_options.hpp"

namespace CLI {
class App;
}

namespace squall::app {

// As typed; quantities are checked by the command line ("200/s", "5%", "30s"), so that whatever
// reads them here can rely on their form. A value.
struct HitOptions {
  std::vector<std::string> urls;
  std::string targets;  // a file of requests; "-": standard input; empty: none

  // The request
  std::string method;                // empty: GET, or POST when there is a body
  std::vector<std::string> headers;  // "Name: value"
  std::string data;                  // text, or @file
  std::string json;                  // text, or @file; with its Content-Type
  std::string timeout = "10s";
  bool http2 = false;
  bool insecure = false;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;  // empty: in certificate_file

  // The load
  std::string rate;      // open model
  bool poisson = false;  // independent arrivals instead of equal distances
  std::string ramp;      // from nothing to the rate in this time
  std::string duration;
  std::optional<std::uint64_t> requests;
  std::optional<unsigned> connections;
  std::optional<unsigned> users;  // closed model
  std::string think;              // of a user, between two requests
  std::string warmup;

  // What goes wrong
  std::string drop;       // share of requests whose answer is never read
  std::string duplicate;  // share of requests sent twice, together
  std::string latency;    // "100ms", or "100ms:10%" for a share of the requests

  std::vector<std::string> require;

  std::string typed;  // the whole command line, quoted for a shell

  // What it shares with `squall run`
  PlanOptions plan;
};

void add_hit_options(CLI::App& command, HitOptions& options);

}  // namespace squall::app
