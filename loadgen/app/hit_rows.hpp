// Requests of a `squall hit` command line that are too many to stand in the plan one by one: they
// become rows of data files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/app/hit_requests.hpp"
#include "loadgen/base/result.hpp"

namespace squall::app {

// Requests of one kind: the same method, host, header names and body.
struct HitGroup {
  HitRequest request;          // what differs in it stands as {{feeder.column}}
  std::uint64_t requests = 0;  // how many
  std::string feeder;          // its name; empty: nothing differs
  std::string file;            // that it reads, a name alone
  std::string csv;             // content of the file
};

// More requests than this are rows; a plan has no more scenarios.
inline constexpr std::size_t kMostWrittenOut = 256;

// In the order in which their first requests stand. A path or header that holds {{…}} or ${…} is a
// template and stays in the plan. On failure: kExhausted, when there are more kinds than a plan has
// feeders.
[[nodiscard]] Result<std::vector<HitGroup>> group_requests(const std::vector<HitRequest>& requests);

}  // namespace squall::app
