// What TLS connections of one target, and of one replica of it, have in common.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/tls_settings.hpp"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace squall::net {

// The protocol above TLS that peers agree on.
enum class TlsAlpn : std::uint8_t {
  kNone,   // nothing is said about it
  kHttp1,  // "http/1.1", and nothing else
};

// Whom to trust, who to be and what to offer, as OpenSSL needs it. One per target and worker, so
// that workers share no lock. Loop thread only, once made.
class TlsContext {
 public:
  using KeyDigest = std::array<unsigned char, 32>;  // SHA-256 of a SubjectPublicKeyInfo

  // Reads the files. kInvalidArgument, naming the key of the `tls` table, for what OpenSSL does not
  // take: a file that is none, a certificate that does not belong to its key, a pin that is none.
  [[nodiscard]] static Result<std::unique_ptr<TlsContext>> make(const TlsSettings& settings,
                                                                TlsAlpn alpn = TlsAlpn::kHttp1);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] ssl_ctx_st* raw() const { return context_; }
  [[nodiscard]] const TlsSettings& settings() const { return settings_; }
  // Why the peer's key is not a pinned one; empty when it is, or when none is pinned. REQUIRES:
  // hands were shaken.
  [[nodiscard]] std::string key_problem(const ssl_st* connection) const;

 private:
  explicit TlsContext(const TlsSettings& settings);
  Result<void> set_up(TlsAlpn alpn);

  TlsSettings settings_;
  ssl_ctx_st* context_ = nullptr;
  std::vector<KeyDigest> pins_;
};

// A version and cipher that peers agreed on, and how often.
struct TlsSuite {
  std::string_view version;  // "TLSv1.3"; OpenSSL's own text, valid for ever
  std::string_view cipher;   // "TLS_AES_256_GCM_SHA384"; likewise
  std::uint64_t handshakes = 0;
};

struct TlsCounters {
  std::uint64_t handshakes = 0;  // that came to an end
  std::uint64_t resumed = 0;     // of these, that went on with an earlier session
  std::vector<TlsSuite> suites;
};

// One replica behind TLS: its name, the sessions that can be gone on with, and counts. Borrows the
// context, which must outlive it, as it must the connections. Loop thread only.
class TlsClient {
 public:
  // `host`: as in the URL, without brackets; a name or an address.
  TlsClient(const TlsContext& context, std::string_view host);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  [[nodiscard]] const TlsContext& context() const { return context_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // A connection's state, ready for the handshake: name to ask for and to check, and a session to
  // go on with when there is one. The caller frees it. Null when there is no memory.
  [[nodiscard]] ssl_st* open();
  // Takes a session (one reference) for a later connection. The newest are kept.
  void keep(ssl_session_st* session);
  // A handshake has ended well.
  void count(const ssl_st* connection);
  // Counts since the last call.
  [[nodiscard]] TlsCounters take_counters();

 private:
  // More than connections that are opened at once before one of them has brought new sessions.
  static constexpr std::size_t kMaxSessions = 256;

  const TlsContext& context_;
  std::string name_;
  bool is_address_ = false;
  std::vector<ssl_session_st*> sessions_;  // the newest last
  TlsCounters counters_;
};

}  // namespace squall::net
