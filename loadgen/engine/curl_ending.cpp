#include "loadgen/engine/curl_ending.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"

namespace squall::engine {
namespace {

using How = model::AttemptClass;

std::string message_of(const CurlTransfer& transfer, CURLcode code) {
  return printable(transfer.message[0] != '\0' ? transfer.message : curl_easy_strerror(code));
}

int errno_of(const CurlTransfer& transfer) {
  long value = 0;
  SQUALL_CHECK(curl_easy_getinfo(transfer.easy(), CURLINFO_OS_ERRNO, &value) == CURLE_OK);
  return static_cast<int>(value);
}

CurlEnding stopped(const CurlTransfer& transfer) {
  switch (transfer.stop) {
    case CurlStop::kNone:
      break;
    case CurlStop::kResend:
      return {How::kReset,
              "the connection broke after the request had been sent; libcurl would have sent it "
              "again, which this step must not"};
    case CurlStop::kNotHttp2:
      return {How::kRefused, "the server did not choose HTTP/2 (ALPN); nothing was sent"};
    case CurlStop::kHeaderTooLarge:
      return {How::kOversized,
              fmt::format("header above {} bytes", transfer.endpoint().max_header)};
    case CurlStop::kTooManyInterim:
      return {How::kMalformed, "too many 1xx answers"};
    case CurlStop::kTooManyRedirects:
      return {How::kUnexpected,
              fmt::format("more than {} redirects", transfer.endpoint().target->curl.redirects)};
    case CurlStop::kForeignRedirect:
      return {How::kUnexpected,
              fmt::format("a redirect to {}, where squall may not send to", transfer.foreign_host)};
  }
  return {};
}

// A connection that was there and broke.
CurlEnding broken(const CurlTransfer& transfer, CURLcode code) {
  // Bad chunks have no code of their own, nor has a header above libcurl's 300 KiB.
  const std::string_view message = transfer.message;
  if (message.find("chunked-encoding") != std::string_view::npos) {
    return {How::kMalformed, message_of(transfer, code)};
  }
  if (message.find("Too large response headers") != std::string_view::npos) {
    return {How::kOversized, message_of(transfer, code)};
  }
  const int error = errno_of(transfer);
  const bool reset = code == CURLE_SEND_ERROR || error == ECONNRESET || error == EPIPE;
  if (reset) {
    return {How::kReset, message_of(transfer, code)};
  }
  return {How::kClosed,
          transfer.answered() ? "closed within the answer" : "closed without an answer"};
}

bool is_about_descriptors(int error) {
  return error == EMFILE || error == ENFILE;
}

// libcurl's resolver does not say why it could not begin: whether there is a descriptor left does.
int resolver_error() {
  const int fd = ::eventfd(0, EFD_CLOEXEC);
  if (fd < 0) {
    return errno;
  }
  ::close(fd);
  return 0;
}

// Why there was no connection; 0 when no errno tells.
int connect_error(const CurlTransfer& transfer, CURLcode code) {
  switch (static_cast<int>(code)) {
    case CURLE_COULDNT_CONNECT:
      return transfer.socket_error() != 0 ? transfer.socket_error() : errno_of(transfer);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: {
      const int error = resolver_error();
      return is_about_descriptors(error) ? error : 0;
    }
    default:
      return 0;
  }
}

HostLack lack_of(const CurlTransfer& transfer, CURLcode code) {
  const int error = connect_error(transfer, code);
  if (is_about_descriptors(error)) {
    return HostLack::kDescriptors;
  }
  // Of an address that was never reached the same error says that this host has no such network.
  return error == EADDRNOTAVAIL && transfer.endpoint().reached ? HostLack::kPorts : HostLack::kNone;
}

// A request that never had a connection.
CurlEnding unconnected(const CurlTransfer& transfer, CURLcode code) {
  const int error = connect_error(transfer, code);
  const bool late = code == CURLE_OPERATION_TIMEDOUT || error == ETIMEDOUT;
  std::string detail = message_of(transfer, code);
  if (error != 0) {
    detail += fmt::format(" ({})", std::generic_category().message(error));
  }
  return {late ? How::kTimeout : How::kRefused, std::move(detail), lack_of(transfer, code)};
}

CurlEnding connected(const CurlTransfer& transfer, CURLcode code) {
  switch (static_cast<int>(code)) {
    case CURLE_OPERATION_TIMEDOUT:
      return {How::kTimeout, message_of(transfer, code)};
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return broken(transfer, code);
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_COULDNT_CONNECT:  // for a redirect or a repeated request: the first one was sent
    case CURLE_COULDNT_RESOLVE_HOST:
      return {How::kReset, message_of(transfer, code)};
    case CURLE_OUT_OF_MEMORY:  // what libcurl says of a line that its buffers are too small for
      return {How::kOversized, "a header line above libcurl's 100 KiB"};
    default:
      // No HTTP (CURLE_UNSUPPORTED_PROTOCOL is what libcurl calls HTTP/0.9), chunks or an encoding
      // that cannot be undone, a header that is none.
      return {How::kMalformed, message_of(transfer, code)};
  }
}

}  // namespace

CurlEnding ending_of(const CurlTransfer& transfer, CURLcode code) {
  if (code == CURLE_OK) {
    return {};
  }
  if (transfer.stop != CurlStop::kNone) {
    return stopped(transfer);
  }
  return transfer.connected() ? connected(transfer, code) : unconnected(transfer, code);
}

}  // namespace squall::engine
