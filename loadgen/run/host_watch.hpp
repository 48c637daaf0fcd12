// What of this host's limits a run uses up. Local ports are not among them: how many are left
// depends on the address that is connected to, so only a connection that failed for want of one
// tells.
#pragma once

#include <dirent.h>

#include <cstdint>
#include <memory>

namespace squall::run {

struct HostUse {
  std::uint64_t descriptors = 0;
  std::uint64_t descriptor_limit = 0;
};

// Reads /proc. The list of descriptors is opened once, at the start: when they have run out it
// could not be opened any more. One thread.
class HostWatch {
 public:
  HostWatch();

  // A figure that cannot be read is 0, and its limit too. Descriptors that cannot be counted for
  // want of one are as many as the limit.
  [[nodiscard]] HostUse look();

 private:
  struct Close {
    void operator()(DIR* directory) const { ::closedir(directory); }
  };
  [[nodiscard]] std::uint64_t count_descriptors(std::uint64_t limit);

  std::unique_ptr<DIR, Close> descriptors_;
  bool none_left_ = false;  // for the list itself
};

// Raises the soft limit of descriptors to the hard one while it lives, for the sockets of the load;
// programs that are started before and after keep the limit that they may rely on. One at a time.
class DescriptorLimitRaised {
 public:
  DescriptorLimitRaised();
  ~DescriptorLimitRaised();
  DescriptorLimitRaised(const DescriptorLimitRaised&) = delete;
  DescriptorLimitRaised& operator=(const DescriptorLimitRaised&) = delete;

 private:
  std::uint64_t soft_before_ = 0;  // 0: left alone
};

}  // namespace squall::run
