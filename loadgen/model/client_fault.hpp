// The seam of client faults: what misbehaviour squall adds to its own requests. How to add one:
// faults/README.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "loadgen/base/registry.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/wire_script.hpp"

namespace squall::model {

// The chance that belongs to one decision: a point of the fault's own stream. Draws are numbered,
// so the same arrival and attempt draw the same values in every run with that seed, whatever else a
// plan holds. A value.
class FaultDraw {
 public:
  FaultDraw(StreamId stream, std::uint64_t arrival, std::uint32_t attempt)
      : stream_(stream), arrival_(arrival), attempt_(attempt) {}

  // Uniform in [0, 1), a new number for each call.
  [[nodiscard]] double unit() {
    return stream_.unit_at(arrival_, (std::uint64_t{attempt_} << 32) | ++drawn_);
  }
  [[nodiscard]] std::uint64_t arrival() const { return arrival_; }
  [[nodiscard]] std::uint32_t attempt() const { return attempt_; }

 private:
  StreamId stream_;
  std::uint64_t arrival_;
  std::uint32_t attempt_;
  std::uint32_t drawn_ = 0;
};

// What is known of the attempt when a fault decides: before it is rendered.
struct FaultContext {
  Duration offset{};     // intended start of the operation after t = 0; negative in the warm-up
  Duration in_window{};  // the same after the start of the fault's window (after t = 0 without one)
};

// A fault of a plan, compiled. Immutable, shared by all workers; called only for attempts that its
// selection chose, so a virtual call and a draw or two are fine.
class ClientFault {
 public:
  virtual ~ClientFault() = default;

  // Adds this fault's part to the script. Faults of one attempt are applied in plan order. Fails
  // (kInvalidArgument) when the part contradicts what is there already, e.g. a second cut;
  // contradictions that are certain are found by `check_composition` at plan time, so a failure
  // here is an internal error.
  virtual Result<void> apply(WireScript& script, const FaultContext& context,
                             FaultDraw& draw) const = 0;
};

// What a fault can and needs, as data, so that no central code names a concrete fault.
struct ClientFaultTraits {
  bool sends_copies = false;  // needs a step whose repetition is counted; sets WireScript::copies
  bool cuts = false;          // ends connections; sets WireScript::cut
  bool moves_clock = false;   // needs a template that uses {{now}}, else it cannot fire
};

// One kind of client fault.
struct ClientFaultKind {
  std::string_view name;              // the `kind` in a plan
  std::string_view summary;           // one line for help and reference
  std::string_view production_cause;  // what in production looks like this
  std::string_view example;           // a complete [[fault]] table in TOML for a step "buy.charge"
  ClientFaultTraits traits;
  // What the table of faults and engines tells apart: keys laid over the example's
  // (`at = "connect"`). Empty: one form for each word of the first key that has a choice of words,
  // else the example alone.
  std::vector<std::string_view> forms = {};
  // The keys of its [[fault]] table beside the common ones (name, kind, on, share, window,
  // attempts, every_nth, first_n).
  const expr::TableSpec* keys = nullptr;
  // Reads those keys; problems go to the reader's diagnostics. Never returns null.
  std::unique_ptr<ClientFault> (*compile)(expr::TableReader& reader) = nullptr;
};

using ClientFaultRegistry = Registry<ClientFaultKind>;

}  // namespace squall::model
namespace squall::faults {
using model::ClientFaultRegistry;
// Generated from the files in faults/client.
void register_client_faults(ClientFaultRegistry& registry);
}  // namespace squall::faults
