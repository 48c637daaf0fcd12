// The seam between what decides (flow runner) and what sends (engines): one request on the wire and
// how it went.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/expr/generated_bytes.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/tls_use.hpp"
#include "loadgen/model/wire_script.hpp"

namespace squall::engine {

// Copies that wait for each other before their last byte. Owned by the flow runner; the engine
// counts.
struct Barrier {
  unsigned expected = 0;  // copies that take part
  unsigned arrived = 0;   // held back before their last byte, or ended before they got there
  bool released = false;
};

// What a service span and the connecting before it are made of. Below zero: not known, or it did
// not happen for this exchange (a reused connection was not connected again).
struct PhaseSpans {
  static constexpr Duration kNone{-1};
  std::array<Duration, model::kTransferPhaseCount> span = {kNone, kNone, kNone, kNone, kNone};
  bool known = false;  // some of them is

  void set(model::TransferPhase phase, Duration duration) {
    span[static_cast<std::size_t>(phase)] = duration;
    known = true;
  }
};

// One request and everything that is known of it. Owned by the flow runner's pool and lent to the
// engine from submit() until it comes back from take_completed(); it does not move meanwhile.
// Worker thread only. All instants monotonic; a default TimePoint (zero) means that it did not
// happen.
struct Exchange {
  // What to do (set by the flow runner)
  std::string_view request;  // head and body; must stay valid and unchanged until completion
  // Content that is made while it is sent, at places in the body, in their order. As `request`.
  std::span<const expr::GeneratedRange> generated{};
  std::uint64_t generated_bytes = 0;  // of all of it
  std::size_t head_bytes = 0;         // length of the head, blank line included
  std::uint16_t target = 0;           // into Plan::targets
  std::uint16_t replica = 0;          // into Target::replicas
  bool head_only = false;             // HEAD: the answer has no body
  bool keep_body = false;    // the answer's body is wanted, up to the target's max_body_kept
  bool keep_header = false;  // the answer's header fields are wanted
  Duration timeout{};  // from having a connection, or asking for one, to the last byte read; a hold
                       // before that counts
  const model::WireScript* script =
      nullptr;               // null: plain. Holds, cut; copies are the flow runner's business
  bool cut_applies = false;  // the script's cut is for this copy
  bool malformed = false;    // the request is not to be trusted: its connection ends with it
  model::CopyConnection connection = model::CopyConnection::kAny;
  const Exchange* same_connection_as =
      nullptr;             // for kSame: a completed exchange whose connection is wanted again
  std::uint64_t user = 0;  // whose cookies; see Engines::forget_user()
  bool once = false;       // must not be repeated by an engine, not even where HTTP allows it; a
                           // pooled connection is looked at however short its rest was
  std::string* raw_answer =
      nullptr;  // when set, the bytes of the answer are appended to it, up to 1 MiB
  // When set, what libcurl sends is appended to it, up to 1 MiB: cookies, authentication and
  // further requests included. The native engine sends `request` as it is and leaves this alone.
  std::string* raw_request = nullptr;
  Barrier* barrier = nullptr;  // shared by the copies that are released together

  // How it went (set by the engine)
  model::AttemptClass how =
      model::AttemptClass::kDropped;  // kSuccess means: a complete answer, not judged yet
  int status = 0;
  TimePoint taken_up{};  // submit()
  TimePoint first_byte_sent{};
  TimePoint request_sent{};          // the last byte of the request was handed to the kernel
  TimePoint end{};                   // last byte read, or the end of it by failure
  std::uint64_t bytes_sent = 0;      // of the request
  std::uint64_t bytes_received = 0;  // of the answer, header included, as it came over the wire
  PhaseSpans phases;                 // as far as the engine knows them
  std::string body;                  // kept body; capacity is reused
  std::uint64_t body_bytes = 0;      // of the whole decoded body, also what was not kept
  bool body_truncated = false;
  std::string head;              // kept header fields, each "Name: value\n"; capacity is reused
  std::string detail;            // short reason of a failure, printable; capacity is reused
  bool hold_fired = false;       // a hold of the script was waited out on the wire
  bool trickle_fired = false;    // a pause between two pieces was waited
  bool slow_read_fired = false;  // a pause in reading the answer was waited
  bool cut_fired = false;        // the script's cut was done on the wire (then how is kCut)
  bool cut_missed = false;       // the engine gave the script's cut up; `detail` says why
  bool copy_fired = false;  // sent as a copy should be: on the wanted connection, its last byte
                            // with the other copies'
  std::uint64_t connection_id =
      0;  // which connection carried it (from 1), for kSame and for the debug print

  // The flow runner's own
  TimePoint ready{};        // when this copy could start at the earliest
  std::uint32_t owner = 0;  // its operation slot
  std::uint32_t attempt = 0;
  std::uint32_t copy = 0;
  std::string own_request;  // bytes that only this copy has; capacity is reused
  std::vector<expr::GeneratedRange> own_generated;  // the same
  std::size_t malformed_at = 0;  // more bytes sent than this show what is malformed
  bool change_missed = false;    // the change of this copy's body had nothing to change

  // Of the whole request on the wire.
  [[nodiscard]] std::size_t request_bytes() const { return request.size() + generated_bytes; }

  // The engine's own while it is lent
  void* engine_state = nullptr;
  TimePoint deadline{};  // by which its timeout is over; once it has had a connection
};

// What an engine counted since it was last asked.
struct EngineCounters {
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t connections_opened = 0;
  std::uint64_t closed_before_send = 0;
  std::uint64_t unsolicited_bytes = 0;
  std::vector<model::TlsUse> tls;   // by index into Plan::targets; empty when nothing happened
  std::uint64_t decoded_bytes = 0;  // of answers' bodies, after decompression
  std::uint64_t follow_ups = 0;     // requests that an answer called for: a challenge, a redirect
  std::uint64_t resends = 0;        // requests that libcurl repeated after their connection broke
  std::uint64_t resends_prevented =
      0;  // the same, stopped because the exchange must not be repeated
  // Attempts that this host could not open a connection for.
  std::uint64_t out_of_descriptors = 0;  // EMFILE, ENFILE
  std::uint64_t out_of_ports = 0;        // EADDRNOTAVAIL towards an address that can be reached

  void add(const EngineCounters& other) {
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
    if (!other.tls.empty()) {
      tls = other.tls;
    }
  }
};

}  // namespace squall::engine
