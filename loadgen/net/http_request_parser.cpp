#include "loadgen/net/http_request_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/http_message_feed.hpp"
#include "loadgen/net/http_problem.hpp"

namespace squall::net {
namespace {

namespace http = boost::beast::http;
using BeastError = boost::beast::error_code;
using BeastView = boost::beast::string_view;

std::string_view to_std(BeastView view) {
  return {view.data(), view.size()};
}

class BeastRequest final : private http::basic_parser<true> {
 public:
  BeastRequest(ServerRequest& request, const HttpRequestParser::Limits& limits)
      : request_(request), max_body_bytes_(limits.max_body_bytes) {
    header_limit(limits.max_header_bytes);
    body_limit(limits.max_body_bytes);
  }

  [[nodiscard]] bool header_done() const { return is_header_done(); }
  [[nodiscard]] bool done() const { return is_done(); }
  [[nodiscard]] bool keeps_alive() const { return keep_alive(); }
  [[nodiscard]] bool is_http_1_0() const { return version_ == 10; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_ && !is_http_1_0(); }
  [[nodiscard]] bool awaits_first_chunk() const {
    return is_header_done() && chunked() && !chunk_seen_;
  }
  // A transfer coding that we cannot undo: where such a request ends is unknown.
  [[nodiscard]] bool unknown_coding() const { return has_coding_ && !only_chunked_; }
  [[nodiscard]] bool body_too_large() const { return body_too_large_; }
  void go_on_after_header() { eager(true); }

  MessagePut put(std::string_view input) {
    BeastError ec;
    MessagePut result;
    result.used =
        http::basic_parser<true>::put(boost::asio::const_buffer(input.data(), input.size()), ec);
    if (ec == http::error::need_more) {
      result.kind = MessagePut::Kind::kNeedMore;
    } else if (ec) {
      body_too_large_ = ec == http::error::body_limit;
      const bool too_large = ec == http::error::header_limit;
      result.kind = too_large ? MessagePut::Kind::kTooLarge : MessagePut::Kind::kFailed;
      result.problem = http_problem(ec);
    }
    return result;
  }

 private:
  void on_request_impl(http::verb /*known*/, BeastView method, BeastView target, int version,
                       BeastError& /*ec*/) override {
    request_.method = to_std(method);
    request_.target = to_std(target);
    version_ = version;
  }
  void on_response_impl(int /*code*/, BeastView /*reason*/, int /*version*/,
                        BeastError& /*ec*/) override {}

  void on_field_impl(http::field known, BeastView name, BeastView value,
                     BeastError& /*ec*/) override {
    if (in_trailer_) {
      return;
    }
    request_.headers.emplace_back(to_std(name), to_std(value));
    if (known == http::field::expect) {
      expects_continue_ = equals_ignoring_case(to_std(value), "100-continue");
    } else if (known == http::field::transfer_encoding) {
      only_chunked_ = !has_coding_ && equals_ignoring_case(to_std(value), "chunked");
      has_coding_ = true;
    }
  }

  void on_header_impl(BeastError& /*ec*/) override { in_trailer_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                         BeastError& /*ec*/) override {}
  std::size_t on_body_impl(BeastView body, BeastError& ec) override { return take(body, ec); }
  void on_chunk_header_impl(std::uint64_t /*size*/, BeastView /*extensions*/,
                            BeastError& /*ec*/) override {
    chunk_seen_ = true;
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, BeastView body,
                                 BeastError& ec) override {
    return take(body, ec);
  }
  void on_finish_impl(BeastError& /*ec*/) override {}

  std::size_t take(BeastView body, BeastError& ec) {
    if (body.size() > max_body_bytes_ - request_.body.size()) {
      ec = http::error::body_limit;
      return 0;
    }
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  ServerRequest& request_;
  std::uint64_t max_body_bytes_;
  int version_ = 11;
  bool expects_continue_ = false;
  bool has_coding_ = false;
  bool only_chunked_ = false;
  bool in_trailer_ = false;
  bool chunk_seen_ = false;
  bool body_too_large_ = false;
};

}  // namespace

class HttpRequestParser::Impl {
 public:
  explicit Impl(const Limits& limits) : limits_(limits), feed_(limits.max_header_bytes) { begin(); }

  Fed feed(std::string_view bytes) {
    if (state_ != State::kNeedMore || bytes.empty()) {
      return {0, state_};
    }
    started_ = true;
    const std::string_view input = feed_.join(bytes);
    std::size_t used = 0;
    while (state_ == State::kNeedMore && used < input.size() && step(input.substr(used), used)) {
    }
    if (state_ == State::kComplete) {
      const std::size_t left = input.size() - used;
      SQUALL_CHECK(left <= bytes.size());
      feed_.drop();
      return {bytes.size() - left, state_};
    }
    feed_.keep(bytes, used);
    return {bytes.size(), state_};
  }

  ServerRequest take_request() {
    SQUALL_CHECK(state_ == State::kComplete);
    ServerRequest taken = std::move(request_);
    begin();
    return taken;
  }

  [[nodiscard]] bool expects_continue() const {
    return state_ == State::kNeedMore && beast_->header_done() && beast_->expects_continue();
  }

  const Limits limits_;
  State state_ = State::kNeedMore;
  bool started_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  int refuse_with_ = 0;
  std::string_view problem_;

 private:
  void begin() {
    request_ = ServerRequest{};
    beast_.emplace(request_, limits_);
    feed_.reset();
    state_ = State::kNeedMore;
    started_ = false;
  }

  // False when this input can be used no further.
  bool step(std::string_view input, std::size_t& used) {
    const MessagePut put = feed_.step(*beast_, input);
    used += put.used;
    if (put.kind == MessagePut::Kind::kTooLarge) {
      return reject(431, put.problem);
    }
    if (put.kind == MessagePut::Kind::kFailed) {
      return reject(beast_->body_too_large() ? 413 : 400, put.problem);
    }
    if (beast_->header_done() && beast_->unknown_coding()) {
      return reject(501, "unknown transfer coding");
    }
    if (beast_->done()) {
      keep_alive_ = beast_->keeps_alive();
      http_1_0_ = beast_->is_http_1_0();
      state_ = State::kComplete;
    }
    return put.kind == MessagePut::Kind::kProgress;
  }

  bool reject(int status, std::string_view problem) {
    state_ = State::kRejected;
    refuse_with_ = status;
    problem_ = problem;
    return false;
  }

  ServerRequest request_;
  std::optional<BeastRequest> beast_;  // emplaced again for each request: it cannot be reset
  HttpMessageFeed feed_;
};

HttpRequestParser::HttpRequestParser(const Limits& limits)
    : impl_(std::make_unique<Impl>(limits)) {}
HttpRequestParser::~HttpRequestParser() = default;

HttpRequestParser::Fed HttpRequestParser::feed(std::string_view bytes) {
  return impl_->feed(bytes);
}
ServerRequest HttpRequestParser::take_request() {
  return impl_->take_request();
}
bool HttpRequestParser::started() const {
  return impl_->started_;
}
bool HttpRequestParser::expects_continue() const {
  return impl_->expects_continue();
}
bool HttpRequestParser::keep_alive() const {
  return impl_->keep_alive_;
}
bool HttpRequestParser::is_http_1_0() const {
  return impl_->http_1_0_;
}
int HttpRequestParser::refuse_with() const {
  return impl_->refuse_with_;
}
std::string_view HttpRequestParser::problem() const {
  return impl_->problem_;
}

}  // namespace squall::net
