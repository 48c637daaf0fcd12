// How requests get to an HTTP server, when that is more than its address: what a plan says of a
// target, for every part of squall that sends to it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace squall {

enum class HttpVersion : std::uint8_t {
  k1,
  k2,                // by ALPN over TLS
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

  bool operator==(const AuthSettings&) const = default;
};

// A value. Empty strings and lists: not asked for.
struct HttpRoute {
  HttpVersion http = HttpVersion::k1;
  std::string proxy;  // "http://host:port", "socks5h://host:port"
  AuthSettings auth;
  std::string unix_socket;
  std::vector<std::string> connect_to;  // "host:port:other-host:other-port"
  std::vector<std::string> resolve;     // "host:port:address"

  bool operator==(const HttpRoute&) const = default;
};

}  // namespace squall
