// What a process remembers of articles, so that it need not ask the database each time.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/time.hpp"

namespace squall::shop {

// Entries are good for a time. Whoever changes an article may have it left out from before the
// change until after it, so that no reader keeps what was read while it changed:
//
//   writer   hold ──── commit ──── release
//   reader        reads past the cache        and keeps what it read after the last release
//
// Borrows the clock. Any thread.
class ArticlesCache {
 public:
  // `hold_limit`: after which a hold whose writer never came back is over.
  ArticlesCache(Duration ttl, Duration hold_limit, const Clock& clock)
      : ttl_(ttl), hold_limit_(hold_limit), clock_(clock) {}

  struct Look {
    std::optional<std::string> value;  // what is remembered
    std::uint64_t ticket = 0;          // for keep()
  };
  [[nodiscard]] Look look(const std::string& id);
  // Remembers what was read after that look, unless the article was held meanwhile.
  void keep(const std::string& id, std::uint64_t ticket, const std::string& value);

  void hold(const std::string& id);
  // REQUIRES: after a hold of the same writer.
  void release(const std::string& id);

 private:
  struct Entry {
    std::string value;
    TimePoint until;
  };
  struct Holds {
    std::uint64_t writers = 0;
    TimePoint until;
  };
  [[nodiscard]] bool is_held(const std::string& id);

  Duration ttl_;
  Duration hold_limit_;
  const Clock& clock_;
  std::mutex mutex_;  // of all below
  std::uint64_t changes_ = 0;
  std::map<std::string, Entry> entries_;
  std::map<std::string, Holds> holds_;
};

}  // namespace squall::shop
