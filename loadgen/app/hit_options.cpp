#include "loadgen/app/hit_options.hpp"

#include <CLI/CLI.hpp>

#include "loadgen/app/option_checks.hpp"

namespace squall::app {
namespace {

std::string no_header(const std::string& text) {
  const std::size_t colon = text.find(':');
  return colon == std::string::npos || colon == 0
             ? "write NAME: VALUE, for example \"Accept: application/json\""
             : "";
}

void add_request_options(CLI::App& command, HitOptions& options) {
  const std::string group = "Request";
  command.add_option("-m,-X,--method", options.method, "Method (default: GET, with a body POST)")
      ->group(group)
      ->type_name("METHOD");
  command
      .add_option("-H,--header", options.headers,
                  "A header, NAME: VALUE; may hold {{key}}, {{seq}}, {{now}} and ${env:NAME}. "
                  "Several of one name are sent as one list")
      ->group(group)
      ->type_name("HEADER")
      ->check(no_header)
      ->allow_extra_args(false);
  CLI::Option* data =
      command.add_option("-d,--data", options.data, "Body: text, or @FILE for exact bytes")
          ->group(group)
          ->type_name("TEXT|@FILE");
  command
      .add_option("--json", options.json,
                  "Body as JSON with its Content-Type: text that may hold {{key}} …, or @FILE")
      ->group(group)
      ->type_name("TEXT|@FILE")
      ->excludes(data);
  command
      .add_option("-T,--targets", options.targets,
                  "More requests from a file (- is standard input): METHOD URL lines, each with "
                  "its header lines and a line @FILE for its body; a bare URL is a GET")
      ->group(group)
      ->type_name("FILE");
  command.add_option("-t,--timeout", options.timeout, "Of a request, until its last byte is read")
      ->group(group)
      ->type_name("TIME")
      ->check(no_duration)
      ->capture_default_str();
  command.add_flag("--http2", options.http2, "HTTP/2 (over TLS; http:// URLs: prior knowledge)")
      ->group(group);
}

void add_tls_options(CLI::App& command, HitOptions& options) {
  const std::string group = "Request";
  CLI::Option* insecure = command
                              .add_flag("-k,--insecure", options.insecure,
                                        "Do not verify certificates; the report says so")
                              ->group(group);
  command
      .add_option("--cacert", options.ca_file,
                  "Who may vouch for an https target, instead of the system's authorities (PEM)")
      ->group(group)
      ->type_name("FILE")
      ->excludes(insecure);
  CLI::Option* certificate =
      command
          .add_option("-E,--cert", options.certificate_file,
                      "Who squall is: a certificate with its chain (PEM), and its key unless --key "
                      "names it")
          ->group(group)
          ->type_name("FILE");
  command.add_option("--key", options.key_file, "The private key of --cert (PEM, not encrypted)")
      ->group(group)
      ->type_name("FILE")
      ->needs(certificate);
}

void add_load_options(CLI::App& command, HitOptions& options) {
  const std::string group = "Load";
  CLI::Option* rate =
      command
          .add_option("-r,--rate", options.rate,
                      "Open model: requests start at this rate whatever becomes of them (default: "
                      "50/s, unless -n, -c or --users say otherwise)")
          ->group(group)
          ->type_name("RATE")
          ->check(no_rate);
  command
      .add_option("-z,--for,--duration", options.duration,
                  "How long (default: 10s, or as long as -n takes)")
      ->group(group)
      ->type_name("TIME")
      ->check(no_duration);
  command
      .add_option("-n,--requests", options.requests,
                  "How many requests in all, the preflight's one of each not counted")
      ->group(group)
      ->check(no_count);
  command
      .add_option("-c,--connections", options.connections,
                  "Most connections (default: 64); without --rate also the number of users")
      ->group(group)
      ->check(CLI::Range(1U, 100'000U));
  CLI::Option* users =
      command
          .add_option("--users", options.users,
                      "Closed model: so many users, each waits for its answer before it goes on")
          ->group(group)
          ->check(CLI::Range(1U, 100'000U))
          ->excludes(rate);
  command.add_option("--think", options.think, "Closed model: a user's pause between two requests")
      ->group(group)
      ->type_name("TIME")
      ->check(no_duration)
      ->excludes(rate);
  command.add_flag("--poisson", options.poisson, "Independent arrivals instead of equal distances")
      ->group(group)
      ->excludes(users);
  command.add_option("--ramp", options.ramp, "Rise from nothing to --rate in this time")
      ->group(group)
      ->type_name("TIME")
      ->check(no_duration)
      ->excludes(users);
  command
      .add_option("--warmup", options.warmup, "Traffic before the measured phase, recorded apart")
      ->group(group)
      ->type_name("TIME")
      ->check(no_duration);
}

void add_fault_options(CLI::App& command, HitOptions& options) {
  const std::string group = "Faults and checks";
  command
      .add_option("--drop", options.drop,
                  "Share of requests that arrive whole and whose answer is never read")
      ->group(group)
      ->type_name("SHARE")
      ->check(no_share);
  command
      .add_option("--duplicate", options.duplicate,
                  "Share of requests that are sent twice at one moment")
      ->group(group)
      ->type_name("SHARE")
      ->check(no_share);
  command
      .add_option(
          "--latency", options.latency,
          "Hold requests back for this time before they are sent: 100ms, or a share of them "
          "with 100ms:10%")
      ->group(group)
      ->type_name("TIME[:SHARE]")
      ->check(no_latency);
  command
      .add_option("--require", options.require,
                  "A condition that must hold, else exit 1: \"response p99 < 200ms\", "
                  "\"error_rate < 1%\" (grammar: plans/README.md)")
      ->group(group)
      ->type_name("CONDITION")
      ->check(no_condition)
      ->allow_extra_args(false);
}

}  // namespace

void add_hit_options(CLI::App& command, HitOptions& options) {
  command.add_option("URL", options.urls,
                     "Where to: http:// or https://; several take turns by equal weight");
  add_request_options(command, options);
  add_tls_options(command, options);
  add_load_options(command, options);
  add_fault_options(command, options);
  add_common_plan_options(command, options.plan, "Run");
}

}  // namespace squall::app
