#include "loadgen/net/http_problem.hpp"

#include <boost/beast/http/error.hpp>

namespace squall::net {

std::string_view http_problem(const boost::system::error_code& error) {
  namespace http = boost::beast::http;
  if (error.category() != http::make_error_code(http::error::need_more).category()) {
    return "bad message";
  }
  switch (static_cast<http::error>(error.value())) {
    case http::error::header_limit:
      return "header too large";
    case http::error::body_limit:
      return "body too large";
    case http::error::bad_line_ending:
      return "bad line ending";
    case http::error::bad_method:
      return "bad method";
    case http::error::bad_target:
      return "bad request target";
    case http::error::bad_version:
      return "bad version";
    case http::error::bad_status:
      return "bad status";
    case http::error::bad_reason:
      return "bad reason phrase";
    case http::error::bad_field:
      return "bad header field name";
    case http::error::bad_value:
      return "bad header field value";
    case http::error::bad_content_length:
      return "bad content length";
    case http::error::bad_transfer_encoding:
      return "bad transfer encoding";
    case http::error::bad_chunk:
      return "bad chunk";
    case http::error::bad_chunk_extension:
      return "bad chunk extension";
    case http::error::bad_obs_fold:
      return "bad folded header line";
    case http::error::partial_message:
    case http::error::end_of_stream:
    case http::error::need_more:
    case http::error::unexpected_body:
    case http::error::need_buffer:
    case http::error::end_of_chunk:
    case http::error::buffer_overflow:
    case http::error::bad_alloc:
    case http::error::stale_parser:
    case http::error::short_read:
      return "bad message";
  }
  return "bad message";
}

}  // namespace squall::net
