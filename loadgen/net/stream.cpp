#include "loadgen/net/stream.hpp"

#include "loadgen/net/tcp_listener.hpp"

namespace squall::net {

int Stream::connect(const SocketAddress& to, TlsClient* client) {
  if (client == nullptr) {
    tls_ = nullptr;
    tcp_.tell(events_);
    return tcp_.connect(to);
  }
  if (session_ == nullptr) {
    session_ = std::make_unique<TlsSession>(loop_, tcp_, events_);
  }
  tls_ = session_.get();
  if (const int error = tls_->begin(*client); error != 0) {
    return error;
  }
  const int error = tcp_.connect(to);
  if (error != 0) {
    tls_->close_fin();
  }
  return error;
}

int Stream::accept(TcpListener& listener) {
  tls_ = nullptr;
  tcp_.tell(events_);
  return listener.accept(tcp_);
}

}  // namespace squall::net
