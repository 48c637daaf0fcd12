// What went wrong with TLS, in words that say what to do about it.
#pragma once

#include <string>

struct ssl_st;

namespace squall::net {

// The first entry of OpenSSL's error queue of this thread, which is nearest to the cause; forgets
// the queue.
[[nodiscard]] std::string take_tls_error();

// Why a handshake, or reading after it, failed; `connection` is where OpenSSL has just reported a
// failure. Forgets the error queue.
[[nodiscard]] std::string describe_tls_failure(const ssl_st* connection);

}  // namespace squall::net
