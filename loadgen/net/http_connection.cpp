#include "loadgen/net/http_connection.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/http_header.hpp"

namespace squall::net {
namespace {

// While an answer is under way this much is read ahead; then the kernel's window holds the client
// back.
constexpr std::size_t kMaxPending = 256UL * 1024;
constexpr Duration kLingerTime = std::chrono::seconds(2);

HttpRequestParser::Limits limits(const HttpServer::Options& options) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return {static_cast<std::uint32_t>(std::min(options.max_header_bytes, kMost)),
          options.max_body_bytes};
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

bool is_servers_business(std::string_view name) {
  return equals_ignoring_case(name, "Content-Length") ||
         equals_ignoring_case(name, "Transfer-Encoding") ||
         equals_ignoring_case(name, "Connection");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

HttpConnection::HttpConnection(std::uint64_t id, const Deps& deps)
    : id_(id),
      options_(deps.options),
      owner_(deps.owner),
      stream_(deps.loop, *this),
      parser_(limits(deps.options)) {}

void HttpConnection::begin() {
  wait_for_request();
}

void HttpConnection::on_data(std::string_view bytes) {
  switch (phase_) {
    case Phase::kReading:
      read(bytes);
      break;
    case Phase::kAsking:
    case Phase::kDelaying:
    case Phase::kSending:
      pending_.append(bytes);
      if (pending_.size() > kMaxPending) {
        stream_.pause_reading();
      }
      break;
    case Phase::kStreaming:
    case Phase::kSilent:
    case Phase::kLingering:
    case Phase::kClosed:
      break;
  }
  owner_.after_event(*this);
}

void HttpConnection::on_end() {
  peer_ended_ = true;
  if (!owes_answer()) {
    close(false);
  }
  owner_.after_event(*this);
}

void HttpConnection::on_failure(Side /*side*/, int /*error*/) {
  close(false);
  owner_.after_event(*this);
}

void HttpConnection::on_sent() {
  if (phase_ == Phase::kSending) {
    finish_answer();
    read_pending();
  } else if (phase_ == Phase::kStreaming) {
    stream_more();
  }
  owner_.after_event(*this);
}

void HttpConnection::on_wake() {
  if (phase_ == Phase::kStreaming && stream_.queued_bytes() == 0) {
    stream_more();
  }
  owner_.after_event(*this);
}

void HttpConnection::on_deadline() {
  deadline_.reset();
  switch (phase_) {
    case Phase::kReading:
      if (parser_.started()) {
        refuse(408, "the request took too long");
      } else {
        close(false);
      }
      break;
    case Phase::kAsking:
      take_up(options_.overdue);
      read_pending();
      break;
    case Phase::kDelaying:
      act();
      read_pending();
      break;
    case Phase::kSending:
    case Phase::kStreaming:
      if (stream_.queued_bytes() < queued_at_deadline_) {
        queued_at_deadline_ = stream_.queued_bytes();
        deadline_ = monotonic_now() + options_.write_timeout;
      } else {
        close(true);
      }
      break;
    case Phase::kLingering:
      close(false);
      break;
    case Phase::kSilent:
    case Phase::kClosed:
      break;
  }
  owner_.after_event(*this);
}

// Requests that came with one read are handled one after the other, here and not by recursion.
void HttpConnection::read(std::string_view bytes) {
  while (phase_ == Phase::kReading && !bytes.empty()) {
    const HttpRequestParser::Fed fed = parser_.feed(bytes);
    bytes.remove_prefix(fed.consumed);
    if (fed.state == HttpRequestParser::State::kRejected) {
      refuse(parser_.refuse_with(), parser_.problem());
      return;
    }
    if (fed.state == HttpRequestParser::State::kNeedMore) {
      if (parser_.expects_continue() && !told_to_continue_) {
        told_to_continue_ = true;
        transmit("HTTP/1.1 100 Continue\r\n\r\n");
      }
      if (phase_ == Phase::kReading && !timing_request_) {
        timing_request_ = true;
        deadline_ = monotonic_now() + options_.request_timeout;
      }
      return;
    }
    after_answer_ = parser_.keep_alive() ? After::kKeepOpen : After::kClose;
    announce_keep_alive_ = parser_.keep_alive() && parser_.is_http_1_0();
    ServerRequest request = parser_.take_request();
    head_only_ = request.method == "HEAD";
    phase_ = Phase::kAsking;
    if (auto reply = owner_.ask(id_, ++request_, std::move(request))) {
      take_up(std::move(*reply));
    } else {
      deadline_ = monotonic_now() + options_.answer_timeout;
    }
  }
  if (owes_answer()) {
    pending_.append(bytes);
  }
}

bool HttpConnection::owes_answer() const {
  return phase_ == Phase::kAsking || phase_ == Phase::kDelaying || phase_ == Phase::kSending;
}

void HttpConnection::on_answer(std::uint64_t request, ServerReply reply) {
  if (phase_ == Phase::kAsking && request == request_) {
    take_up(std::move(reply));
    read_pending();
    owner_.after_event(*this);
  }
}

void HttpConnection::read_pending() {
  while (phase_ == Phase::kReading && !pending_.empty()) {
    const std::string bytes = std::exchange(pending_, {});
    read(bytes);
  }
  if (phase_ == Phase::kReading && peer_ended_) {
    close(false);
  } else if (phase_ != Phase::kClosed && pending_.size() <= kMaxPending && !peer_ended_) {
    stream_.resume_reading();
  }
}

void HttpConnection::wait_for_request() {
  phase_ = Phase::kReading;
  told_to_continue_ = false;
  timing_request_ = false;
  deadline_ = monotonic_now() + options_.idle_timeout;
}

void HttpConnection::take_up(ServerReply reply) {
  reply_ = std::move(reply);
  if (reply_.delay > Duration::zero()) {
    phase_ = Phase::kDelaying;
    deadline_ = monotonic_now() + reply_.delay;
    return;
  }
  act();
}

void HttpConnection::act() {
  switch (reply_.action) {
    case ServerReply::Action::kAnswer:
      answer();
      break;
    case ServerReply::Action::kStream:
      begin_stream();
      break;
    case ServerReply::Action::kReset:
      close(true);
      break;
    case ServerReply::Action::kSilence:
      phase_ = Phase::kSilent;
      deadline_.reset();
      pending_.clear();
      if (peer_ended_) {
        close(false);
      } else {
        stream_.resume_reading();  // to notice when the client leaves
      }
      break;
  }
}

void HttpConnection::write_header(int status) {
  out_.assign("HTTP/1.1 ").append(std::to_string(status)).append(" ");
  out_.append(reason_phrase(status)).append("\r\n");
  for (const auto& [name, value] : reply_.headers) {
    if (equals_ignoring_case(name, "Connection") && equals_ignoring_case(value, "close")) {
      after_answer_ = After::kClose;
    }
    if (!is_servers_business(name) && is_header_field(name, value)) {
      append_field(out_, name, value);
    }
  }
  if (has_body(status) && reply_.action != ServerReply::Action::kStream) {
    append_field(out_, "Content-Length", std::to_string(reply_.body.size()));
  }
  if (after_answer_ == After::kClose) {
    append_field(out_, "Connection", "close");
  } else if (announce_keep_alive_) {
    append_field(out_, "Connection", "keep-alive");
  }
  out_.append("\r\n");
}

void HttpConnection::answer() {
  const int status = reply_.status >= 200 && reply_.status <= 999 ? reply_.status : 500;
  write_header(status);
  if (has_body(status) && !head_only_) {
    out_.append(reply_.body);
  }
  phase_ = Phase::kSending;
  transmit(out_);
  if (phase_ == Phase::kSending && stream_.queued_bytes() == 0) {
    finish_answer();
  }
}

// Without a length: the end of the connection is the end of the answer.
void HttpConnection::begin_stream() {
  after_answer_ = After::kClose;
  write_header(200);
  if (head_only_ || peer_ended_) {
    phase_ = Phase::kSending;
    transmit(out_);
    if (phase_ == Phase::kSending && stream_.queued_bytes() == 0) {
      finish_answer();
    }
    return;
  }
  out_.append(reply_.body);
  phase_ = Phase::kStreaming;
  pending_.clear();
  stream_.resume_reading();  // to notice when the client leaves
  transmit(out_);
  if (phase_ == Phase::kStreaming && stream_.queued_bytes() == 0) {
    stream_more();
  }
}

void HttpConnection::stream_more() {
  deadline_.reset();
  while (phase_ == Phase::kStreaming && stream_.queued_bytes() == 0) {
    const auto piece = reply_.more ? reply_.more() : std::nullopt;
    if (!piece) {
      finish_answer();
      return;
    }
    if (piece->empty()) {
      deadline_.reset();
      return;
    }
    transmit(*piece);
  }
}

void HttpConnection::refuse(int status, std::string_view problem) {
  after_answer_ = After::kClose;
  head_only_ = false;
  reply_ = ServerReply{};
  reply_.status = status;
  reply_.headers.emplace_back("Content-Type", "text/plain");
  reply_.body.assign(problem).append("\n");
  answer();
}

void HttpConnection::transmit(std::string_view bytes) {
  if (stream_.write(bytes).error != 0) {
    close(false);
    return;
  }
  if (phase_ == Phase::kSending || phase_ == Phase::kStreaming) {
    queued_at_deadline_ = stream_.queued_bytes();
    deadline_ = monotonic_now() + options_.write_timeout;
  }
}

void HttpConnection::finish_answer() {
  reply_ = ServerReply{};
  if (out_.capacity() > kMaxPending) {
    out_ = std::string();  // one large answer must not cost its size for as long as the connection
                           // lives
  }
  if (after_answer_ == After::kClose) {
    linger();
  } else {
    wait_for_request();
  }
}

void HttpConnection::linger() {
  pending_.clear();
  if (peer_ended_ || stream_.shutdown_write() != 0) {
    close(false);
    return;
  }
  phase_ = Phase::kLingering;
  deadline_ = monotonic_now() + kLingerTime;
  stream_.resume_reading();
}

void HttpConnection::close(bool reset) {
  if (reset) {
    stream_.close_reset();
  } else {
    stream_.close_fin();
  }
  phase_ = Phase::kClosed;
  deadline_.reset();
}

}  // namespace squall::net
