#include "loadgen/net/http_server.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/net/http_connection.hpp"
#include "loadgen/net/http_header.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/notifier.hpp"
#include "loadgen/net/precise_timer.hpp"
#include "loadgen/net/socket_address.hpp"
#include "loadgen/net/tcp_listener.hpp"

namespace squall::net {

std::string_view ServerRequest::header(std::string_view name) const {
  return find_header(headers, name);
}

namespace {

struct LateAnswer {
  std::uint64_t connection = 0;
  std::uint64_t request = 0;  // of that connection
  ServerReply reply;
};

// Answers on their way to the server's thread. Any thread, even after the server is gone.
class AnswerBox {
 public:
  AnswerBox(Loop& loop, std::function<void()> on_answer)
      : notifier_(std::make_unique<Notifier>(loop, std::move(on_answer))) {}

  void put(LateAnswer answer) {
    const std::lock_guard lock(mutex_);
    if (notifier_ != nullptr) {
      answers_.push_back(std::move(answer));
      notifier_->notify();
    }
  }
  std::vector<LateAnswer> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(answers_, {});
  }
  void close() {
    const std::lock_guard lock(mutex_);
    notifier_.reset();
  }

 private:
  std::mutex mutex_;
  std::vector<LateAnswer> answers_;
  std::unique_ptr<Notifier> notifier_;  // empty once the server is gone
};

}  // namespace

// Made by one thread, run by its own, destroyed by the first after the own one was joined.
class HttpServer::Impl final : private HttpConnection::Owner {
 public:
  Impl(const Options& options, Handler handler, LateHandler late_handler)
      : options_(options),
        handler_(std::move(handler)),
        late_handler_(std::move(late_handler)),
        stopper_(loop_, [this] { loop_.stop(); }),
        waker_(loop_, [this] { wake_streams(); }),
        answers_(std::make_shared<AnswerBox>(loop_, [this] { deliver(); })),
        timer_(loop_, [this] { on_time(); }),
        listener_(loop_, [this] { on_connection(); }) {}

  ~Impl() {
    if (thread_.joinable()) {
      stopper_.notify();
      thread_.join();
    }
    answers_->close();
  }

  [[nodiscard]] Result<void> start() {
    auto addresses = SocketAddress::resolve(options_.host, options_.port);
    if (!addresses) {
      return fail(std::move(addresses.error()));
    }
    auto port = listener_.listen(addresses->front());
    if (!port) {
      return fail(std::move(port.error()));
    }
    port_ = *port;
    thread_ = std::thread([this] { loop_.run(); });
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void wake() { waker_.notify(); }

 private:
  struct Wake {
    TimePoint at;
    std::uint64_t connection = 0;
    bool operator>(const Wake& other) const { return at > other.at; }
  };

  [[nodiscard]] std::optional<ServerReply> ask(std::uint64_t connection, std::uint64_t request,
                                               ServerRequest&& asked) override {
    if (handler_) {
      return handler_(asked);
    }
    late_handler_(std::move(asked), [box = answers_, connection, request](ServerReply reply) {
      box->put({connection, request, std::move(reply)});
    });
    return std::nullopt;
  }

  void deliver() {
    for (LateAnswer& answer : answers_->take()) {
      if (const auto found = connections_.find(answer.connection); found != connections_.end()) {
        found->second->on_answer(answer.request, std::move(answer.reply));
      }
    }
  }

  // A connection may end, and be gone, when it is told.
  void wake_streams() {
    std::vector<std::uint64_t> streaming;
    for (const auto& [id, connection] : connections_) {
      if (connection->is_streaming()) {
        streaming.push_back(id);
      }
    }
    for (const std::uint64_t id : streaming) {
      if (const auto found = connections_.find(id); found != connections_.end()) {
        found->second->on_wake();
      }
    }
  }

  void on_connection() {
    auto connection =
        std::make_unique<HttpConnection>(next_id_++, HttpConnection::Deps{loop_, options_, *this});
    if (listener_.accept(connection->stream()) != 0 ||
        connections_.size() >= options_.max_connections) {
      return;
    }
    HttpConnection& accepted = *connection;
    connections_.emplace(accepted.id(), std::move(connection));
    accepted.begin();
    after_event(accepted);
  }

  void after_event(HttpConnection& connection) override {
    if (connection.is_closed()) {
      connections_.erase(connection.id());
      return;
    }
    // A later deadline needs no new wake-up: the old one finds that it is early.
    const auto deadline = connection.deadline();
    if (deadline.has_value() &&
        (!connection.wakes_at.has_value() || *deadline < *connection.wakes_at)) {
      push_wake(connection, *deadline);
    }
  }

  void push_wake(HttpConnection& connection, TimePoint at) {
    connection.wakes_at = at;
    wakes_.push_back({at, connection.id()});
    std::push_heap(wakes_.begin(), wakes_.end(), std::greater<>());
    timer_.arm(wakes_.front().at);
  }

  void on_time() {
    const TimePoint now = monotonic_now();
    while (!wakes_.empty() && wakes_.front().at <= now) {
      const Wake wake = wakes_.front();
      std::pop_heap(wakes_.begin(), wakes_.end(), std::greater<>());
      wakes_.pop_back();
      wake_up(wake, now);
    }
    if (!wakes_.empty()) {
      timer_.arm(wakes_.front().at);
    }
  }

  void wake_up(const Wake& wake, TimePoint now) {
    const auto found = connections_.find(wake.connection);
    // Another wake-up has taken the place of this one, or the connection is gone.
    if (found == connections_.end() || found->second->wakes_at != wake.at) {
      return;
    }
    HttpConnection& connection = *found->second;
    connection.wakes_at.reset();
    if (connection.deadline().has_value() && *connection.deadline() <= now) {
      connection.on_deadline();
    } else {
      after_event(connection);
    }
  }

  const Options options_;
  const Handler handler_;  // one of the two
  const LateHandler late_handler_;
  Loop loop_;
  Notifier stopper_;
  Notifier waker_;
  const std::shared_ptr<AnswerBox> answers_;  // shared with those who still owe an answer
  PreciseTimer timer_;
  TcpListener listener_;
  std::uint16_t port_ = 0;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<HttpConnection>> connections_;
  std::vector<Wake> wakes_;  // a heap, the earliest in front
  std::thread thread_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(const Options& options, Handler handler) {
  return start(std::make_unique<Impl>(options, std::move(handler), nullptr));
}

Result<std::unique_ptr<HttpServer>> HttpServer::start_late(const Options& options,
                                                           LateHandler handler) {
  return start(std::make_unique<Impl>(options, nullptr, std::move(handler)));
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(std::unique_ptr<Impl> impl) {
  if (auto started = impl->start(); !started) {
    return fail(std::move(started.error()));
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  return impl_->port();
}

void HttpServer::wake() {
  impl_->wake();
}

}  // namespace squall::net
