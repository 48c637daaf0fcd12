// What a sink has seen.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "loadgen/base/result.hpp"
#include "loadgen/model/oracle.hpp"

namespace squall::effects {

// Written on the server's thread, read on the run's: one lock around all of it. Memory is bounded;
// a book that is full says so instead of counting wrongly.
class CallBook {
 public:
  // The number of this call among those with its key, from 0; nothing when the book is full.
  std::optional<std::uint64_t> receive(const std::string& key);
  // `id`: calls with the same key and id are one effect.
  void count(const std::string& key, const std::optional<std::string>& id);
  // A call that is no effect: `what` is its method and path.
  void miss(std::string what);

  [[nodiscard]] std::uint64_t calls() const;
  // What came, in words; `wanted` is the request that counts, `url` where it should go.
  [[nodiscard]] std::string summary(const std::string& wanted, const std::string& url) const;
  // kExhausted when the book is full.
  [[nodiscard]] Result<model::OracleReading> reading() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> effects_;
  std::map<std::string, std::uint64_t, std::less<>> calls_of_key_;
  std::unordered_set<std::uint64_t> ids_;
  std::uint64_t calls_ = 0;
  std::uint64_t missed_ = 0;
  std::string last_missed_;
  bool full_ = false;
};

}  // namespace squall::effects
