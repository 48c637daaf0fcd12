#include "loadgen/net/alpn.hpp"

#include <openssl/ssl.h>

namespace squall::net {

std::string_view negotiated_protocol(const void* ssl) {
  if (ssl == nullptr) {
    return {};
  }
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(static_cast<const SSL*>(ssl), &name, &length);
  return length == 0 ? std::string_view()
                     : std::string_view(reinterpret_cast<const char*>(name), length);
}

}  // namespace squall::net
