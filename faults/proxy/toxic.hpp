// The seam of toxics: what can be done to the bytes of one direction of a link. How to add one:
// write faults/toxics/<name>.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "faults/proxy/chunk.hpp"
#include "loadgen/base/registry.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

// What a toxic wants done now. A value.
struct Action {
  enum class Kind : std::uint8_t {
    kPass,     // `bytes` of the chunk in front go on, or the whole chunk
    kDrop,     // the chunk in front vanishes
    kWait,     // ask again at `until` at the latest
    kHold,     // ask again when something has changed
    kEnd,      // nothing goes on after what has gone on already; the link closes then
    kHalfEnd,  // the same, but the receiver may go on sending
    kReset,    // both sides of the link get RST now; what is under way is lost
  };
  Kind kind = Kind::kHold;
  std::size_t bytes = 0;  // of kPass; 0: the whole chunk
  TimePoint until{};      // of kWait; later than now

  static Action pass(std::size_t bytes = 0) { return {Kind::kPass, bytes, {}}; }
  static Action drop() { return {Kind::kDrop, 0, {}}; }
  static Action wait(TimePoint until) { return {Kind::kWait, 0, until}; }
  static Action hold() { return {}; }
  static Action end() { return {Kind::kEnd, 0, {}}; }
  static Action half_end() { return {Kind::kHalfEnd, 0, {}}; }
  static Action reset() { return {Kind::kReset, 0, {}}; }
};

// What a toxic may know of its place. What stands here survives a change of its attributes, the
// object that is the toxic does not.
struct Passage {
  TimePoint now;             // monotonic
  TimePoint attached;        // when it came to work on this link
  std::uint64_t passed = 0;  // bytes that it has let pass since
  Rng& rng;                  // of this toxic on this link: the same draws for the same seed
  bool fired = false;        // out: it has just interfered (counted and reported)
};

// One toxic at work on one direction of one link; made anew when its attributes change. It is asked
// again and again and answers for one step at a time:
//
//   chunk in front, room behind ── on_chunk      everything passed, source has ended ── on_end
//   nothing to pass, or no room behind ── on_idle
//
// An action is carried out at once, with one exception: a wait or hold may be followed by any of
// the three questions. Proxy thread only. Defaults: everything passes. Never waits, never throws.
class Toxic {
 public:
  virtual ~Toxic() = default;

  virtual Action on_chunk(Chunk& /*front*/, Passage& /*passage*/) { return Action::pass(); }
  // kPass and kDrop are not possible here and in on_idle.
  virtual Action on_end(Passage& /*passage*/) { return Action::end(); }
  virtual Action on_idle(Passage& /*passage*/) { return Action::hold(); }
};

// Makes the toxic for one link from attributes that were compiled once. Copyable, immutable.
using ToxicFactory = std::function<std::unique_ptr<Toxic>()>;

class HttpFault;

// What a toxic can and needs, as data, so that no other code names a concrete one.
struct ToxicTraits {
  // Chunks that may wait before it; when so many do, the one before it waits, and at last the
  // reading from the socket.
  std::size_t waiting_chunks = 1;
  // Removing it (or drawing it away) ends the links that it was at work on.
  bool ends_when_removed = false;
  // New connections get no link: at toxicity 1 the port is closed, else the chosen ones are reset.
  bool refuses = false;
  // Bytes and their order are the same behind it.
  bool keeps_bytes = true;
  // It does nothing at all, so that nothing of it can be counted.
  bool idle = false;
};

// One kind of toxic.
struct ToxicKind {
  std::string_view name;              // the `type` on the wire and the `kind` in a plan
  std::string_view summary;           // one line for help and reference
  std::string_view production_cause;  // what in production looks like this
  std::string_view example;           // its attributes as TOML lines
  ToxicTraits traits = {};
  // Its attributes: names, types and units as in Toxiproxy. Those with a default are always shown.
  const expr::TableSpec* attributes = nullptr;
  // Reads them; problems go to the reader's diagnostics. Never returns an empty factory.
  ToxicFactory (*compile)(expr::TableReader& reader) = nullptr;
  // The keys of a plan's [[fault]] of this kind, with units as everywhere in plans, as TOML lines
  // and their description; null: it has none.
  std::string_view plan_example = {};
  const expr::TableSpec* plan_keys = nullptr;
  // From those keys to the attributes above. Problems go to the reader's diagnostics. Null exactly
  // when plan_keys is.
  expr::Table (*from_plan)(expr::TableReader& reader) = nullptr;
  // Instead of `compile` and the plan's part, of what acts on HTTP exchanges and not on the bytes
  // of a direction: see faults/proxy/http/http_fault.hpp. Only on proxies in HTTP mode; `traits`
  // say nothing then, and plans write the attributes as they are.
  std::unique_ptr<HttpFault> (*compile_http)(expr::TableReader& reader) = nullptr;

  [[nodiscard]] bool acts_on_http() const { return compile_http != nullptr; }
};

using ToxicRegistry = Registry<ToxicKind>;

// Generated from the files in faults/toxics.
void register_toxics(ToxicRegistry& registry);
// Generated from the files in faults/http: toxics of the types http_<name>.
void register_http_faults(ToxicRegistry& registry);

}  // namespace squall::faults
