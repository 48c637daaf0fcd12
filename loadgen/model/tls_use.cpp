#include "loadgen/model/tls_use.hpp"

#include <algorithm>

namespace squall::model {

void TlsUse::add(const TlsUse& other) {
  handshakes += other.handshakes;
  resumed += other.resumed;
  for (const TlsSuite& suite : other.suites) {
    const auto same = std::find_if(suites.begin(), suites.end(), [&](const TlsSuite& known) {
      return known.version == suite.version && known.cipher == suite.cipher;
    });
    if (same == suites.end()) {
      suites.push_back(suite);
    } else {
      same->handshakes += suite.handshakes;
    }
  }
}

}  // namespace squall::model
