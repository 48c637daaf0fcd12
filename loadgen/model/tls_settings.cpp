#include "loadgen/model/tls_settings.hpp"

#include <algorithm>

namespace squall::model {

TlsSettings tls_for(const std::vector<TlsPeer>& peers, std::string_view host, std::uint16_t port) {
  const auto found = std::find_if(peers.begin(), peers.end(), [&](const TlsPeer& peer) {
    return peer.host == host && peer.port == port;
  });
  return found == peers.end() ? TlsSettings{} : found->settings;
}

}  // namespace squall::model
