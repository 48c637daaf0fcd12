#include "loadgen/net/http_response_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <optional>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/net/http_message_feed.hpp"
#include "loadgen/net/http_plain_answer.hpp"
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

void take_body(Answer& answer, std::string_view body) {
  answer.body_bytes += body.size();
  if (answer.capture != nullptr) {
    const std::uint64_t have = answer.capture->size();
    const std::uint64_t room = answer.capture_limit > have ? answer.capture_limit - have : 0;
    const std::size_t kept = std::min<std::uint64_t>(room, body.size());
    answer.capture->append(body.data(), kept);
    answer.truncated = answer.truncated || kept < body.size();
  }
}

constexpr bool is_interim(int status) {
  return status >= 100 && status < 200 && status != 101;
}

// Beast calls back for what it recognises; the body goes on, nothing is stored here.
class BeastResponse final : private http::basic_parser<false> {
 public:
  BeastResponse(Answer& answer, std::uint32_t max_header_bytes, bool head_only) : answer_(answer) {
    header_limit(max_header_bytes);
    // Not boost::none: Beast 1.74 finds every content length larger than that.
    body_limit(std::numeric_limits<std::uint64_t>::max());
    skip(head_only);
  }

  [[nodiscard]] bool header_done() const { return is_header_done(); }
  [[nodiscard]] bool done() const { return is_done(); }
  [[nodiscard]] bool awaits_first_chunk() const {
    return is_header_done() && chunked() && !chunk_seen_;
  }
  [[nodiscard]] bool ends_with_connection() const { return is_header_done() && need_eof(); }
  [[nodiscard]] bool keeps_alive() const { return keep_alive() && code_ != 101; }
  [[nodiscard]] int code() const { return code_; }
  void go_on_after_header() { eager(true); }

  MessagePut put(std::string_view input) {
    BeastError ec;
    MessagePut result;
    result.used =
        http::basic_parser<false>::put(boost::asio::const_buffer(input.data(), input.size()), ec);
    if (ec == http::error::need_more) {
      result.kind = MessagePut::Kind::kNeedMore;
    } else if (ec) {
      const bool too_large = ec == http::error::header_limit;
      result.kind = too_large ? MessagePut::Kind::kTooLarge : MessagePut::Kind::kFailed;
      result.problem = http_problem(ec);
    }
    return result;
  }
  // The connection has ended where the body may end.
  bool put_end() {
    BeastError ec;
    put_eof(ec);
    return !ec && is_done();
  }

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
    take_body(answer_, {body.data(), body.size()});
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
  explicit Impl(std::uint32_t max_header_bytes) : feed_(max_header_bytes) { reset(false); }

  void reset(bool head_only) {
    const auto callback = answer_.on_header;
    void* const context = answer_.context;
    answer_ = Answer{};
    answer_.on_header = callback;
    answer_.context = context;
    head_only_ = head_only;
    state_ = State::kNeedMore;
    keep_alive_ = false;
    plain_ = false;
    earlier_header_bytes_ = 0;
    wire_bytes_ = 0;
    interim_ = 0;
    problem_ = {};
    feed_.reset();
    beast_.emplace(answer_, feed_.max_header_bytes(), head_only_);
  }

  Fed feed(std::string_view bytes);
  Ending finish();

  [[nodiscard]] bool header_complete() const {
    return plain_ || (beast_->header_done() && !is_interim(beast_->code()));
  }
  [[nodiscard]] std::uint64_t header_bytes() const {
    return earlier_header_bytes_ + feed_.header_bytes();
  }

  Answer answer_;
  State state_ = State::kNeedMore;
  bool head_only_ = false;
  bool keep_alive_ = false;
  std::uint64_t wire_bytes_ = 0;
  unsigned interim_ = 0;
  std::string_view problem_;

 private:
  // An ordinary answer that came in one piece needs no Beast. False when this is not one, and
  // nothing has happened then.
  bool take_plain(std::string_view bytes);
  // One call of Beast. False when this input can be used no further.
  bool step(std::string_view input, std::size_t& used);
  void end_message();
  bool fail(State state, std::string_view problem) {
    state_ = state;
    problem_ = problem;
    keep_alive_ = false;
    return false;
  }

  std::optional<BeastResponse> beast_;  // emplaced again for each message: it cannot be reset
  HttpMessageFeed feed_;
  std::uint64_t earlier_header_bytes_ = 0;  // of interim answers, or of a plain one
  bool plain_ = false;
};

bool HttpResponseParser::Impl::take_plain(std::string_view bytes) {
  if (wire_bytes_ > 0 || head_only_ || answer_.on_header != nullptr) {
    return false;
  }
  const auto plain = recognise_plain_answer(bytes);
  if (!plain.has_value() || plain->header_bytes > feed_.max_header_bytes()) {
    return false;
  }
  plain_ = true;
  state_ = State::kComplete;
  answer_.status = plain->status;
  keep_alive_ = plain->keep_alive;
  earlier_header_bytes_ = plain->header_bytes;
  wire_bytes_ = plain->header_bytes + plain->body_bytes;
  take_body(answer_, bytes.substr(plain->header_bytes, plain->body_bytes));
  answer_.capture = nullptr;
  return true;
}

HttpResponseParser::Fed HttpResponseParser::Impl::feed(std::string_view bytes) {
  if (state_ != State::kNeedMore || bytes.empty()) {
    return {0, state_};
  }
  if (take_plain(bytes)) {
    return {static_cast<std::size_t>(wire_bytes_), state_};
  }
  const std::string_view input = feed_.join(bytes);
  std::size_t used = 0;
  while (state_ == State::kNeedMore && used < input.size() && step(input.substr(used), used)) {
  }
  std::size_t left = 0;
  if (state_ == State::kComplete) {
    left = input.size() - used;
    SQUALL_CHECK(left <= bytes.size());
    feed_.drop();
  } else {
    feed_.keep(bytes, used);
  }
  wire_bytes_ += bytes.size() - left;
  return {bytes.size() - left, state_};
}

bool HttpResponseParser::Impl::step(std::string_view input, std::size_t& used) {
  constexpr std::string_view kStart = "HTTP/1.";
  const bool in_header = !beast_->header_done();
  if (in_header && feed_.header_bytes() == 0 &&
      input.substr(0, kStart.size()) != kStart.substr(0, input.size())) {
    return fail(State::kMalformed, "bad version");  // Beast would wait for the whole line
  }
  const MessagePut put = feed_.step(*beast_, input);
  used += put.used;
  if (put.kind == MessagePut::Kind::kTooLarge) {
    return fail(State::kHeaderTooLarge, put.problem);
  }
  if (put.kind == MessagePut::Kind::kFailed) {
    return fail(State::kMalformed, put.problem);
  }
  if (in_header && beast_->header_done()) {
    keep_alive_ = beast_->keeps_alive();
  }
  if (beast_->done()) {
    end_message();
  }
  return put.kind == MessagePut::Kind::kProgress;
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
  earlier_header_bytes_ += feed_.header_bytes();
  feed_.begin_message();
  beast_.emplace(answer_, feed_.max_header_bytes(), head_only_);
}

HttpResponseParser::Ending HttpResponseParser::Impl::finish() {
  if (state_ == State::kNeedMore && beast_->ends_with_connection() && beast_->put_end()) {
    end_message();
  }
  return state_ == State::kComplete ? Ending::kComplete : Ending::kClosedEarly;
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
  return impl_->header_bytes();
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
