#include "tests/support/tls_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "loadgen/base/check.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/tls/tls_end.hpp"

namespace squall::test {
namespace {

template <auto Free>
struct Freed {
  template <class Thing>
  void operator()(Thing* thing) const {
    Free(thing);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// A client that goes away must not end the test program, nor one that stays silent hold it.
void bound(int fd) {
  const timeval limit{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

std::string read_until(SSL& session, std::string_view mark) {
  std::string text;
  char piece[4096];
  while (text.find(mark) == std::string::npos) {
    const int got = SSL_read(&session, &piece[0], sizeof piece);
    if (got <= 0) {
      break;
    }
    text.append(&piece[0], static_cast<std::size_t>(got));
  }
  return text;
}

void write_all(SSL& session, std::string_view text) {
  static_cast<void>(SSL_write(&session, text.data(), static_cast<int>(text.size())));
}

}  // namespace

class TlsServer::Impl {
 public:
  Impl()
      : identity_(make_self_signed({})),
        listener_(bind_loopback(port_)),
        context_({.identity = identity_}) {
    SQUALL_CHECK(::listen(listener_.get(), 16) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~Impl() {
    ended_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] unsigned connections() const { return connections_; }
  [[nodiscard]] unsigned requests() const { return requests_; }

 private:
  void serve() {
    while (!ended_) {
      pollfd waiting{.fd = listener_.get(), .events = POLLIN, .revents = 0};
      ::poll(&waiting, 1, 100);
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) {
        const Descriptor connection(fd);
        ++connections_;
        bound(fd);
        answer(fd);
      }
    }
  }

  void answer(int fd) {
    const Session session(SSL_new(context_.raw()));
    SSL_set_fd(session.get(), fd);
    if (SSL_accept(session.get()) != 1 ||
        read_until(*session, "\r\n\r\n").find("\r\n\r\n") == std::string::npos) {
      return;
    }
    ++requests_;
    write_all(*session, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret");
    SSL_shutdown(session.get());
  }

  std::uint16_t port_ = 0;
  Identity identity_;
  Descriptor listener_;
  TlsServerContext context_;
  std::atomic<bool> ended_{false};
  std::atomic<unsigned> connections_{0};
  std::atomic<unsigned> requests_{0};
  std::thread thread_;
};

TlsServer::TlsServer() : impl_(std::make_unique<Impl>()) {}
TlsServer::~TlsServer() = default;

std::uint16_t TlsServer::port() const {
  return impl_->port();
}
std::string TlsServer::url(std::string_view path) const {
  return "https://127.0.0.1:" + std::to_string(port()) + std::string(path);
}
const Identity& TlsServer::identity() const {
  return impl_->identity();
}
unsigned TlsServer::connections() const {
  return impl_->connections();
}
unsigned TlsServer::requests() const {
  return impl_->requests();
}

std::string fetch_unverified(const TlsServer& server) {
  const Descriptor connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  bound(connection.get());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(server.port());
  const Context context(SSL_CTX_new(TLS_client_method()));
  const Session session(SSL_new(context.get()));
  SSL_set_fd(session.get(), connection.get());
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
          0 ||
      SSL_connect(session.get()) != 1) {
    return {};
  }
  write_all(*session, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const std::string answer = read_until(*session, "secret");
  const std::size_t body = answer.find("\r\n\r\n");
  return body == std::string::npos ? std::string() : answer.substr(body + 4);
}

}  // namespace squall::test
