#include "loadgen/net/stream.hpp"

#include "loadgen/net/tcp_listener.hpp"

namespace squall::net {

int Stream::connect(const SocketAddress& to, TlsClient* client) {
  if (client == nullptr) {
    tls_ = nullptr;
    tcp_.tell(events_);
    return tcp_.connect(to);
  }
  use_tls();
  if (const int error = tls_->begin(*client); error != 0) {
    return error;
  }
  const int error = tcp_.connect(to);
  if (error != 0) {
    tls_->close_fin(Farewell::kInOrder);
  }
  return error;
}

int Stream::accept(TcpListener& listener, TlsServer* server) {
  if (server == nullptr) {
    tls_ = nullptr;
    tcp_.tell(events_);
    return listener.accept(tcp_);
  }
  use_tls();
  const int problem = tls_->begin(*server);
  // Also after a failure: a connection that is left waiting would stop the listener.
  const int error = listener.accept(tcp_);
  if (problem != 0 || error != 0) {
    tls_->close_reset();
  }
  return problem != 0 ? problem : error;
}

void Stream::use_tls() {
  if (session_ == nullptr) {
    session_ = std::make_unique<TlsSession>(loop_, tcp_, events_);
  }
  tls_ = session_.get();
}

}  // namespace squall::net
