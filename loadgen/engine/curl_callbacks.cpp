// What libcurl tells a transfer while it goes on.
#include <algorithm>
#include <charconv>
#include <cstdio>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/engine/curl_transfer.hpp"
#include "loadgen/engine/exchange_results.hpp"
#include "loadgen/engine/request_stream.hpp"
#include "loadgen/model/endpoint.hpp"
#include "loadgen/net/alpn.hpp"

namespace squall::engine {
namespace {

constexpr int kFirstFinal = 200;  // status below which an answer is an interim one
constexpr unsigned kMaxInterim = 32;

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, UrlDeleter>;

std::string url_part(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) {
    return {};
  }
  std::string copy = text;
  curl_free(text);
  return copy;
}

// The status of "HTTP/1.1 200 OK"; 0 when there is none.
int status_of(std::string_view line) {
  const std::size_t space = line.find(' ');
  int status = 0;
  if (space != std::string_view::npos) {
    const char* const digits = line.data() + space + 1;
    (void)std::from_chars(digits, line.data() + line.size(), status);
  }
  return status;
}

// As libcurl has it: it follows every 3xx that has a Location.
bool is_redirect(int status) {
  return status >= 300 && status < 400;
}

}  // namespace

// The one place where a request is seen to leave: libcurl calls this when a request has its
// connection and nothing of it is written yet, once for each time that it goes on the wire. Of the
// two instants that libcurl 7.88 offers, this one stands right before the write, as the native
// engine's does; CURLINFO_PRETRANSFER_TIME is taken when the first write has returned, and on an
// easy handle that goes on the wire more than once it tells of the last time only. The debug
// callback would stand there too, but makes libcurl print every line of its log.
int CurlTransfer::on_request(void* self, char* /*ip*/, char* /*local_ip*/, int /*port*/,
                             int local_port) noexcept {
  return static_cast<CurlTransfer*>(self)->begin_wire_attempt(local_port) ? CURL_PREREQFUNC_OK
                                                                          : CURL_PREREQFUNC_ABORT;
}

bool CurlTransfer::begin_wire_attempt(int local_port) {
  if (endpoint_.target->curl.http == model::HttpVersion::k2) {
    curl_tlssessioninfo* session = nullptr;
    if (curl_easy_getinfo(easy_.get(), CURLINFO_TLS_SSL_PTR, &session) == CURLE_OK &&
        session != nullptr && net::negotiated_protocol(session->internals) != "h2") {
      stop = CurlStop::kNotHttp2;
      return false;
    }
  }
  const std::uint64_t sent = handed_over();
  bytes_before_request_ = wire_attempts == 0 ? sent : bytes_before_request_;
  const bool left = sent > request_bytes_before_;
  if (wire_attempts == 0 || (!left && !answered_since_request_)) {
    exchange->first_byte_sent = monotonic_now();
    closed_before_send += wire_attempts > 0 ? 1U : 0U;
  } else if (answered_since_request_) {
    ++follow_ups;
  } else if (exchange->once) {
    stop = CurlStop::kResend;
    return false;
  } else {
    ++resends;
  }
  endpoint_.opening -= wire_attempts == 0 ? 1U : 0U;
  endpoint_.reached = true;
  ++wire_attempts;
  exchange->connection_id = static_cast<std::uint64_t>(local_port);
  request_bytes_before_ = sent;
  answered_since_request_ = false;
  return true;
}

// Of an exchange with a barrier. libcurl asks again when what it was given has been written, so a
// transfer that pauses has written everything before.
std::size_t CurlTransfer::on_read(char* out, std::size_t one, std::size_t size,
                                  void* self) noexcept {
  return static_cast<CurlTransfer*>(self)->give_body(out, one * size);
}

// libcurl's buffer has 64 KiB, and it asks until it has Content-Length bytes.
std::size_t CurlTransfer::give_body(char* out, std::size_t capacity) {
  const Barrier* const barrier = exchange->barrier;
  std::size_t left = body_bytes_ - given_;
  if (barrier != nullptr && !barrier->released && left > 0) {
    if (left == 1) {
      held = true;
      return CURL_READFUNC_PAUSE;
    }
    --left;
  }
  const std::size_t given = std::min(left, capacity);
  copy_request(*exchange, exchange->head_bytes + given_, {out, given});
  given_ += given;
  last_byte_left = let_go && given_ == body_bytes_;
  return given;
}

int CurlTransfer::on_seek(void* self, curl_off_t offset, int origin) noexcept {
  if (offset != 0 || origin != SEEK_SET) {
    return CURL_SEEKFUNC_FAIL;
  }
  static_cast<CurlTransfer*>(self)->given_ = 0;
  return CURL_SEEKFUNC_OK;
}

// Anything but `size` returned from these two ends the transfer.
std::size_t CurlTransfer::on_header(char* data, std::size_t /*one*/, std::size_t size,
                                    void* self) noexcept {
  return static_cast<CurlTransfer*>(self)->take_header({data, size}) ? size : 0;
}

bool CurlTransfer::take_header(std::string_view line) {
  if (first_answer_byte == TimePoint{}) {
    first_answer_byte = monotonic_now();
  }
  if (exchange->raw_answer != nullptr) {
    keep_raw(*exchange->raw_answer, line);
  }
  if (line.starts_with("HTTP/") && !begin_answer(line)) {
    return false;
  }
  header_bytes_ += line.size();
  if (header_bytes_ > endpoint_.max_header) {
    stop = CurlStop::kHeaderTooLarge;
    return false;
  }
  const bool field = status_ >= kFirstFinal && decoded_bytes == 0 && !line.starts_with("HTTP/");
  if (exchange->keep_header && field && !trim(line).empty()) {
    exchange->head.append(trim(line)).append("\n");
  }
  constexpr std::string_view kLocation = "location:";
  if (endpoint_.target->curl.redirects > 0 && is_redirect(status_) &&
      equals_ignoring_case(line.substr(0, kLocation.size()), kLocation)) {
    return may_follow(trim(line.substr(kLocation.size())));
  }
  return true;
}

bool CurlTransfer::begin_answer(std::string_view status_line) {
  status_ = status_of(status_line);
  header_bytes_ = 0;
  if (status_ < kFirstFinal) {
    if (++interim_ > kMaxInterim) {
      stop = CurlStop::kTooManyInterim;
      return false;
    }
    return true;
  }
  answered_since_request_ = true;
  exchange->body.clear();  // of an answer that was followed up
  exchange->body_truncated = false;
  exchange->body_bytes = 0;
  exchange->head.clear();
  decoded_bytes = 0;
  return true;
}

bool CurlTransfer::may_follow(std::string_view location) {
  if (++redirects_ > endpoint_.target->curl.redirects) {
    stop = CurlStop::kTooManyRedirects;
    return false;
  }
  const CurlUrl url(curl_url());
  char* current = nullptr;
  SQUALL_CHECK(url != nullptr);
  SQUALL_CHECK(curl_easy_getinfo(easy_.get(), CURLINFO_EFFECTIVE_URL, &current) == CURLE_OK);
  const std::string target(location);
  // The flags are libcurl's own for redirects: what is checked must be what is followed.
  constexpr unsigned kAsLibcurl = CURLU_URLENCODE | CURLU_ALLOW_SPACE | CURLU_PATH_AS_IS;
  if (current == nullptr ||
      curl_url_set(url.get(), CURLUPART_URL, current, kAsLibcurl) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, target.c_str(), kAsLibcurl) != CURLUE_OK) {
    foreign_host = printable(location);
    stop = CurlStop::kForeignRedirect;
    return false;
  }
  std::string host = to_lower(url_part(url.get(), CURLUPART_HOST, 0));
  if (host.size() > 2 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  const std::string port_text = url_part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::uint16_t port = 0;
  (void)std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (!endpoint_.is_reached_as(host, port) &&
      !model::may_send_to(host, port, endpoint_.plan->allowed_hosts)) {
    foreign_host = printable(host);
    stop = CurlStop::kForeignRedirect;
    return false;
  }
  return true;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t /*one*/, std::size_t size,
                                  void* self) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  Exchange& exchange = *transfer.exchange;
  const std::string_view bytes(data, size);
  transfer.decoded_bytes += size;
  exchange.body_bytes += size;
  if (exchange.raw_answer != nullptr) {
    keep_raw(*exchange.raw_answer, bytes);
  }
  if (exchange.keep_body) {
    const std::uint64_t room =
        transfer.endpoint_.target->max_body_kept.bytes - exchange.body.size();
    exchange.body.append(bytes.substr(0, room));
    exchange.body_truncated = exchange.body_truncated || size > room;
  }
  return size;
}

// Called while an exchange is under way, and for connections that are tidied up after it.
int CurlTransfer::on_debug(CURL* /*easy*/, curl_infotype type, char* data, std::size_t size,
                           void* self) noexcept {
  Exchange* const exchange = static_cast<CurlTransfer*>(self)->exchange;
  const bool of_request = type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT;
  if (of_request && exchange != nullptr && exchange->raw_request != nullptr) {
    keep_raw(*exchange->raw_request, {data, size});
  }
  return 0;
}

}  // namespace squall::engine
