// A server that abuses what TLS allows.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "tests/loadgen/engine/native/native_tls_rig.hpp"
#include "tests/support/loopback_port.hpp"
#include "tests/tls/tls_end.hpp"

namespace squall::engine::test {
namespace {

using model::AttemptClass;

// The socket in this process that is bound to a port.
int socket_at(in_port_t port) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
        address.sin_family == AF_INET && address.sin_port == port) {
      return fd;
    }
  }
  return -1;
}

// Asks for new keys very often, which the client must answer, and reads nothing meanwhile. Then it
// reads the request and answers it, and reads the rest when it is let.
class KeyUpdater {
 public:
  KeyUpdater(const squall::test::TlsServerOptions& options, std::size_t request_bytes,
             std::size_t updates)
      : context_(options), listener_(squall::test::bind_loopback(port_)) {
    const int small = 4096;
    EXPECT_EQ(::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    thread_ = std::thread([this, request_bytes, updates] { serve(request_bytes, updates); });
  }
  ~KeyUpdater() {
    may_read_rest_ = true;
    may_read_rest_.notify_one();
    thread_.join();
    ::close(listener_);
  }
  KeyUpdater(const KeyUpdater&) = delete;
  KeyUpdater& operator=(const KeyUpdater&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void read_rest() {
    may_read_rest_ = true;
    may_read_rest_.notify_one();
  }
  [[nodiscard]] bool asked() const { return asked_; }
  // Key updates that the client has sent and this has read.
  [[nodiscard]] std::size_t answers() const { return answers_; }

 private:
  static void on_message(int is_ours, int /*version*/, int type, const void* bytes,
                         std::size_t size, SSL* /*ssl*/, void* self) noexcept {
    const bool update = type == SSL3_RT_HANDSHAKE && size > 0 &&
                        *static_cast<const unsigned char*>(bytes) == SSL3_MT_KEY_UPDATE;
    auto& server = *static_cast<KeyUpdater*>(self);
    server.answers_ += update && is_ours == 0 ? 1U : 0U;
  }

  void serve(std::size_t request_bytes, std::size_t updates) {
    pollfd caller{listener_, POLLIN, 0};
    EXPECT_EQ(::poll(&caller, 1, 10'000), 1);
    sockaddr_in client{};
    socklen_t size = sizeof client;
    const int fd = ::accept4(listener_, reinterpret_cast<sockaddr*>(&client), &size, SOCK_CLOEXEC);
    // The client's kernel takes little, so that little is enough to fill it.
    const int small = 4096;
    EXPECT_EQ(::setsockopt(socket_at(client.sin_port), SOL_SOCKET, SO_SNDBUF, &small, sizeof small),
              0);
    SSL* const ssl = SSL_new(context_.raw());
    SSL_set_fd(ssl, fd);
    SSL_set_msg_callback(ssl, on_message);
    SSL_set_msg_callback_arg(ssl, this);
    EXPECT_EQ(SSL_accept(ssl), 1);
    char piece[16 * 1024];
    std::size_t left = request_bytes;
    // The request's first byte shows that the client is sending it.
    left -= static_cast<std::size_t>(std::max(SSL_read(ssl, piece, 1), 0));
    for (std::size_t i = 0; i < updates; ++i) {
      EXPECT_EQ(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED), 1);
      EXPECT_EQ(SSL_do_handshake(ssl), 1);
    }
    asked_ = true;
    while (left > 0) {
      const int count =
          SSL_read(ssl, piece, static_cast<int>(std::min<std::size_t>(left, sizeof piece)));
      if (count <= 0) {
        break;
      }
      left -= static_cast<std::size_t>(count);
    }
    EXPECT_EQ(left, 0U);
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(SSL_write(ssl, answer.data(), static_cast<int>(answer.size())),
              static_cast<int>(answer.size()));
    may_read_rest_.wait(false);
    while (SSL_read(ssl, piece, sizeof piece) > 0) {
    }
    SSL_free(ssl);
    ::close(fd);
  }

  squall::test::TlsServerContext context_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<bool> may_read_rest_{false};
  std::atomic<bool> asked_{false};
  std::atomic<std::size_t> answers_{0};
  std::thread thread_;
};

class NativeTlsHostile : public NativeTls {};

TEST_F(NativeTlsHostile, AnswersToKeyUpdatesMayOutliveTheExchange) {
  constexpr std::size_t kUpdates = 5000;  // their answers are more than the kernel takes
  const TestRequest request = post(std::string(1024UL * 1024, 'b'));
  KeyUpdater server(server_options(), request.text.size(), kUpdates);
  model::Plan plan = tls_plan(server.port());
  plan.targets[0].idle_limit = 1h;
  Rig rig(plan);
  Exchange& exchange = rig.make(request);
  rig.submit(exchange);
  ASSERT_TRUE(rig.run_until([&] { return server.asked(); }));
  ASSERT_TRUE(rig.run_all());
  EXPECT_EQ(exchange.how, AttemptClass::kSuccess) << exchange.detail;
  EXPECT_EQ(exchange.bytes_sent, request.text.size());
  ASSERT_EQ(rig.engine().connections(), 1U);  // kept, with answers to key updates on their way
  EXPECT_LT(server.answers() + 1, kUpdates);
  server.read_rest();
  // Two may have one answer (RFC 8446, 4.6.3).
  ASSERT_TRUE(rig.run_until([&] { return server.answers() + 1 >= kUpdates; })) << server.answers();
  rig.loop().turn();
  EXPECT_EQ(rig.engine().connections(), 1U);
}

}  // namespace
}  // namespace squall::engine::test
