// The wall clock of a service that squall starts: the block of memory that the preload shim in its
// processes reads (clock_block.hpp), owned from this side.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "faults/process/clock_block.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::faults {

// Where libsquall-clock.so is: in `program_directory` (empty: beside the running executable), or in
// ../lib/squall from there. kNotFound names where it was looked for.
[[nodiscard]] Result<std::string> find_clock_shim(const std::string& program_directory = {});

// What the processes did with their clock so far.
struct ClockActivity {
  std::uint64_t processes = 0;  // that ever took the clock over: each exec counts
  std::uint64_t readings = 0;   // times they were told
  WallTime last_shown{};        // the last of them; 1970 before the first
};

// Settings that follow from another one at a true time `now`: each keeps what it does not name, and
// only a step makes the shown time jump.
[[nodiscard]] ClockSetting stepped(const ClockSetting& setting, WallTime now, Duration by);
[[nodiscard]] ClockSetting stepped_to(const ClockSetting& setting, WallTime now, WallTime shown);
// `rate`: seconds gained per second; -1 stands still. REQUIRES: |rate| at most 86400.
[[nodiscard]] ClockSetting drifting(const ClockSetting& setting, WallTime now, double rate);
[[nodiscard]] ClockSetting frozen(const ClockSetting& setting, WallTime now);
// Jumps `by` at once, back after `every`, and so on.
[[nodiscard]] ClockSetting strobing(const ClockSetting& setting, WallTime now, Duration by,
                                    Duration every);

// What a clock with the setting shows.
[[nodiscard]] WallTime shown_time(const ClockSetting& setting, WallTime now);

// One service replica's clock; at first it shows the true time. The processes keep the last setting
// when the object goes, so whoever changed it puts it back first. One thread at a time.
class ServiceClock {
 public:
  // Makes the file of the block in `directory`, which exists; it is removed with the object.
  // `shim`: the path of libsquall-clock.so. kIo when it cannot be made.
  [[nodiscard]] static Result<ServiceClock> create(const std::string& directory,
                                                   std::string_view label, std::string shim);
  ~ServiceClock();
  ServiceClock(ServiceClock&& other) noexcept;
  ServiceClock& operator=(ServiceClock&&) = delete;

  // Variables that the service's processes are started with, and their children inherit: LD_PRELOAD
  // (what squall's own environment, or `given`, has there comes behind the shim) and SQUALL_CLOCK.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> environment(
      const std::vector<std::pair<std::string, std::string>>& given = {}) const;

  // In force for each reading from now on, in all processes of the service.
  void set(const ClockSetting& setting) { put_setting(*block_, setting); }
  [[nodiscard]] ClockSetting setting() const { return setting_of(*block_); }
  [[nodiscard]] ClockActivity activity() const;

 private:
  ServiceClock(ClockBlockLayout* block, std::string file, std::string shim);

  ClockBlockLayout* block_;  // mapped; null when moved from
  std::string file_;
  std::string shim_;
};

}  // namespace squall::faults
