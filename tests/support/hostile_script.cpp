// The steps of HostileServer's scripts.
#include <utility>

#include "loadgen/base/rng.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {

namespace {

using Step = HostileServer::Step;
using Kind = Step::Kind;

}  // namespace

std::string ok_answer(std::string_view body, std::string_view extra_header) {
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: ";
  answer.append(std::to_string(body.size())).append("\r\n");
  return answer.append(extra_header).append("\r\n").append(body);
}

Step HostileServer::read_request() {
  return {.kind = Kind::kReadRequest};
}
Step HostileServer::read_bytes(std::size_t count) {
  return {.kind = Kind::kReadBytes, .count = count};
}
Step HostileServer::send(std::string bytes) {
  return {.kind = Kind::kSend, .bytes = std::move(bytes)};
}
Step HostileServer::send_slowly(std::string bytes, std::size_t piece_bytes, Duration pause) {
  return {.kind = Kind::kSend, .bytes = std::move(bytes), .count = piece_bytes, .pause = pause};
}
Step HostileServer::send_garbage(std::size_t count, std::uint64_t seed) {
  Rng rng(StreamId(seed, "test", "garbage"));
  std::string bytes(count, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(rng.next_below(256));
  }
  return send(std::move(bytes));
}
Step HostileServer::send_large(std::size_t body_bytes) {
  return send(ok_answer(std::string(body_bytes, 'x')));
}
Step HostileServer::send_raw(std::string bytes) {
  return {.kind = Kind::kSendRaw, .bytes = std::move(bytes)};
}
Step HostileServer::close_bare() {
  return {.kind = Kind::kCloseBare};
}
Step HostileServer::wait(Duration pause) {
  return {.kind = Kind::kWait, .pause = pause};
}
Step HostileServer::stall() {
  return {.kind = Kind::kStall};
}
Step HostileServer::close_fin() {
  return {.kind = Kind::kCloseFin};
}
Step HostileServer::close_rst() {
  return {.kind = Kind::kCloseRst};
}
Step HostileServer::again() {
  return {.kind = Kind::kAgain};
}

}  // namespace squall::test
