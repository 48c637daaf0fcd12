// Commands to the guardian that wait for their answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/process/guardian_link.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::faults {

// Owns the guardian. Any number of threads at a time, each waiting for an answer of its own; end()
// and the destructor alone.
class GuardianCalls {
 public:
  // `program` as in GuardianLink::start.
  [[nodiscard]] static Result<std::unique_ptr<GuardianCalls>> start(const std::string& program);

  // Numbers services, commands and directories; never the same twice.
  [[nodiscard]] std::uint64_t next_id() { return ++last_id_; }

  Result<void> tell(const GuardianCommand& command);
  // The guardian's answer to the command. kUnavailable when the guardian is gone or says nothing
  // for `limit`, which it does only when it is ill. `meanwhile`, if any, is called every few tens
  // of milliseconds.
  [[nodiscard]] Result<GuardianReport> ask(const GuardianCommand& command, Duration limit,
                                           const std::function<void()>& meanwhile = {});

  // Exits of services and whatever else nobody asked for, since the last call.
  [[nodiscard]] std::vector<GuardianReport> news();
  // Waits until something comes from the guardian, at most that long.
  void wait(Duration timeout) const { link_->wait(timeout); }
  [[nodiscard]] bool is_gone();

  // As GuardianLink::end(), with the news before it. `limit`: how long ending may take.
  [[nodiscard]] std::vector<GuardianReport> end(Duration limit);

 private:
  explicit GuardianCalls(std::unique_ptr<GuardianLink> link) : link_(std::move(link)) {}
  void sort_in(std::vector<GuardianReport> reports);

  std::mutex mutex_;  // everything below but the id
  std::unique_ptr<GuardianLink> link_;
  std::map<std::uint64_t, GuardianReport> answers_;  // by id, until they are fetched
  std::vector<GuardianReport> news_;
  std::set<std::uint64_t> asked_;
  std::atomic<std::uint64_t> last_id_{0};
};

}  // namespace squall::faults
