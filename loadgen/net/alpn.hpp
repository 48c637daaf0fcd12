// Which protocol TLS agreed on.
#pragma once

#include <string_view>

namespace squall::net {

// The protocol that the server chose by ALPN ("h2"), empty when it chose none. `ssl` is an OpenSSL
// SSL*, as libcurl hands it out; the view is valid as long as that is.
[[nodiscard]] std::string_view negotiated_protocol(const void* ssl);

}  // namespace squall::net
