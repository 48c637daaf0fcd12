// One pooled easy handle: what does not change is set once, what libcurl tells is remembered.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/curl_sockets.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/engine/request_head.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/net/curl_easy.hpp"
#include "loadgen/net/curl_route.hpp"

namespace squall::engine {

class CurlTransfer;

// A replica of a target that the curl engine runs, with its pooled handles. Stays where it is.
struct CurlEndpoint {
  const model::Plan* plan = nullptr;
  const model::Target* target = nullptr;
  const model::Endpoint* replica = nullptr;
  std::uint16_t index = 0;  // among the engine's endpoints
  std::string url;          // scheme://host:port
  std::string authority;    // of the URL: what libcurl writes as Host by itself
  std::uint64_t max_header = 0;
  std::unique_ptr<net::CurlRoute> route;
  CurlSockets::Owner owner;
  std::vector<CurlTransfer*> idle;
  std::size_t active = 0;   // transfers under way
  std::size_t opening = 0;  // of those, the ones that are not connected yet
  bool reached = false;     // a connection to it has been there

  [[nodiscard]] bool multiplexes() const { return target->curl.http == model::HttpVersion::k2; }
  // It is this replica that a connection to `host` (lower case, without brackets) goes to, because
  // TLS asks for it by that name.
  [[nodiscard]] bool is_reached_as(std::string_view host, std::uint16_t port) const;
};

// Why squall ended a transfer from within a callback.
enum class CurlStop : std::uint8_t {
  kNone,
  kResend,    // libcurl was about to repeat a request that must not be
  kNotHttp2,  // the server did not choose h2
  kHeaderTooLarge,
  kTooManyInterim,  // 1xx answers
  kTooManyRedirects,
  kForeignRedirect,  // to a host that squall may not send to
};

// Owns its easy handle; borrows its endpoint. Worker thread only. Callbacks of libcurl only take
// notes here; whoever runs libcurl looks at them afterwards.
class CurlTransfer {
 public:
  explicit CurlTransfer(CurlEndpoint& endpoint);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Sets the handle up for an exchange. False when its request is not one that can be taken apart.
  [[nodiscard]] bool prepare(Exchange& exchange, CURLSH* jar);
  // Lets go of the exchange and of the jar.
  void release();

  // Notes
  Exchange* exchange = nullptr;
  std::uint32_t token = 0;  // names the current use; deadlines of earlier ones are void
  CurlStop stop = CurlStop::kNone;
  unsigned wire_attempts = 0;  // requests begun on a connection
  unsigned follow_ups = 0;
  unsigned resends = 0;
  unsigned closed_before_send = 0;
  TimePoint first_answer_byte{};
  std::uint64_t decoded_bytes = 0;
  std::string foreign_host;  // of kForeignRedirect
  bool has_jar = false;
  // Of an exchange with a barrier
  bool held = false;            // everything but the last byte was given to libcurl
  bool let_go = false;          // the others are there, and it was told to go on
  bool last_byte_left = false;  // after that
  bool counted_at_barrier = false;
  char message[CURL_ERROR_SIZE] = {};

  [[nodiscard]] CURL* easy() const { return easy_.get(); }
  [[nodiscard]] CurlEndpoint& endpoint() const { return endpoint_; }
  // The request has a connection.
  [[nodiscard]] bool connected() const { return wire_attempts > 0; }
  // The error that this host gave when libcurl asked for a socket; 0: none.
  [[nodiscard]] int socket_error() const { return opener_.error; }
  [[nodiscard]] bool answered() const { return first_answer_byte != TimePoint{}; }
  // Bytes of requests that were handed to the kernel, all wire attempts together. What a proxy was
  // asked for before the first of them is not among them.
  [[nodiscard]] std::uint64_t request_bytes() const;

 private:
  enum class Shape : std::uint8_t { kUnset, kPlain, kNoBody, kPost };

  template <class Value>
  void set(CURLoption option, Value value);
  void set_fixed_options();
  [[nodiscard]] bool always_fresh() const;
  void set_head(std::string_view head);
  void set_header_lines(bool with_body);
  void set_method(Shape shape);
  void set_connection(bool fresh);

  static int on_request(void* self, char* ip, char* local_ip, int port, int local_port) noexcept;
  static std::size_t on_read(char* out, std::size_t one, std::size_t size, void* self) noexcept;
  static int on_seek(void* self, curl_off_t offset, int origin) noexcept;
  [[nodiscard]] std::size_t give_body(char* out, std::size_t capacity);
  static std::size_t on_header(char* data, std::size_t one, std::size_t size, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self) noexcept;
  [[nodiscard]] std::uint64_t handed_over() const;
  static int on_debug(CURL* easy, curl_infotype type, char* data, std::size_t size,
                      void* self) noexcept;
  void set_tracing(bool tracing);
  [[nodiscard]] bool begin_wire_attempt(int local_port);
  [[nodiscard]] bool take_header(std::string_view line);
  [[nodiscard]] bool begin_answer(std::string_view status_line);
  [[nodiscard]] bool may_follow(std::string_view location);

  CurlEndpoint& endpoint_;
  CurlSockets::Opener opener_;
  net::CurlEasy easy_;
  RequestHead parts_;
  std::string head_;  // the head that the handle is set up for
  std::string url_;
  std::string custom_method_;
  std::string text_;               // of the header lines, each ended by NUL
  std::vector<curl_slist> lines_;  // into text_
  Shape shape_ = Shape::kUnset;
  bool fresh_ = false;
  bool tracing_ = false;  // on_debug is called
  bool body_wanted_ = false;
  bool answered_since_request_ = false;
  int status_ = 0;
  unsigned interim_ = 0;
  unsigned redirects_ = 0;
  std::size_t body_bytes_ = 0;
  bool asks_for_body_ = false;  // libcurl does: a barrier holds it back, or it is made meanwhile
  std::size_t given_ = 0;       // of it, since it last began
  std::uint64_t header_bytes_ = 0;
  std::uint64_t request_bytes_before_ = 0;  // handed over before the latest wire attempt
  std::uint64_t bytes_before_request_ = 0;  // and before the first one
};

}  // namespace squall::engine
