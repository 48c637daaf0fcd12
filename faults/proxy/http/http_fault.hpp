// The seam of HTTP faults: what can be done to a request and its answer at a proxy. How to add one:
// write faults/http/<name>.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "faults/proxy/http/http_head.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/expr/table_reader.hpp"

namespace squall::faults {

struct HttpExchange;
struct HttpUse;

// How a fault ends the client's connection. The upstream's is closed in order then.
enum class HttpClose : std::uint8_t { kFin, kReset };

// What an HTTP fault may look at, and what both turns have in common. Ends with the call.
class HttpTurn {
 public:
  HttpTurn(HttpExchange& exchange, HttpUse& use, TimePoint now, WallTime wall)
      : exchange_(exchange), use_(use), now_(now), wall_(wall) {}
  HttpTurn(const HttpTurn&) = delete;
  HttpTurn& operator=(const HttpTurn&) = delete;

  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] WallTime wall_now() const { return wall_; }
  // Of this fault and this request: the same draws for the same seed.
  [[nodiscard]] Rng& rng();
  [[nodiscard]] const HttpHead& request() const;
  // It was chosen, but cannot do what it is for; counted with the reason.
  void preempt(std::string reason);
  // It was chosen, and there is nothing to do for it: as if it had not been.
  void spare();

 protected:
  ~HttpTurn() = default;

  HttpExchange& exchange_;
  HttpUse& use_;
  const TimePoint now_;
  const WallTime wall_;
};

// A request has come, nothing of it was sent on yet. Faults of one request have their turns in the
// order in which they were added. Whoever decides that the upstream is not asked comes first: who
// wants the same later is preempted.
class HttpRequestTurn final : public HttpTurn {
 public:
  using HttpTurn::HttpTurn;

  // The body, decoded; nullptr unless needs_request_body(), and when it is too long to be kept.
  [[nodiscard]] const std::string* body() const;

  // It goes on so much later; holds of several faults add up.
  void hold(Duration by);
  // Fields may be changed, the method and the framing may not.
  HttpHead& change_head();
  // The new body, with its length.
  void change_body(std::string body);
  // The client gets this and the upstream is not asked. `head` without Content-Length, which is
  // added.
  void answer(HttpHead head, std::string body);
  // Now; the upstream is not asked.
  void close_now(HttpClose how);
  // Once the request is read whole; the upstream is not asked.
  void close_after_request(HttpClose how);
  // The request goes upstream so many times more, each on a connection of its own. REQUIRES:
  // needs_request_body().
  void send_copies(std::uint32_t copies);

 private:
  [[nodiscard]] bool may_end();
};

// The head of the final answer has come, nothing of it was sent on yet.
class HttpAnswerTurn final : public HttpTurn {
 public:
  using HttpTurn::HttpTurn;

  [[nodiscard]] const HttpHead& head() const;
  // The body, decoded; nullptr unless needs_answer_body(), and when it is too long to be kept, or
  // there is none (HEAD, 204, 304).
  [[nodiscard]] const std::string* body() const;
  // By its head; false for HEAD, 204, 304 and Content-Length: 0.
  [[nodiscard]] bool has_body() const;
  // As it stands on the wire, as far as it is known: body() is, or there is a Content-Length.
  [[nodiscard]] bool knows_wire_bytes() const;
  [[nodiscard]] std::uint64_t wire_bytes() const;
  // False when another fault wrote the answer.
  [[nodiscard]] bool from_upstream() const;

  void hold(Duration by);
  HttpHead& change_head();
  // REQUIRES: body() is there.
  void change_body(std::string body);
  // What the upstream answers is read to its end and thrown away; then the client gets these bytes,
  // which may be none, and the connection is closed.
  void send_instead(std::string bytes, HttpClose how);
  // Of the body as it stands on the wire only so much is sent; when there is more, the connection
  // is closed.
  void cut_body(std::uint64_t bytes, HttpClose how);
  // The body is sent so slowly.
  void pace_body(std::uint64_t bytes_per_second);

 private:
  [[nodiscard]] bool may_end();
};

// One HTTP fault on one proxy; made anew when its attributes change. Decides once for each request
// that it was chosen for, and may keep a state of its own over all of them. Proxy thread only.
// Never waits, never throws. What it asked for counts as fired when it is done on the wire, and as
// preempted when the exchange ends before.
class HttpFault {
 public:
  virtual ~HttpFault() = default;

  // The request, or the answer, is kept until it is whole, up to kMaxKeptBody.
  [[nodiscard]] virtual bool needs_request_body() const { return false; }
  [[nodiscard]] virtual bool needs_answer_body() const { return false; }
  virtual void on_request(HttpRequestTurn& /*turn*/) {}
  virtual void on_answer(HttpAnswerTurn& /*turn*/) {}

  static constexpr std::size_t kMaxKeptBody = 1024UL * 1024;
};

// Reads the fault's own keys; problems go to the reader's diagnostics. Never returns nullptr.
using HttpFaultCompile = std::unique_ptr<HttpFault> (*)(expr::TableReader& reader);

// `own` with the keys that choose requests, which all HTTP faults have: see http_selection.hpp.
[[nodiscard]] expr::TableSpec http_attributes(expr::TableSpec own);

}  // namespace squall::faults
