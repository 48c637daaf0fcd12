// Prometheus text of what the proxies have done.
#pragma once

#include <string>
#include <vector>

#include "faults/proxy/proxy_settings.hpp"

namespace squall::faults {

// Bytes by proxy and direction under the names and labels of Toxiproxy, live; then what squall
// knows besides (squall_…).
void append_proxy_metrics(const std::vector<ProxyView>& proxies, std::string& out);

// process_* of this process, read from /proc. Nothing of a Go runtime: there is none.
void append_process_metrics(std::string& out);

}  // namespace squall::faults
