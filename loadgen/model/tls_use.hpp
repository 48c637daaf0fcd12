// What was seen of TLS: handshakes, resumption, versions and ciphers. Mergeable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace squall::model {

// A version and cipher that target and squall agreed on, and in how many handshakes.
struct TlsSuite {
  std::string version;  // "TLSv1.3"
  std::string cipher;   // "TLS_AES_256_GCM_SHA384"
  std::uint64_t handshakes = 0;
};

struct TlsUse {
  std::uint64_t handshakes = 0;  // that ended well
  std::uint64_t resumed = 0;     // of these, that went on with an earlier session
  std::vector<TlsSuite> suites;  // in the order in which they were first seen

  void add(const TlsUse& other);
};

}  // namespace squall::model
