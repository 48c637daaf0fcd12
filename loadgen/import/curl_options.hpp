// curl's options, as far as they matter for a request over HTTP.
#pragma once

#include <span>
#include <string_view>

namespace squall::import {

// What an option means for a plan.
enum class CurlMeaning {
  kMethod,
  kHeader,
  kData,           // -d: @file, line breaks of files are left out
  kDataRaw,        // --data-raw: no @file
  kDataBinary,     // --data-binary: @file as it is
  kDataUrlencode,  // --data-urlencode
  kJson,
  kForm,        // -F
  kFormString,  // --form-string
  kUpload,      // -T
  kGet,         // -G
  kHead,        // -I
  kUrl,
  kUrlQuery,
  kGlobOff,  // -g
  kRequestTarget,
  kUser,
  kBearer,
  kCookie,
  kUserAgent,
  kReferer,
  kRange,
  kCompressed,
  kMaxTime,
  kConnectTimeout,
  kInsecure,
  kCaCert,
  kCert,
  kKey,
  kPinnedKey,
  kHttp2,
  kProxy,
  kUnixSocket,
  kConnectTo,
  kResolve,
  kDigest,
  kAwsSigV4,
  kLocation,
  kNext,
  kNothing,  // about curl's own output, or the default of a plan
  kNote,     // changes the request or its connection, and has no place in a plan
};

struct CurlOption {
  std::string_view name;  // without the dashes
  char letter;            // 0 without a short form
  bool takes_value;
  CurlMeaning meaning;
};

// In the order of the alphabet.
[[nodiscard]] std::span<const CurlOption> curl_options();
// Also "no-" forms of options without a value. nullptr when there is none.
[[nodiscard]] const CurlOption* find_curl_option(std::string_view name);
[[nodiscard]] const CurlOption* find_curl_letter(char letter);

}  // namespace squall::import
