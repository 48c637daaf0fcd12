#include "faults/process/free_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <set>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/hash.hpp"

namespace squall::faults {
namespace {

// Below are the ports that people know by heart and may start something on meanwhile.
constexpr std::uint32_t kLowestPort = 10'000;
constexpr std::uint32_t kHighestPort = 65'535;
constexpr std::uint32_t kPortCount = kHighestPort - kLowestPort + 1;

// Without SO_REUSEADDR: a port with connections in TIME_WAIT does not count as free, as the service
// may not set it.
bool can_be_bound(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return false;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

class PortPicker {
 public:
  Result<std::uint16_t> pick() {
    const std::lock_guard lock(mutex_);
    const PortRange outgoing = outgoing_port_range();
    for (const bool outside : {true, false}) {
      for (std::uint32_t i = 0; i < kPortCount; ++i) {
        next_ = (next_ + 1) % kPortCount;
        const auto port = static_cast<std::uint16_t>(kLowestPort + next_);
        if (outgoing.contains(port) != outside && !given_.contains(port) && can_be_bound(port)) {
          given_.insert(port);
          return port;
        }
      }
    }
    return fail(ErrorCode::kExhausted, "no free TCP port on 127.0.0.1 (10000 to 65535)");
  }

 private:
  std::mutex mutex_;
  std::set<std::uint16_t> given_;
  // Runs that start at the same moment look in different places.
  std::uint32_t next_ = static_cast<std::uint32_t>(
      hash_combine(static_cast<std::uint64_t>(::getpid()),
                   static_cast<std::uint64_t>(monotonic_now().time_since_epoch().count())) %
      kPortCount);
};

}  // namespace

Result<std::uint16_t> free_port() {
  static PortPicker picker;
  return picker.pick();
}

PortRange outgoing_port_range() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  PortRange range;
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  if (file >> first >> last && first <= last) {
    range = {first, last};
  }
  return range;
}

}  // namespace squall::faults
