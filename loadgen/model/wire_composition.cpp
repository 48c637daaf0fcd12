#include "loadgen/model/wire_composition.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "loadgen/base/check.hpp"

namespace squall::model {
namespace {

std::string cut_text(const WireCut& cut) {
  return "the cut at " + std::string(to_string(cut.at));
}

std::string copies_problem(const WireScript& script) {
  const WireCopies& copies = script.copies;
  if (copies.connection != CopyConnection::kSame) {
    return {};
  }
  if (copies.spacing != CopySpacing::kAfterResponse) {
    return "copies on the same connection can only follow each other after the response, because "
           "HTTP/1.1 answers in order";
  }
  if (copies.other_replica) {
    return "copies on the same connection go to the same replica";
  }
  if (script.slow_read) {
    return "a slow read takes a connection of its own, and the copies are to use one together";
  }
  if (script.malformed) {
    return "a malformed request spoils its connection, and the next copy is to be sent on it";
  }
  return {};
}

std::string cut_problem(const WireScript& script) {
  const WireCut& cut = *script.cut;
  if (script.slow_read) {
    return cut_text(cut) + " comes before an answer has been read, so none is read slowly";
  }
  if (script.trickle && cut.at == WirePoint::kConnect) {
    return cut_text(cut) + " comes before the first byte, so nothing is sent slowly";
  }
  if (script.malformed && (script.malformed->all_copies || script.cuts(0))) {
    const Malformation what = script.malformed->what;
    if (cut.at == WirePoint::kConnect ||
        (is_in_body(what) && cut.at <= WirePoint::kBeforeLastByte)) {
      return cut_text(cut) + " comes before what is malformed (" + std::string(to_string(what)) +
             ") has been sent";
    }
  }
  const WireCopies& copies = script.copies;
  if (copies.count < 2) {
    return {};
  }
  if (copies.spacing == CopySpacing::kTogether && cut.at <= WirePoint::kBeforeLastByte) {
    return cut_text(cut) +
           " comes before the last byte, where copies that leave together wait for each other";
  }
  if (copies.connection == CopyConnection::kSame && script.cut_copy + 1 < copies.count) {
    return cut_text(cut) + " ends the connection that the next copy is to be sent on";
  }
  return {};
}

// What one attempt cannot do; empty when the script makes sense.
std::string contradiction(const WireScript& script) {
  std::string problem = copies_problem(script);
  return problem.empty() && script.cut ? cut_problem(script) : problem;
}

Result<void> keep_if_sound(WireScript& script, const WireScript& changed) {
  std::string problem = contradiction(changed);
  if (!problem.empty()) {
    return fail(ErrorCode::kInvalidArgument, std::move(problem));
  }
  script = changed;
  return {};
}

// Sets a part that an attempt can have once.
template <class Part>
Result<void> add_once(WireScript& script, std::optional<Part> WireScript::*where, const Part& part,
                      const char* second) {
  if ((script.*where).has_value()) {
    return fail(ErrorCode::kInvalidArgument, second);
  }
  WireScript changed = script;
  changed.*where = part;
  return keep_if_sound(script, changed);
}

}  // namespace

void add_hold(WireScript& script, WirePoint at, Duration delay) {
  SQUALL_CHECK(at != WirePoint::kBody && at != WirePoint::kDuringResponse);
  SQUALL_CHECK(delay >= Duration::zero());
  script.hold[static_cast<std::size_t>(at)] += delay;
}

Result<void> add_cut(WireScript& script, const WireCut& cut, unsigned copy) {
  SQUALL_CHECK(cut.at != WirePoint::kSend);
  if (script.cut) {
    return fail(ErrorCode::kInvalidArgument, cut_text(cut) + " is a second one beside " +
                                                 cut_text(*script.cut) +
                                                 "; an attempt can be cut once");
  }
  WireScript changed = script;
  changed.cut = cut;
  changed.cut_copy = copy;
  return keep_if_sound(script, changed);
}

Result<void> add_copies(WireScript& script, const WireCopies& copies) {
  SQUALL_CHECK(copies.count >= 2 && copies.count <= kMaxCopies);
  if (script.copies.count > 1) {
    return fail(ErrorCode::kInvalidArgument,
                "the attempt is duplicated by another fault already; it can be duplicated once");
  }
  WireScript changed = script;
  changed.copies = copies;
  return keep_if_sound(script, changed);
}

Result<void> add_trickle(WireScript& script, const WireTrickle& trickle) {
  SQUALL_CHECK(trickle.bytes > 0);
  return add_once(script, &WireScript::trickle, trickle,
                  "the attempt is sent slowly by another fault already; it has one pace");
}

Result<void> add_slow_read(WireScript& script, const WireSlowRead& slow_read) {
  SQUALL_CHECK(slow_read.bytes_per_s > 0);
  return add_once(script, &WireScript::slow_read, slow_read,
                  "the answer is read slowly by another fault already; it has one pace");
}

Result<void> add_malformed(WireScript& script, const WireMalformed& malformed) {
  return add_once(script, &WireScript::malformed, malformed,
                  "the attempt is malformed by another fault already; one thing is wrong at a "
                  "time");
}

Result<void> add_reorder(WireScript& script, const WireReorder& reorder) {
  SQUALL_CHECK(reorder.passed_by > 0 && reorder.wait > Duration::zero());
  return add_once(script, &WireScript::reorder, reorder,
                  "the attempt is held back by another fault already; it can be passed once");
}

void add_wall_offset(WireScript& script, Duration offset) {
  const Duration bounded = std::clamp(offset, -kLargestWallOffset, kLargestWallOffset);
  script.wall_offset =
      std::clamp(script.wall_offset + bounded, -kLargestWallOffset, kLargestWallOffset);
}

void freeze_wall_clock(WireScript& script, Duration at) {
  script.wall_frozen = true;
  add_wall_offset(script, at);
}

}  // namespace squall::model
