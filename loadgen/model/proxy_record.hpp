// What a run record says of proxies, of the faults on them, and of the timeline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::model {

struct RecordedProxy {
  std::string name;
  std::string mode;  // "tcp", "http"
  std::string listen;
  std::string upstream;
};

// One proxy in one second. `open_links`: at its end.
struct ProxySecond {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  // by a fault
  std::uint64_t dial_failures = 0;
  std::uint64_t open_links = 0;
  std::uint64_t upstream_bytes = 0;    // read from clients
  std::uint64_t downstream_bytes = 0;  // read from the server
};

struct RecordedProxyFault {
  std::string name;
  std::string kind;
  std::string proxy;
  std::string summary;          // "latency on psp downstream, 10s to 20s"
  bool of_requests = false;     // else of links
  bool counts_nothing = false;  // see ProxyFaultKind
  // Links or requests, while it was on: that passed, that it was decided for, that it did something
  // to.
  std::uint64_t seen = 0;
  std::uint64_t planned = 0;
  std::uint64_t fired = 0;
};

// One thing on the timeline: a fault on a proxy, an action on a service.
struct RecordedAction {
  std::string name;
  std::string kind;         // "fault", "action"
  std::string description;  // "slow-psp: latency on psp downstream"
  // After t = 0. As planned: the beginning of the load (warm-up included) and its end (drain
  // included) where the plan gives no instant.
  Duration planned_at{};
  Duration planned_until{};
  bool started = false;  // it was its turn; `problem` says whether it could be done
  bool undone = false;
  // When it was done and undone, measured when that was finished.
  Duration at{};
  Duration until{};
  // How late the timeline was with each, its own doing.
  Duration late_at{};
  Duration late_until{};
  std::string problem = {};  // why it could not be done or undone
};

}  // namespace squall::model
