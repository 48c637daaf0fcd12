// The server's side of one connection, with or without TLS.
#pragma once

#include <httplib.h>

#include <array>
#include <string>

#include "loadgen/base/time.hpp"
#include "tests/tls/tls_end.hpp"

namespace squall::shop {

// A stream for httplib::Server::process_request that differs from httplib's own in three ways: it
// waits for the next request without polling (httplib wakes up a hundred times a second per idle
// connection), it leaves that wait at once when the program ends, and an answer goes out in one
// segment. Borrows both descriptors, of which neither is closed, and `tls` (null without), whose
// socket does not block. One thread.
class ConnectionStream final : public httplib::Stream {
 public:
  // `stop_fd` becomes readable when the program is to end.
  ConnectionStream(socket_t socket, int stop_fd, Duration io_timeout, test::TlsEnd* tls)
      : socket_(socket), stop_fd_(stop_fd), io_timeout_(io_timeout), tls_(tls) {}

  // Waits until the first bytes of a request are there. False when the peer is gone, the time is
  // over or the program ends.
  [[nodiscard]] bool wait_for_request(Duration idle_limit);
  // Request line and headers of the request that is being read, as they came: httplib drops headers
  // without a value. Valid until the next wait_for_request().
  [[nodiscard]] const std::string& head() const { return head_; }
  // Sends what has been written. False when the peer does not take it.
  bool flush();

  [[nodiscard]] bool is_readable() const override;
  [[nodiscard]] bool is_writable() const override;
  // Flushes first: whoever reads waits for the peer, who may be waiting for what is buffered ("100
  // Continue").
  ssize_t read(char* bytes, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return socket_; }

 private:
  [[nodiscard]] bool wait_for(short events) const;
  // TLS has bytes that did not fit into `input_`.
  [[nodiscard]] bool has_decrypted() const;
  void note_head(const char* bytes, std::size_t size);
  // As recv() and send(), neither of which waits here.
  [[nodiscard]] ssize_t receive();
  [[nodiscard]] ssize_t send(const char* bytes, std::size_t size);

  socket_t socket_;
  int stop_fd_;
  Duration io_timeout_;
  test::TlsEnd* tls_;
  std::array<char, 8192> input_{};
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::string output_;
  std::string head_;
  bool head_is_whole_ = false;
};

}  // namespace squall::shop
