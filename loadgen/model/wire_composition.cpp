#include "loadgen/model/wire_composition.hpp"

#include <algorithm>
#include <string>

#include "loadgen/base/check.hpp"

namespace squall::model {
namespace {

std::string cut_text(const WireCut& cut) {
  return "the cut at " + std::string(to_string(cut.at));
}

// What one attempt cannot do; empty when the script makes sense.
std::string contradiction(const WireScript& script) {
  const WireCopies& copies = script.copies;
  if (copies.connection == CopyConnection::kSame && copies.spacing != CopySpacing::kAfterResponse) {
    return "copies on the same connection can only follow each other after the response, because "
           "HTTP/1.1 answers in order";
  }
  if (!script.cut || copies.count < 2) {
    return {};
  }
  if (copies.spacing == CopySpacing::kTogether && script.cut->at <= WirePoint::kBeforeLastByte) {
    return cut_text(*script.cut) +
           " comes before the last byte, where copies that leave together wait for each other";
  }
  if (copies.connection == CopyConnection::kSame && script.cut_copy + 1 < copies.count) {
    return cut_text(*script.cut) + " ends the connection that the next copy is to be sent on";
  }
  return {};
}

Result<void> keep_if_sound(WireScript& script, const WireScript& changed) {
  std::string problem = contradiction(changed);
  if (!problem.empty()) {
    return fail(ErrorCode::kInvalidArgument, std::move(problem));
  }
  script = changed;
  return {};
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
