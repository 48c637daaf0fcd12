// How a proxy speaks TLS on its two sides.
#pragma once

#include <string>

namespace squall {

// A value; what is here by default is safe: bytes pass as they are, TLS inside them included. Files
// are in PEM; paths are absolute or relative to the working directory. The comments name the keys
// of a plan and of the control API.
struct ProxyTlsSettings {
  // Towards an upstream that is written "https://host:port"; errors without one.
  std::string ca_file = {};      // `ca`: who may vouch for it; empty: whom the system trusts
  std::string server_name = {};  // `server_name`: asked for and checked; empty: the upstream's host
  bool insecure = false;         // `insecure`: neither its certificate nor its name is checked

  // Towards clients. The others are errors without the first one.
  bool terminate = false;  // `terminate`: clients speak TLS with the proxy
  // `certificate` with its chain, and `key`: shown to clients. Without them squall's own CA signs
  // one for each name that clients ask for (`squall proxy ca` makes it).
  std::string certificate_file = {};
  std::string key_file = {};
  std::string ca_directory = {};  // `ca_directory`: where that CA is; empty: its usual place

  bool operator==(const ProxyTlsSettings&) const = default;
};

}  // namespace squall
