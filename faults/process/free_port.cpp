#include "faults/process/free_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <set>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/hash.hpp"

namespace squall::faults {
namespace {

// Below are the ports that people know by heart and may start something on meanwhile.
constexpr std::uint32_t kLowestPort = 10'000;
constexpr std::uint32_t kHighestPort = 65'535;

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
  PortPicker() {
    const PortRange outgoing = outgoing_port_range();
    for (std::uint32_t port = kLowestPort; port <= kHighestPort; ++port) {
      const auto candidate = static_cast<std::uint16_t>(port);
      (outgoing.contains(candidate) ? inside_ : outside_).push_back(candidate);
    }
  }

  Result<std::uint16_t> pick() {
    const std::lock_guard lock(mutex_);
    for (const auto* candidates : {&outside_, &inside_}) {
      for (std::size_t i = 0; i < candidates->size(); ++i) {
        const std::uint16_t port = (*candidates)[next_++ % candidates->size()];
        if (!given_.contains(port) && can_be_bound(port)) {
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
  // Ports outside the range of outgoing connections come first, and those inside only when there is
  // none left.
  std::vector<std::uint16_t> outside_;
  std::vector<std::uint16_t> inside_;
  // Runs that start at the same moment look in different places.
  std::size_t next_ =
      hash_combine(static_cast<std::uint64_t>(::getpid()),
                   static_cast<std::uint64_t>(monotonic_now().time_since_epoch().count()));
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
