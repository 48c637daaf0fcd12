#include "loadgen/model/limit_keys.hpp"

#include <limits>

namespace squall::model {

using expr::ValueType;

const std::vector<expr::KeySpec>& limit_keys() {
  static const std::vector<expr::KeySpec> keys = {
      {.name = "memory",
       .type = ValueType::kBytes,
       .help = "Private writable memory of each process, heap and anonymous mappings; what is "
               "shared or only reserved does not count (RLIMIT_DATA). Beyond it allocations fail.",
       .example = "\"256MB\""},
      {.name = "cpu_time",
       .type = ValueType::kDuration,
       .help = "Processor time of each process in all, whole seconds; then it is killed "
               "(RLIMIT_CPU).",
       .example = "\"30s\""},
      {.name = "open_files",
       .type = ValueType::kInteger,
       .help = "Open files and sockets of each process (RLIMIT_NOFILE).",
       .example = "64"},
      {.name = "processes",
       .type = ValueType::kInteger,
       .help = "Processes and threads of the service's user, all together; root is exempt, so as "
               "root it needs `user` (RLIMIT_NPROC).",
       .example = "100"},
      {.name = "nice",
       .type = ValueType::kInteger,
       .help = "0 to 19: how much of a busy processor it leaves to others. There is no limit for a "
               "share of the processor: that needs a control group, which only who owns the host "
               "can give.",
       .example = "10"},
  };
  return keys;
}

ResourceLimits read_limit_keys(expr::TableReader& reader) {
  constexpr ByteCount kLeastMemory{1 << 20};
  constexpr std::int64_t kLeastFiles = 8;
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  ResourceLimits limits;
  if (reader.has("memory")) {
    limits.memory = reader.bytes("memory");
    if (*limits.memory < kLeastMemory) {
      reader.error("memory", "no program starts with less than 1MiB");
    }
  }
  if (reader.has("cpu_time")) {
    limits.cpu_time = reader.duration("cpu_time");
    if (*limits.cpu_time < std::chrono::seconds(1)) {
      reader.error("cpu_time", "the kernel counts whole seconds: write at least \"1s\"");
    }
  }
  if (reader.has("open_files")) {
    limits.open_files =
        static_cast<std::uint64_t>(reader.integer("open_files", kLeastFiles, kMost));
  }
  if (reader.has("processes")) {
    limits.processes = static_cast<std::uint64_t>(reader.integer("processes", 1, kMost));
  }
  if (reader.has("nice")) {
    limits.nice = static_cast<int>(reader.integer("nice", 0, 19));
  }
  return limits;
}

}  // namespace squall::model
