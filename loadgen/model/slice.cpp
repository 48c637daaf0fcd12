#include "loadgen/model/slice.hpp"

namespace squall::model {

void Counters::add(const Counters& other) {
  due += other.due;
  started += other.started;
  dropped += other.dropped;
  completed += other.completed;
  attempts += other.attempts;
  retries += other.retries;
  retries_denied += other.retries_denied;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  connections_opened += other.connections_opened;
  closed_before_send += other.closed_before_send;
  unsolicited_bytes += other.unsolicited_bytes;
  decoded_bytes += other.decoded_bytes;
  follow_ups += other.follow_ups;
  resends += other.resends;
  resends_prevented += other.resends_prevented;
  out_of_descriptors += other.out_of_descriptors;
  out_of_ports += other.out_of_ports;
  loop_busy_ns += other.loop_busy_ns;
  loop_idle_ns += other.loop_idle_ns;
  loop_spin_ns += other.loop_spin_ns;
}

void FaultCounts::add(const FaultCounts& other) {
  eligible += other.eligible;
  planned += other.planned;
  fired += other.fired;
  preempted += other.preempted;
}

}  // namespace squall::model
