// What a target asks of the curl engine, beside what both engines do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace squall::model {

// The `engine` of a plan's target.
enum class EngineChoice : std::uint8_t { kAuto, kNative, kCurl };
// What runs a target.
enum class EngineKind : std::uint8_t { kNative, kCurl };
[[nodiscard]] std::string_view to_string(EngineKind value);  // "native", "curl"

enum class HttpVersion : std::uint8_t {
  k1,
  k2,                // by ALPN over TLS; nothing is sent when the server does not choose it
  k2PriorKnowledge,  // without TLS
};

enum class AuthKind : std::uint8_t { kNone, kBasic, kDigest, kBearer, kAwsSigv4 };

// Credentials. Secrets: printed nowhere.
struct AuthSettings {
  AuthKind kind = AuthKind::kNone;
  std::string user;      // basic, digest; the access key for SigV4
  std::string password;  // basic, digest; the secret key for SigV4
  std::string token;     // bearer
  std::string region;    // SigV4
  std::string service;   // SigV4
};

// Immutable once the plan is loaded. Empty strings and lists: not asked for.
struct CurlSettings {
  HttpVersion http = HttpVersion::k1;
  unsigned max_streams = 100;  // of one HTTP/2 connection; one value for all targets of a plan
  std::string proxy;           // "http://host:port", "socks5h://host:port"
  AuthSettings auth;
  bool cookies = false;      // a jar for each Exchange::user
  bool compression = false;  // whatever libcurl can undo is accepted
  std::string unix_socket;
  std::vector<std::string> connect_to;  // "host:port:other-host:other-port"
  std::vector<std::string> resolve;     // "host:port:address"
  unsigned redirects = 0;               // followed at most

  // The first thing asked for that only libcurl does, as it stands in a plan; empty when there is
  // none.
  [[nodiscard]] std::string needs_curl() const;
};

}  // namespace squall::model
