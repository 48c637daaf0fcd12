#include "loadgen/net/http_scanner.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <optional>
#include <variant>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/http_message_feed.hpp"
#include "loadgen/net/http_problem.hpp"

namespace squall::net {
namespace {

namespace http = boost::beast::http;
using BeastError = boost::beast::error_code;
using BeastView = boost::beast::string_view;
using Framing = HttpScanner::Framing;

// One message. Beast says what the head means and takes the body apart.
template <bool IsRequest>
class BeastMessage final : private http::basic_parser<IsRequest> {
  using Base = http::basic_parser<IsRequest>;

 public:
  BeastMessage(bool head_only, std::string** decoded) : decoded_(decoded) {
    Base::header_limit(static_cast<std::uint32_t>(HttpScanner::kMaxHeadBytes));
    // Not boost::none: Beast 1.74 finds every content length larger than that.
    Base::body_limit(std::numeric_limits<std::uint64_t>::max());
    Base::skip(head_only);
  }

  [[nodiscard]] bool header_done() const { return Base::is_header_done(); }
  [[nodiscard]] bool done() const { return Base::is_done(); }
  [[nodiscard]] bool awaits_first_chunk() const {
    return Base::is_header_done() && Base::chunked() && !chunk_seen_;
  }
  [[nodiscard]] bool keeps_alive() const { return Base::keep_alive(); }
  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] bool unknown_coding() const { return IsRequest && has_coding_ && !only_chunked_; }
  void go_on_after_header() { Base::eager(true); }

  [[nodiscard]] Framing framing() const {
    if (Base::is_done()) {
      return Framing::kNone;
    }
    if (Base::chunked()) {
      return Framing::kChunked;
    }
    return Base::content_length() ? Framing::kLength : Framing::kUntilEnd;
  }
  [[nodiscard]] std::uint64_t length() const {
    const auto length = Base::content_length();
    return length ? *length : 0;
  }

  MessagePut put(std::string_view input) {
    BeastError ec;
    MessagePut result;
    result.used = Base::put(boost::asio::const_buffer(input.data(), input.size()), ec);
    if (ec == http::error::need_more) {
      result.kind = MessagePut::Kind::kNeedMore;
    } else if (ec) {
      result.kind = MessagePut::Kind::kFailed;
      result.problem = http_problem(ec);
    }
    return result;
  }
  bool put_end() {
    if (!Base::is_header_done() || !Base::need_eof()) {
      return false;
    }
    BeastError ec;
    Base::put_eof(ec);
    return !ec && Base::is_done();
  }

 private:
  void on_request_impl(http::verb /*method*/, BeastView /*name*/, BeastView /*target*/,
                       int /*version*/, BeastError& /*ec*/) override {}
  void on_response_impl(int code, BeastView /*reason*/, int /*version*/, BeastError& ec) override {
    code_ = code;
    if (code < 100) {
      ec = http::error::bad_status;
    }
  }
  void on_field_impl(http::field known, BeastView /*name*/, BeastView value,
                     BeastError& /*ec*/) override {
    if (known == http::field::transfer_encoding && !Base::is_header_done()) {
      only_chunked_ = !has_coding_ && equals_ignoring_case({value.data(), value.size()}, "chunked");
      has_coding_ = true;
    }
  }
  void on_header_impl(BeastError& /*ec*/) override {}
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
    if (*decoded_ != nullptr) {
      (*decoded_)->append(body.data(), body.size());
    }
    return body.size();
  }

  std::string** decoded_;
  int code_ = 0;
  bool has_coding_ = false;
  bool only_chunked_ = false;
  bool chunk_seen_ = false;
};

// Reads a head byte by byte as far as it tells whether it can be one, so that who speaks another
// protocol never waits for an end of a head that does not come.
class HeadWatch {
 public:
  explicit HeadWatch(bool request) : request_(request) {}

  // False: this is no head of HTTP/1.
  bool take(char c) {
    const bool right = in_start_line_ ? take_start(c) : true;
    if (!right || (c == '\n') != (last_ == '\r')) {
      return false;  // each CR is followed by an LF, each LF comes behind a CR
    }
    if (c == '\n') {
      done_ = !in_start_line_ && line_bytes_ == 1;
      in_start_line_ = false;
      line_bytes_ = 0;
    } else {
      ++line_bytes_;
    }
    last_ = c;
    return true;
  }
  [[nodiscard]] bool done() const { return done_; }

 private:
  enum class Part : std::uint8_t { kMethod, kTarget, kVersion, kRest };
  static constexpr std::size_t kMaxMethod = 32;
  // '#' stands for a digit.
  static constexpr std::string_view kRequestEnd = "HTTP/1.#\r\n";
  static constexpr std::string_view kAnswerStart = "HTTP/1.# ### ";

  bool take_start(char c) { return request_ ? take_request_line(c) : take_status_line(c); }

  bool take_request_line(char c) {
    switch (part_) {
      case Part::kMethod:
        if (c == ' ') {
          part_ = Part::kTarget;
          return at_ > 0 && restart();
        }
        return ++at_ <= kMaxMethod && is_token({&c, 1});
      case Part::kTarget:
        if (c == ' ') {
          part_ = Part::kVersion;
          return at_ > 0 && restart();
        }
        ++at_;
        return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
      case Part::kVersion:
        return fits(kRequestEnd, c);
      case Part::kRest:
        break;
    }
    return true;
  }
  bool take_status_line(char c) { return at_ >= kAnswerStart.size() || fits(kAnswerStart, c); }
  bool fits(std::string_view pattern, char c) {
    const char wanted = at_ < pattern.size() ? pattern[at_] : '\0';
    ++at_;
    return wanted == '#' ? c >= '0' && c <= '9' : c == wanted;
  }
  bool restart() {
    at_ = 0;
    return true;
  }

  bool request_;
  bool in_start_line_ = true;
  bool done_ = false;
  Part part_ = Part::kMethod;
  std::size_t at_ = 0;
  std::size_t line_bytes_ = 0;  // of the present line, its CR included
  char last_ = '\0';
};

}  // namespace

class HttpScanner::Impl {
 public:
  explicit Impl(Kind kind) : kind_(kind), feed_(kMaxHeadBytes) { begin(); }

  Step next(std::string_view bytes) {
    switch (state_) {
      case State::kComplete:
        begin();
        return take_head(bytes);
      case State::kHead:
        return take_head(bytes);
      case State::kBody:
        return take_body(bytes);
      case State::kNotHttp:
        break;
    }
    return {Found::kNotHttp, 0};
  }

  bool finish() {
    return state_ == State::kBody &&
           std::visit([](auto& message) { return message.has_value() && message->put_end(); },
                      message_);
  }

  [[nodiscard]] bool in_message() const {
    return state_ == State::kBody || (state_ == State::kHead && !head_.empty());
  }

  const Kind kind_;
  bool head_only_ = false;
  std::string head_;
  std::string* decoded_ = nullptr;
  Framing framing_ = Framing::kNone;
  std::uint64_t content_length_ = 0;
  int status_ = 0;
  bool keep_alive_ = false;

 private:
  enum class State : std::uint8_t { kHead, kBody, kComplete, kNotHttp };

  void begin() {
    state_ = State::kHead;
    head_.clear();
    watch_.emplace(kind_ == Kind::kRequests);
    feed_.reset();
    decoded_ = nullptr;
  }

  Step take_head(std::string_view bytes) {
    const std::size_t before = head_.size();
    std::size_t used = 0;
    while (used < bytes.size() && !watch_->done()) {
      if (before + used >= kMaxHeadBytes || !watch_->take(bytes[used])) {
        state_ = State::kNotHttp;
        return {Found::kNotHttp, 0};
      }
      ++used;
    }
    head_.append(bytes.substr(0, used));
    if (!watch_->done()) {
      return {Found::kNothing, used};
    }
    if (!understand()) {
      head_.resize(before);
      state_ = State::kNotHttp;
      return {Found::kNotHttp, 0};
    }
    state_ = State::kBody;
    return {Found::kHead, used};
  }

  bool understand() {
    if (kind_ == Kind::kRequests) {
      return understand(message_.emplace<Request>());
    }
    return understand(message_.emplace<Answer>());
  }
  template <class Message>
  bool understand(std::optional<Message>& message) {
    message.emplace(head_only_, &decoded_);
    head_only_ = false;
    const MessagePut put = feed_.step(*message, head_);
    if (put.kind != MessagePut::Kind::kProgress || !message->header_done() ||
        put.used != head_.size() || message->unknown_coding()) {
      return false;
    }
    framing_ = message->framing();
    content_length_ = message->length();
    status_ = message->code();
    keep_alive_ = message->keeps_alive();
    return true;
  }

  Step take_body(std::string_view bytes) {
    return std::visit([&](auto& message) { return take_body(*message, bytes); }, message_);
  }
  template <class Message>
  Step take_body(Message& message, std::string_view bytes) {
    if (message.done()) {
      state_ = State::kComplete;
      return {Found::kEnd, 0};
    }
    if (bytes.empty()) {
      return {Found::kNothing, 0};
    }
    const std::string_view input = feed_.join(bytes);
    std::size_t used = 0;
    while (!message.done() && used < input.size()) {
      const MessagePut put = feed_.step(message, input.substr(used));
      used += put.used;
      if (put.kind == MessagePut::Kind::kFailed || put.kind == MessagePut::Kind::kTooLarge) {
        state_ = State::kNotHttp;
        return {Found::kNotHttp, 0};
      }
      if (put.kind == MessagePut::Kind::kNeedMore) {
        break;
      }
    }
    if (message.done()) {
      const std::size_t left = input.size() - used;
      feed_.drop();
      return {Found::kBody, bytes.size() - left};
    }
    feed_.keep(bytes, used);
    return {Found::kBody, bytes.size()};
  }

  using Request = std::optional<BeastMessage<true>>;
  using Answer = std::optional<BeastMessage<false>>;

  State state_ = State::kHead;
  std::optional<HeadWatch> watch_;
  HttpMessageFeed feed_;
  std::variant<Request, Answer> message_;
};

HttpScanner::HttpScanner(Kind kind) : impl_(std::make_unique<Impl>(kind)) {}
HttpScanner::~HttpScanner() = default;

HttpScanner::Step HttpScanner::next(std::string_view bytes) {
  return impl_->next(bytes);
}
void HttpScanner::set_head_only(bool head_only) {
  impl_->head_only_ = head_only;
}
bool HttpScanner::finish() {
  return impl_->finish();
}
bool HttpScanner::in_message() const {
  return impl_->in_message();
}
std::string_view HttpScanner::head() const {
  return impl_->head_;
}
HttpScanner::Framing HttpScanner::framing() const {
  return impl_->framing_;
}
std::uint64_t HttpScanner::content_length() const {
  return impl_->content_length_;
}
int HttpScanner::status() const {
  return impl_->status_;
}
bool HttpScanner::keep_alive() const {
  return impl_->keep_alive_;
}
void HttpScanner::decode_into(std::string* body) {
  impl_->decoded_ = body;
}

}  // namespace squall::net
