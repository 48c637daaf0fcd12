// A connection with or without TLS: to its user a TcpStream, whatever is under it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "loadgen/net/tcp_stream.hpp"
#include "loadgen/net/tls_session.hpp"

namespace squall::net {

// TcpStream's contract holds for each function of the same name; over TLS also TlsSession's. Bytes
// are those of the user: their number does not change with TLS. Without TLS each call costs a
// branch more than TcpStream's and events come straight from it.
class Stream {
 public:
  using Probe = TcpStream::Probe;
  using Lifetime = TcpStream::Lifetime;
  using Written = TcpStream::Written;
  using Farewell = TlsSession::Farewell;

  Stream(Loop& loop, TcpEvents& events) : loop_(loop), events_(events), tcp_(loop, events) {}
  ~Stream() { close_fin(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Without TLS when `client` is null; it must outlive the connection.
  [[nodiscard]] int connect(const SocketAddress& to, TlsClient* client = nullptr);

  // Makes it the connection that waits at the listener, which is there at once; with a `server`,
  // which must outlive it, on_connected or on_failure(kConnect) tell how the handshake went. 0 or
  // errno. REQUIRES: as TcpListener::accept().
  [[nodiscard]] int accept(TcpListener& listener, TlsServer* server = nullptr);

  // Over TLS always kCopied: what is queued is encrypted already.
  Written write(std::string_view bytes, Lifetime lifetime = Lifetime::kCopied) {
    return tls_ == nullptr ? tcp_.write(bytes, lifetime) : tls_->write(bytes);
  }
  void pause_reading() { tls_ == nullptr ? tcp_.pause_reading() : tls_->pause_reading(); }
  void resume_reading() { tls_ == nullptr ? tcp_.resume_reading() : tls_->resume_reading(); }
  void set_receive_buffer(std::uint32_t bytes) { tcp_.set_receive_buffer(bytes); }
  // Of an open connection, or the last one.
  void set_read_limit(std::size_t bytes) {
    if (tls_ == nullptr) {
      tcp_.set_read_limit(bytes);
    } else {
      tls_->set_read_limit(bytes);
    }
  }
  // Without TLS there is one way to say goodbye.
  int shutdown_write(Farewell farewell = Farewell::kInOrder) {
    return tls_ == nullptr ? tcp_.shutdown_write() : tls_->shutdown_write(farewell);
  }
  void close_fin(Farewell farewell = Farewell::kInOrder) {
    tls_ == nullptr ? tcp_.close_fin() : tls_->close_fin(farewell);
  }
  void close_reset() { tls_ == nullptr ? tcp_.close_reset() : tls_->close_reset(); }

  [[nodiscard]] bool is_open() const { return tcp_.is_open(); }
  [[nodiscard]] bool is_connected() const {
    return tls_ == nullptr ? tcp_.is_connected() : tls_->is_connected();
  }
  [[nodiscard]] std::size_t queued_bytes() const {
    return tls_ == nullptr ? tcp_.queued_bytes() : tls_->queued_bytes();
  }
  // Over TLS bytes on the wire; 0 means the same.
  [[nodiscard]] std::size_t unsent_bytes() const { return tcp_.unsent_bytes(); }
  [[nodiscard]] std::size_t undeparted_bytes() const { return tcp_.undeparted_bytes(); }
  [[nodiscard]] Probe readable_now() {
    return tls_ == nullptr ? tcp_.readable_now() : tls_->readable_now();
  }
  // Bytes that have arrived and were not handed on. Over TLS those of the record that
  // readable_now() saw, and the size on the wire of what follows it.
  [[nodiscard]] std::size_t unread_bytes() {
    return tls_ == nullptr ? tcp_.unread_bytes() : tls_->unread_bytes();
  }
  [[nodiscard]] int fd() const { return tcp_.fd(); }

  // The connection is there, TLS not yet.
  [[nodiscard]] bool handshaking() const { return tls_ != nullptr && tls_->handshaking(); }
  // Whether on_end meant that the peer had said all: without TLS nobody can know more.
  [[nodiscard]] bool ended_in_order() const { return tls_ == nullptr || tls_->ended_in_order(); }
  // What TLS says of the last failure; empty when it is not about TLS. Valid until the next
  // connect().
  [[nodiscard]] std::string_view problem() const {
    return tls_ == nullptr ? std::string_view{} : std::string_view(tls_->problem());
  }

 private:
  void use_tls();

  Loop& loop_;
  TcpEvents& events_;
  TcpStream tcp_;
  std::unique_ptr<TlsSession> session_;  // kept for the next connection behind TLS
  TlsSession* tls_ = nullptr;            // it, when the present or last connection is behind TLS
};

}  // namespace squall::net
