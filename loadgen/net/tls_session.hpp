// TLS on one TCP connection, from either side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/net/tcp_stream.hpp"
#include "loadgen/net/tls_context.hpp"
#include "loadgen/net/tls_wire.hpp"

namespace squall::net {

class Notifier;
class TlsServer;

// Sits between a TcpStream and its user:
//
//   user ── write ──► SSL_write ──► wire ──► TcpStream
//   user ◄─ on_data ── SSL_read ◄── wire ◄── TcpStream
//
// To the user it behaves as TcpStream does; counts of bytes are the user's own (plaintext). Borrows
// loop, stream and user; all must outlive it. Loop thread only. Used again for the next connection
// after a close.
//
// - on_connected comes when the handshake has ended and the peer is who it should be: until then
//   everything that goes wrong is on_failure(kConnect). A pause does not hold the handshake up.
// - Each write() makes records of its own (at most 16 KiB each); a byte counts as taken when the
//   kernel has all of its record.
// - Errors are errno values; EPROTO is one of TLS, and problem() says which.
// - on_end follows the peer's close_notify. It also follows a TCP end without one, which anybody on
//   the way can make: ended_in_order() tells them apart.
// - Whatever is not data (session tickets, key updates) is dealt with here and never shown. A peer
//   who asks for answers without reading them (renegotiation) is a failure of the connection.
class TlsSession final : public TcpEvents {
 public:
  using Probe = TcpStream::Probe;
  using Written = TcpStream::Written;

  TlsSession(Loop& loop, TcpStream& stream, TcpEvents& user);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // What TLS says when this side ends: everything was said, or nothing, which leaves the peer with
  // an end that anybody on the way could have made.
  enum class Farewell : std::uint8_t { kInOrder, kCut };

  // Makes the stream tell this from now on. 0 or errno. REQUIRES: the stream is closed; it connects
  // next, or accepts.
  [[nodiscard]] int begin(TlsClient& client);
  [[nodiscard]] int begin(TlsServer& server);

  Written write(std::string_view bytes);
  void pause_reading();
  void set_read_limit(std::size_t bytes) { read_limit_ = bytes; }
  void resume_reading();
  int shutdown_write(Farewell farewell);
  void close_fin(Farewell farewell);  // in order only when nothing is queued
  void close_reset();

  [[nodiscard]] bool is_connected() const;
  [[nodiscard]] bool handshaking() const { return state_ == State::kHandshake; }
  [[nodiscard]] std::size_t queued_bytes() const;
  [[nodiscard]] Probe readable_now();
  [[nodiscard]] std::size_t unread_bytes();
  [[nodiscard]] bool ended_in_order() const { return ended_in_order_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  // REQUIRES: begun as a client.
  [[nodiscard]] TlsClient& client() const { return *client_; }
  // As TcpStream::fd().
  [[nodiscard]] int fd() const { return stream_.fd(); }

 private:
  enum class State : std::uint8_t { kClosed, kConnecting, kHandshake, kOpen, kEnded, kFailed };
  enum class Ending : std::uint8_t { kWait, kMore, kEnd, kFailure };
  // Where a record of the user's bytes ends, counted from the start of the connection.
  struct Record {
    std::uint64_t cipher_end = 0;
    std::uint64_t plain_end = 0;
  };
  // Tells whether the connection lived on through a call of the user.
  class Watch;

  void on_connected() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_failure(Side side, int error) override;
  void on_sent() override;

  [[nodiscard]] int begin(ssl_st* connection, State state);
  void shake_hands();
  void after_handshake();
  void fail_connecting(int error, std::string problem);
  // Hands on what has come and how it ended, until it is read up or the user wants no more.
  void pump();
  // Decrypts what is there into the buffer; `got` is how much that is.
  Ending decrypt(std::size_t& got);
  // Gives to the stream what OpenSSL wants to send. What the kernel has taken of it, and errno.
  Written flush();
  // The same for what the user has not asked for. False when the peer lets too much of that wait.
  bool flush_answers();
  [[nodiscard]] std::uint64_t plain_taken(std::uint64_t cipher_taken) const;
  // The user is told of what is left from the loop's next turn.
  void deliver_later();
  void release();

  Loop& loop_;
  TcpStream& stream_;
  TcpEvents& user_;
  TlsClient* client_ = nullptr;  // of the present connection; null when it was accepted
  ssl_st* ssl_ = nullptr;
  TlsWire wire_;
  State state_ = State::kClosed;
  bool paused_ = false;
  std::size_t read_limit_ = 0;
  bool ended_in_order_ = false;
  bool tcp_ended_ = false;
  Ending unsaid_ = Ending::kWait;  // what came right behind the data at which the user paused
  bool user_waits_ = false;        // for on_sent
  std::string problem_;
  std::size_t waiting_answers_ = 0;  // bytes on the wire that the user has not asked for
  std::uint64_t cipher_total_ = 0;   // given to the stream
  std::uint64_t plain_total_ = 0;    // of the user, in it
  std::vector<Record> records_;      // those of them that the kernel may not have; in order
  Watch* watch_ = nullptr;
  std::unique_ptr<Notifier> later_;  // made when it is first needed, which is hardly ever
};

}  // namespace squall::net
