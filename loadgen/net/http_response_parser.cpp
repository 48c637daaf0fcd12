#include "loadgen/net/http_response_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <optional>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/net/http_problem.hpp"

namespace squall::net {
namespace {

namespace http = boost::beast::http;
using BeastError = boost::beast::error_code;
using BeastView = boost::beast::string_view;

// What the answers of one reset() have in common; the Beast parser is made anew for each interim
// answer.
struct Answer {
  std::string* capture = nullptr;
  std::uint64_t capture_limit = 0;
  bool truncated = false;
  std::uint64_t body_bytes = 0;
  int status = 0;
  HttpResponseParser::HeaderCallback on_header = nullptr;
  void* context = nullptr;
};

constexpr bool is_interim(int status) {
  return status >= 100 && status < 200 && status != 101;
}

// Beast calls back for what it recognises; the body goes on, nothing is stored here.
class BeastParser final : public http::basic_parser<false> {
 public:
  explicit BeastParser(Answer& answer) : answer_(answer) {}

  [[nodiscard]] bool chunk_seen() const { return chunk_seen_; }
  [[nodiscard]] int code() const { return code_; }

 private:
  void on_request_impl(http::verb /*method*/, BeastView /*name*/, BeastView /*target*/,
                       int /*version*/, BeastError& /*ec*/) override {}

  void on_response_impl(int code, BeastView /*reason*/, int /*version*/, BeastError& ec) override {
    code_ = code;
    if (code < 100) {
      ec = http::error::bad_status;
    } else if (!is_interim(code)) {
      answer_.status = code;
    }
  }

  void on_field_impl(http::field /*known*/, BeastView name, BeastView value,
                     BeastError& /*ec*/) override {
    if (answer_.on_header != nullptr && !header_done_ && !is_interim(code_)) {
      answer_.on_header(answer_.context, {name.data(), name.size()}, {value.data(), value.size()});
    }
  }

  void on_header_impl(BeastError& /*ec*/) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                         BeastError& /*ec*/) override {}

  std::size_t on_body_impl(BeastView body, BeastError& /*ec*/) override { return take(body); }
  void on_chunk_header_impl(std::uint64_t /*size*/, BeastView /*extensions*/,
                            BeastError& /*ec*/) override {
    chunk_seen_ = true;
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, BeastView body,
                                 BeastError& /*ec*/) override {
    return take(body);
  }
  void on_finish_impl(BeastError& /*ec*/) override {}

  std::size_t take(BeastView body) {
    answer_.body_bytes += body.size();
    if (answer_.capture != nullptr) {
      const std::uint64_t have = answer_.capture->size();
      const std::uint64_t room = answer_.capture_limit > have ? answer_.capture_limit - have : 0;
      const std::size_t kept = std::min<std::uint64_t>(room, body.size());
      answer_.capture->append(body.data(), kept);
      answer_.truncated = answer_.truncated || kept < body.size();
    }
    return body.size();
  }

  Answer& answer_;
  int code_ = 0;
  bool header_done_ = false;
  bool chunk_seen_ = false;
};

}  // namespace

class HttpResponseParser::Impl {
 public:
  explicit Impl(std::uint32_t max_header_bytes) : max_header_bytes_(max_header_bytes) {
    reset(false);
  }

  void reset(bool head_only) {
    const auto callback = answer_.on_header;
    void* const context = answer_.context;
    answer_ = Answer{};
    answer_.on_header = callback;
    answer_.context = context;
    head_only_ = head_only;
    state_ = State::kNeedMore;
    keep_alive_ = false;
    header_bytes_ = 0;
    wire_bytes_ = 0;
    interim_ = 0;
    problem_ = {};
    held_.clear();
    begin_message();
  }

  Fed feed(std::string_view bytes);
  Ending finish();

  const std::uint32_t max_header_bytes_;
  Answer answer_;
  State state_ = State::kNeedMore;
  bool head_only_ = false;
  bool keep_alive_ = false;
  std::uint64_t header_bytes_ = 0;
  std::uint64_t wire_bytes_ = 0;
  unsigned interim_ = 0;
  std::string_view problem_;

  [[nodiscard]] bool header_complete() const {
    return beast_->is_header_done() && !is_interim(beast_->code());
  }

 private:
  void begin_message() {
    beast_.emplace(answer_);
    beast_->header_limit(max_header_bytes_);
    // Not boost::none: Beast 1.74 finds every content length larger than that.
    beast_->body_limit(std::numeric_limits<std::uint64_t>::max());
    beast_->skip(head_only_);
    this_header_bytes_ = 0;
    looked_at_ = 0;
  }
  // Parses as much of `input` as it can; `input` is contiguous and begins where the last call
  // stopped. Returns the bytes used.
  std::size_t parse(std::string_view input);
  // One call of Beast. False when it can do no more with this input.
  bool step(std::string_view input, std::size_t& used);
  // Beast looks no further than for the blank line once a header came in pieces, which such a
  // header never has.
  bool has_bare_line_feed(std::string_view waiting, std::size_t consumed_before);
  void end_message();
  void fail(State state, std::string_view problem) {
    state_ = state;
    problem_ = problem;
    keep_alive_ = false;
  }

  std::optional<BeastParser> beast_;  // emplaced again for each message: it cannot be reset
  std::uint64_t this_header_bytes_ = 0;
  std::size_t looked_at_ =
      0;  // bytes at the start of what Beast waits with that have no bare line feed
  // Bytes consumed from the caller that Beast wants to see again together with the following ones:
  // it parses a header, a chunk header and trailers only when they lie in one piece.
  std::string held_;
};

HttpResponseParser::Fed HttpResponseParser::Impl::feed(std::string_view bytes) {
  if (state_ != State::kNeedMore || bytes.empty()) {
    return {0, state_};
  }
  const bool joined = !held_.empty();
  if (joined) {
    held_.append(bytes);
  }
  const std::string_view input = joined ? std::string_view(held_) : bytes;
  const std::size_t used = parse(input);
  if (state_ == State::kComplete) {
    const std::size_t left = input.size() - used;
    SQUALL_CHECK(left <= bytes.size());
    held_.clear();
    wire_bytes_ += bytes.size() - left;
    return {bytes.size() - left, state_};
  }
  if (joined) {
    held_.erase(0, used);
  } else {
    held_.assign(bytes.substr(used));
  }
  wire_bytes_ += bytes.size();
  return {bytes.size(), state_};
}

std::size_t HttpResponseParser::Impl::parse(std::string_view input) {
  std::size_t used = 0;
  while (state_ == State::kNeedMore && used < input.size()) {
    if (!step(input.substr(used), used)) {
      break;
    }
  }
  return used;
}

bool HttpResponseParser::Impl::step(std::string_view input, std::size_t& used) {
  constexpr std::string_view kStart = "HTTP/1.";
  const bool in_header = !beast_->is_header_done();
  if (in_header && this_header_bytes_ == 0 &&
      input.substr(0, kStart.size()) != kStart.substr(0, input.size())) {
    fail(State::kMalformed,
         "bad version");  // Beast would wait for the whole line before it says so
    return false;
  }
  // Beast 1.74 asserts that it never looks twice at a last chunk shorter than this.
  constexpr std::size_t kShortestLastChunk = 5;
  if (!in_header && beast_->chunked() && !beast_->chunk_seen() &&
      input.size() < kShortestLastChunk) {
    return false;
  }

  BeastError ec;
  const std::size_t n = beast_->put(boost::asio::const_buffer(input.data(), input.size()), ec);
  used += n;
  const bool need_more = ec == http::error::need_more;
  if (ec && !need_more) {
    const bool too_large = ec == http::error::header_limit;
    fail(too_large ? State::kHeaderTooLarge : State::kMalformed, http_problem(ec));
    return false;
  }
  if (in_header) {
    this_header_bytes_ += n;
    header_bytes_ += n;
  }
  const std::uint64_t waiting = need_more ? input.size() - n : 0;
  // Beast counts its limit anew after each consumed field, and does not limit chunk headers and
  // trailers at all.
  if ((in_header ? this_header_bytes_ : 0) + waiting > max_header_bytes_) {
    fail(State::kHeaderTooLarge, in_header ? "header too large" : "chunk header too large");
    return false;
  }
  if (in_header && need_more && has_bare_line_feed(input.substr(n), n)) {
    fail(State::kMalformed, "bad line ending");
    return false;
  }
  if (in_header && beast_->is_header_done()) {
    keep_alive_ = beast_->keep_alive() && beast_->code() != 101;
    beast_->eager(true);
  }
  if (beast_->is_done()) {
    end_message();
  }
  return !need_more;
}

bool HttpResponseParser::Impl::has_bare_line_feed(std::string_view waiting,
                                                  std::size_t consumed_before) {
  if (consumed_before > 0) {
    looked_at_ = 0;
  }
  for (; looked_at_ < waiting.size(); ++looked_at_) {
    if (waiting[looked_at_] == '\n' && (looked_at_ == 0 || waiting[looked_at_ - 1] != '\r')) {
      return true;
    }
  }
  return false;
}

void HttpResponseParser::Impl::end_message() {
  if (!is_interim(beast_->code())) {
    state_ = State::kComplete;
    answer_.capture = nullptr;
    return;
  }
  ++interim_;
  keep_alive_ = false;
  if (interim_ > kMaxInterimAnswers) {
    fail(State::kMalformed, "too many interim answers");
    return;
  }
  begin_message();
}

HttpResponseParser::Ending HttpResponseParser::Impl::finish() {
  if (state_ == State::kComplete) {
    return Ending::kComplete;
  }
  if (state_ != State::kNeedMore || !beast_->is_header_done() || !beast_->need_eof()) {
    return Ending::kClosedEarly;
  }
  BeastError ec;
  beast_->put_eof(ec);
  if (ec || !beast_->is_done()) {
    return Ending::kClosedEarly;
  }
  end_message();
  return Ending::kComplete;
}

HttpResponseParser::HttpResponseParser(std::uint32_t max_header_bytes)
    : impl_(std::make_unique<Impl>(max_header_bytes)) {}
HttpResponseParser::~HttpResponseParser() = default;
HttpResponseParser::HttpResponseParser(HttpResponseParser&&) noexcept = default;
HttpResponseParser& HttpResponseParser::operator=(HttpResponseParser&&) noexcept = default;

void HttpResponseParser::reset(bool head_only) {
  impl_->reset(head_only);
}

void HttpResponseParser::capture_body(std::string& into, std::uint64_t limit) {
  impl_->answer_.capture = &into;
  impl_->answer_.capture_limit = limit;
}

void HttpResponseParser::on_header(HeaderCallback callback, void* context) {
  impl_->answer_.on_header = callback;
  impl_->answer_.context = context;
}

HttpResponseParser::Fed HttpResponseParser::feed(std::string_view bytes) {
  return impl_->feed(bytes);
}
HttpResponseParser::Ending HttpResponseParser::finish() {
  return impl_->finish();
}
HttpResponseParser::State HttpResponseParser::state() const {
  return impl_->state_;
}
bool HttpResponseParser::started() const {
  return impl_->wire_bytes_ > 0;
}
bool HttpResponseParser::header_complete() const {
  return impl_->header_complete();
}
int HttpResponseParser::status() const {
  return impl_->answer_.status;
}
bool HttpResponseParser::keep_alive() const {
  return impl_->keep_alive_;
}
std::uint64_t HttpResponseParser::header_bytes() const {
  return impl_->header_bytes_;
}
std::uint64_t HttpResponseParser::body_bytes() const {
  return impl_->answer_.body_bytes;
}
std::uint64_t HttpResponseParser::wire_bytes() const {
  return impl_->wire_bytes_;
}
unsigned HttpResponseParser::interim_answers() const {
  return impl_->interim_;
}
bool HttpResponseParser::capture_truncated() const {
  return impl_->answer_.truncated;
}
std::string_view HttpResponseParser::problem() const {
  return impl_->problem_;
}

}  // namespace squall::net
