#include "loadgen/run/history_processes.hpp"

namespace squall::run {

void HistoryProcesses::assign(model::HistoryOperation& operation) {
  const auto known = clients_.find(operation.client);
  const bool goes_on =
      operation.copy == 0 && known != clients_.end() && operation.invoke >= known->second.free_from;
  operation.process = goes_on ? known->second.number : next_++;
  if (operation.copy > 0) {
    return;
  }
  if (operation.outcome == model::HistoryOutcome::kInfo) {
    if (goes_on) {
      clients_.erase(known);
    }
    return;
  }
  if (known == clients_.end() && clients_.size() >= max_clients_) {
    clients_.clear();
  }
  clients_[operation.client] = {operation.process, operation.complete};
}

}  // namespace squall::run
