// Requests and answers that HTTP faults are tried on, and what became of a fault.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/faults/http/relay_case.hpp"

namespace squall::faults {

inline const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
inline const std::string kPost = "POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";
inline const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
inline const std::string kJson =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n"
    R"({"status": "ok",  "amount": 7})";
inline const std::string kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";

inline void expect_counts(const ToxicEntry& toxic, std::uint64_t planned, std::uint64_t fired,
                          std::uint64_t preempted) {
  EXPECT_EQ(toxic.counters.planned, planned);
  EXPECT_EQ(toxic.counters.fired, fired);
  EXPECT_EQ(toxic.counters.preempted, preempted);
}

}  // namespace squall::faults
