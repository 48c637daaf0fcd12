// Gives the operations of a history their processes.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "loadgen/model/history.hpp"

namespace squall::run {

// A client goes on in its process as long as its operations follow each other and it is known how
// they ended; what overlaps one, comes after an info, or is a copy of an attempt, gets a process of
// its own. Bounded: of clients beyond `max_clients` the earlier ones are forgotten, which costs
// them no more than their next process. One thread.
class HistoryProcesses {
 public:
  explicit HistoryProcesses(std::size_t max_clients = 200'000) : max_clients_(max_clients) {}

  // In any order; best in that of their completes.
  void assign(model::HistoryOperation& operation);

 private:
  struct Process {
    std::uint64_t number = 0;
    Duration free_from{};  // after t = 0
  };

  std::size_t max_clients_;
  std::uint64_t next_ = 0;
  std::unordered_map<std::uint64_t, Process> clients_;
};

}  // namespace squall::run
