// A real nginx, started by a test: HTTP/1.1 and HTTP/2, with and without TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace squall::test {

// One process on 127.0.0.1, a free port, ended by pid. Answers every request with 200 and "hello",
// logs each as "METHOD PATH PROTOCOL STATUS CONNECTION".
class Nginx {
 public:
  enum class Speaks { kHttp1, kHttp1Tls, kHttp2Tls, kHttp2Plain };
  // `more` stands in the server block. The certificate of the TLS forms is self-signed and names
  // 127.0.0.1 and shop.example.
  explicit Nginx(Speaks speaks, std::string_view more = {});
  ~Nginx();
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string certificate() const { return directory_ / "certificate.pem"; }
  // So far; nginx writes a line when it has answered.
  [[nodiscard]] std::string access_log() const { return read_file(directory_ / "access.log"); }
  [[nodiscard]] std::string error_log() const { return read_file(directory_ / "error.log"); }
  // Stops it where it is; lets it go on.
  void freeze() const;
  void thaw() const;

 private:
  bool start(std::string_view listen, std::string_view server);

  TestDirectory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace squall::test
