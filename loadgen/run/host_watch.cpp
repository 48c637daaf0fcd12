#include "loadgen/run/host_watch.hpp"

#include <sys/resource.h>

#include <cerrno>

namespace squall::run {

HostWatch::HostWatch() : descriptors_(::opendir("/proc/self/fd")) {
  none_left_ = descriptors_ == nullptr && (errno == EMFILE || errno == ENFILE);
}

std::uint64_t HostWatch::count_descriptors(std::uint64_t limit) {
  if (descriptors_ == nullptr) {
    return none_left_ ? limit : 0;
  }
  ::rewinddir(descriptors_.get());
  std::uint64_t count = 0;
  errno = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this thread's own.
  while (const dirent* const entry = ::readdir(descriptors_.get())) {
    count += entry->d_name[0] != '.' ? 1U : 0U;
  }
  return errno == 0 ? count : limit;
}

HostUse HostWatch::look() {
  HostUse use;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    use.descriptor_limit = limit.rlim_cur;
  }
  use.descriptors = count_descriptors(use.descriptor_limit);
  return use;
}

DescriptorLimitRaised::DescriptorLimitRaised() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) {
    return;
  }
  const std::uint64_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  soft_before_ = ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? before : 0;
}

DescriptorLimitRaised::~DescriptorLimitRaised() {
  rlimit limit{};
  if (soft_before_ > 0 && ::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = soft_before_;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

}  // namespace squall::run
