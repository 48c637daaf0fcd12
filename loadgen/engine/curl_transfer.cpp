#include "loadgen/engine/curl_transfer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/engine/exchange_results.hpp"

namespace squall::engine {
namespace {

using model::HttpVersion;

// Whole seconds, as libcurl takes them; zero would switch the limit off.
long idle_seconds(Duration limit) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(limit).count();
  return static_cast<long>(std::clamp<std::int64_t>(seconds, 1, std::numeric_limits<int>::max()));
}

}  // namespace

bool CurlEndpoint::is_reached_as(std::string_view host, std::uint16_t port) const {
  return target->tls && !target->tls->server_name.empty() && port == replica->port &&
         equals_ignoring_case(host, target->tls->server_name);
}

CurlTransfer::CurlTransfer(CurlEndpoint& endpoint)
    : endpoint_(endpoint), easy_(net::make_curl_easy()) {
  set_fixed_options();
}

// Every option that is set here exists in every libcurl that squall is built for, and every value
// was checked when the plan was loaded.
template <class Value>
void CurlTransfer::set(CURLoption option, Value value) {
  SQUALL_CHECK(curl_easy_setopt(easy_.get(), option, value) == CURLE_OK);
}

void CurlTransfer::set_fixed_options() {
  const model::Target& target = *endpoint_.target;
  const model::CurlSettings& curl = target.curl;
  opener_.owner = &endpoint_.owner;
  CurlSockets::watch_sockets_of(easy_.get(), opener_);
  SQUALL_CHECK(endpoint_.route->apply(easy_.get()) == CURLE_OK);
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_ERRORBUFFER, &message[0]);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_MAXAGE_CONN, idle_seconds(target.idle_limit));
  // The engine has clocks of its own; libcurl's would end a transfer with a reason of its own.
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::numeric_limits<std::int32_t>::max()));
  set(CURLOPT_PREREQFUNCTION, &CurlTransfer::on_request);
  set(CURLOPT_PREREQDATA, this);
  set(CURLOPT_READFUNCTION, &CurlTransfer::on_read);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_SEEKFUNCTION, &CurlTransfer::on_seek);
  set(CURLOPT_SEEKDATA, this);
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_FOLLOWLOCATION, curl.redirects > 0 ? 1L : 0L);
  set(CURLOPT_MAXREDIRS, -1L);  // it would count the request that answers a challenge, too
  if (curl.compression) {
    set(CURLOPT_ACCEPT_ENCODING, "");  // all that this libcurl can undo
  }
  if (always_fresh()) {
    set(CURLOPT_FORBID_REUSE, 1L);
  }
  if (curl.cookies) {
    set(CURLOPT_COOKIEFILE, "");
  }
}

// libcurl 7.88 begins a connection that it uses again with HTTP/2's preface once more when it was
// told to know that the server speaks it; the server ends the connection there.
bool CurlTransfer::always_fresh() const {
  return endpoint_.target->curl.http == HttpVersion::k2PriorKnowledge;
}

bool CurlTransfer::prepare(Exchange& wanted, CURLSH* jar) {
  const std::string_view head = wanted.request.substr(0, wanted.head_bytes);
  if (head != head_) {
    head_.clear();  // until it is set up as a whole
    const bool readable = read_request_head(head, parts_);
    // libcurl has no HEAD with a body: it would wait for the answer's.
    if (!readable || (parts_.method == "HEAD" && !parts_.field("Content-Length").empty())) {
      return false;
    }
    set_head(head);
  }
  if (shape_ == Shape::kPost) {
    const std::string_view body = wanted.request.substr(wanted.head_bytes);
    body_bytes_ = body.size() + wanted.generated_bytes;
    asks_for_body_ = !wanted.generated.empty() || (wanted.barrier != nullptr && !body.empty());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_bytes_));
    set(CURLOPT_POSTFIELDS, asks_for_body_ ? nullptr : body.empty() ? "" : body.data());
  } else {
    asks_for_body_ = false;
    body_bytes_ = 0;
  }
  given_ = 0;
  held = let_go = last_byte_left = false;
  set_connection(wanted.connection == model::CopyConnection::kFresh || always_fresh());
  set_tracing(wanted.raw_request != nullptr);
  if (jar != nullptr) {
    set(CURLOPT_SHARE, jar);
    has_jar = true;
  }
  exchange = &wanted;
  ++token;
  stop = CurlStop::kNone;
  wire_attempts = follow_ups = resends = closed_before_send = 0;
  first_answer_byte = {};
  decoded_bytes = 0;
  message[0] = '\0';
  opener_.error = 0;
  answered_since_request_ = false;
  status_ = 0;
  interim_ = 0;
  redirects_ = 0;
  header_bytes_ = 0;
  request_bytes_before_ = 0;
  bytes_before_request_ = 0;
  return true;
}

void CurlTransfer::release() {
  if (has_jar) {
    set(CURLOPT_SHARE, static_cast<CURLSH*>(nullptr));
    has_jar = false;
  }
  exchange = nullptr;
  ++token;
}

void CurlTransfer::set_head(std::string_view head) {
  const bool with_body = !parts_.field("Content-Length").empty();
  const std::string_view method = parts_.method;
  set_method(with_body ? Shape::kPost : method == "HEAD" ? Shape::kNoBody : Shape::kPlain);
  // A method of one's own stays through redirects; those that libcurl knows follow the rules.
  const bool known = (shape_ == Shape::kPost && method == "POST") ||
                     (shape_ == Shape::kPlain && method == "GET") || shape_ == Shape::kNoBody;
  custom_method_.assign(known ? std::string_view() : method);
  set(CURLOPT_CUSTOMREQUEST, known ? nullptr : custom_method_.c_str());
  url_.assign(endpoint_.url);
  url_.append(parts_.path);
  set(CURLOPT_URL, url_.c_str());
  // libcurl's parser of URLs keeps a path with its query as it stands, fragments excepted.
  set_header_lines(with_body);
  head_.assign(head);
}

void CurlTransfer::set_header_lines(bool with_body) {
  text_.clear();
  lines_.clear();
  std::vector<std::size_t> starts;
  const auto add = [&](std::string_view name, std::string_view separator, std::string_view value) {
    starts.push_back(text_.size());
    text_.append(name).append(separator).append(value).push_back('\0');
  };
  for (const auto& [name, value] : parts_.fields) {
    const bool ours = equals_ignoring_case(name, "Content-Length") ||
                      (equals_ignoring_case(name, "Host") && value == endpoint_.authority) ||
                      (endpoint_.target->curl.http != HttpVersion::k1 &&
                       equals_ignoring_case(name, "Connection"));
    if (!ours) {
      add(name, value.empty() ? ";" : ": ", value);  // "Name:" alone would remove a header
    }
  }
  // What libcurl would add by itself and the request does not have.
  for (const std::string_view name : {"User-Agent", "Accept"}) {
    if (parts_.field(name).empty()) {
      add(name, ":", "");
    }
  }
  if (with_body) {
    for (const std::string_view name : {"Expect", "Content-Type"}) {
      if (parts_.field(name).empty()) {
        add(name, ":", "");
      }
    }
  }
  lines_.resize(starts.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    lines_[i] = {text_.data() + starts[i], i + 1 < starts.size() ? &lines_[i + 1] : nullptr};
  }
  set(CURLOPT_HTTPHEADER, lines_.empty() ? nullptr : lines_.data());
}

void CurlTransfer::set_method(Shape shape) {
  if (shape == shape_) {
    return;
  }
  shape_ = shape;
  switch (shape) {
    case Shape::kPlain:
    case Shape::kUnset:
      set(CURLOPT_HTTPGET, 1L);
      break;
    case Shape::kNoBody:
      set(CURLOPT_NOBODY, 1L);
      break;
    case Shape::kPost:
      set(CURLOPT_NOBODY, 0L);
      set(CURLOPT_POST, 1L);
      break;
  }
}

void CurlTransfer::set_connection(bool fresh) {
  if (fresh != fresh_) {
    fresh_ = fresh;
    set(CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
  }
}

// Costs time for every line that libcurl says, so only where somebody looks.
void CurlTransfer::set_tracing(bool tracing) {
  if (tracing != tracing_) {
    tracing_ = tracing;
    set(CURLOPT_DEBUGFUNCTION, &CurlTransfer::on_debug);
    set(CURLOPT_DEBUGDATA, this);
    set(CURLOPT_VERBOSE, tracing ? 1L : 0L);
  }
}

std::uint64_t CurlTransfer::request_bytes() const {
  return connected() ? handed_over() - bytes_before_request_ : 0;
}

// libcurl counts the CONNECT for a tunnel with the rest.
std::uint64_t CurlTransfer::handed_over() const {
  long head = 0;
  curl_off_t body = 0;
  SQUALL_CHECK(curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &head) == CURLE_OK);
  SQUALL_CHECK(curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &body) == CURLE_OK);
  // A body that goes out with its header is counted in both.
  constexpr std::size_t kSentWithHeader = 64UL * 1024;  // libcurl's MAX_INITIAL_POST_SIZE
  const bool together = body_bytes_ < kSentWithHeader && !asks_for_body_;
  const std::uint64_t apart = together ? 0 : static_cast<std::uint64_t>(body);
  return static_cast<std::uint64_t>(head) + apart;
}

}  // namespace squall::engine
