#include "tests/shop/http_service.hpp"

#include <fcntl.h>
#include <httplib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "tests/shop/connection_stream.hpp"
#include "tests/tls/tls_end.hpp"

namespace squall::shop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Longer than squall keeps idle connections (4 s), so the shop is not the one who closes first.
constexpr Duration kIdleLimit = seconds(15);
constexpr Duration kIoTimeout = seconds(10);
constexpr Duration kDrainLimit = milliseconds(700);
constexpr std::size_t kMaxBody = 1 << 20;
// httplib asks for 5; a burst of connections beyond that waits a second for the SYN to be repeated.
constexpr int kBacklog = 1024;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// What is known of the request that a thread works on, from its routing to its log line.
struct CurrentRequest {
  TimePoint start;
  Trace trace;
  std::string_view route = "none";
  std::string_view head;
};
thread_local CurrentRequest current_request;
thread_local const ConnectionStream* stream_of_thread = nullptr;

std::optional<std::string> first_header(const httplib::Request& request, const char* name) {
  const auto header = request.headers.find(name);
  return header == request.headers.end() ? std::nullopt : std::optional(header->second);
}

void write_answer(const Answer& answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    response.set_header(name, value);
  }
  response.set_content(answer.body, answer.content_type);
}

}  // namespace

const std::string& Call::body() const {
  return request_.body;
}

const std::string& Call::target() const {
  return request_.target;
}

std::optional<std::string> Call::part(const char* name) const {
  const auto found = request_.files.find(name);
  return found == request_.files.end() ? std::nullopt : std::optional(found->second.content);
}

std::optional<std::string> Call::header(const char* name) const {
  return first_header(request_, name);
}

std::size_t Call::header_count(std::string_view name) const {
  const std::vector<std::string_view> lines = split(head_, '\n');
  const auto noted = std::count_if(lines.begin(), lines.end(), [&](std::string_view line) {
    return line.size() > name.size() && line[name.size()] == ':' &&
           equals_ignoring_case(line.substr(0, name.size()), name);
  });
  // What stands behind a head of uncommon length was not noted.
  return std::max(static_cast<std::size_t>(noted), request_.headers.count(std::string(name)));
}

std::optional<std::string> Call::query(const char* name) const {
  const auto parameter = request_.params.find(name);
  return parameter == request_.params.end() ? std::nullopt : std::optional(parameter->second);
}

std::string Call::group(std::size_t n) const {
  return request_.matches[n].str();
}

class HttpService::Server final : public httplib::Server {
 public:
  Server(HttpOptions options, Deps deps);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void add_route(Method method, const std::string& pattern, const std::string& name,
                 shop::Handler handler);
  Result<std::uint16_t> bind();
  End run();

 private:
  bool process_and_close_socket(socket_t sock) override;
  void answer_problems();
  void note_requests();
  // Lets the drain time pass, or less when there is a second signal.
  void drain(const sigset_t& signals);

  Result<void> read_certificate();

  HttpOptions options_;
  Deps deps_;
  int stop_fd_;
  std::unique_ptr<test::TlsServerContext> tls_;  // null without TLS
  std::atomic<bool> draining_{false};
  std::thread listener_;
};

HttpService::Server::Server(HttpOptions options, Deps deps)
    : options_(std::move(options)), deps_(deps), stop_fd_(::eventfd(0, EFD_CLOEXEC)) {
  SQUALL_CHECK(stop_fd_ >= 0);
  const unsigned threads = options_.threads;
  new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  set_tcp_nodelay(true);
  // Said in the Keep-Alive header; the waiting itself is ours.
  set_keep_alive_timeout(std::chrono::duration_cast<seconds>(kIdleLimit).count());
  set_keep_alive_max_count(std::numeric_limits<std::uint32_t>::max());
  set_payload_max_length(kMaxBody);
  // httplib's default adds SO_REUSEPORT, with which a second shop would bind the same port and take
  // half the requests.
  set_socket_options([](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  note_requests();
  answer_problems();
  add_route(Method::kGet, "/healthz", "/healthz", [](const Call&) {
    return Answer{200, R"({"status":"ok"})"};
  });
  add_route(Method::kGet, "/metrics", "/metrics", [this](const Call&) {
    return Answer{200, deps_.metrics.text(), "text/plain; version=0.0.4"};
  });
}

HttpService::Server::~Server() {
  if (listener_.joinable()) {
    listener_.join();
  }
  ::close(stop_fd_);
}

void HttpService::Server::note_requests() {
  set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    current_request.start = monotonic_now();
    current_request.trace = continue_trace(first_header(request, "traceparent"));
    current_request.route = "none";
    current_request.head = stream_of_thread->head();
    if (draining_ && request.path == "/readyz") {
      current_request.route = "/readyz";
      write_answer(problem(503, "about to stop"), response);
      return HandlerResponse::Handled;
    }
    return HandlerResponse::Unhandled;
  });
  set_logger([this](const httplib::Request& request, const httplib::Response& response) {
    const TimePoint now = monotonic_now();
    // A request that could not be parsed was never routed.
    const Duration duration =
        current_request.start == TimePoint() ? Duration::zero() : now - current_request.start;
    const bool known_method = request.method == "GET" || request.method == "POST" ||
                              request.method == "PUT" || request.method == "DELETE";
    deps_.metrics.request(known_method ? request.method : "other", current_request.route,
                          response.status, duration);
    deps_.log.info(
        "request", &current_request.trace,
        {{"method", request.method},
         {"path", request.path},
         {"route", current_request.route},
         {"status", std::int64_t{response.status}},
         {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(duration).count()},
         {"key", first_header(request, "Idempotency-Key").value_or("")}});
    current_request = CurrentRequest();
  });
}

void HttpService::Server::answer_problems() {
  set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (response.body.empty()) {
      write_answer(
          problem(response.status, response.status == 404 ? "no such resource" : "request refused"),
          response);
    }
  });
  set_exception_handler(
      [this](const httplib::Request&, httplib::Response& response, std::exception_ptr cause) {
        try {
          std::rethrow_exception(std::move(cause));
        } catch (const std::exception& exception) {
          deps_.log.error("handler threw", &current_request.trace, {{"error", exception.what()}});
        } catch (...) {
          deps_.log.error("handler threw", &current_request.trace, {});
        }
        write_answer(problem(500, "unexpected error"), response);
      });
}

void HttpService::Server::add_route(Method method, const std::string& pattern,
                                    const std::string& name, shop::Handler handler) {
  auto serve = [name, handler = std::move(handler)](const httplib::Request& request,
                                                    httplib::Response& response) {
    current_request.route = name;
    write_answer(handler(Call(request, current_request.trace, current_request.head)), response);
  };
  switch (method) {
    case Method::kGet:
      Get(pattern, serve);
      return;
    case Method::kPost:
      Post(pattern, serve);
      return;
    case Method::kPut:
      Put(pattern, serve);
      return;
    case Method::kDelete:
      Delete(pattern, serve);
      return;
  }
}

Result<void> HttpService::Server::read_certificate() {
  if (options_.certificate_file.empty()) {
    return {};
  }
  auto identity = test::read_identity(options_.certificate_file, options_.key_file);
  if (!identity) {
    return fail(std::move(identity.error()));
  }
  tls_ = std::make_unique<test::TlsServerContext>(
      test::TlsServerOptions{.identity = std::move(*identity)});
  return {};
}

Result<std::uint16_t> HttpService::Server::bind() {
  if (auto ready = read_certificate(); !ready) {
    return fail(std::move(ready.error()));
  }
  errno = 0;
  const int port = options_.port != 0
                       ? (bind_to_port(options_.host, options_.port) ? options_.port : -1)
                       : bind_to_any_port(options_.host);
  if (port < 0) {
    const int cause = errno;
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("cannot listen on {}:{}: {}", options_.host, options_.port,
                    cause != 0 ? std::system_category().message(cause) : "address not usable"));
  }
  ::listen(svr_sock_, kBacklog);
  return static_cast<std::uint16_t>(port);
}

bool HttpService::Server::process_and_close_socket(socket_t sock) {
  std::optional<test::TlsEnd> tls;
  if (tls_) {
    ::fcntl(sock, F_SETFL, ::fcntl(sock, F_GETFL) | O_NONBLOCK);
    tls.emplace(*tls_, sock);
  }
  ConnectionStream stream(sock, stop_fd_, kIoTimeout, tls ? &*tls : nullptr);
  stream_of_thread = &stream;
  bool keep_open = true;
  while (keep_open && stream.wait_for_request(kIdleLimit)) {
    deps_.metrics.add_in_flight(1);
    bool closed_by_headers = false;
    const bool served =
        process_request(stream, draining_ || deps_.stop.requested(), closed_by_headers, nullptr);
    const bool sent = stream.flush();
    deps_.metrics.add_in_flight(-1);
    keep_open = served && sent && !closed_by_headers;
  }
  if (tls && tls->shook_hands()) {
    tls->close_notify();
  }
  ::shutdown(sock, SHUT_RDWR);
  ::close(sock);
  return keep_open;
}

void HttpService::Server::drain(const sigset_t& signals) {
  draining_ = true;
  const auto whole = std::chrono::duration_cast<seconds>(options_.drain_time);
  const timespec wait = {whole.count(), (options_.drain_time - whole).count()};
  ::sigtimedwait(&signals, nullptr, &wait);
}

HttpService::End HttpService::Server::run() {
  listener_ = std::thread([this] {
    listen_after_bind();
    // Returns when stop() was called; by itself only when accept() fails for good, and then there
    // is nothing left to do.
    ::kill(::getpid(), SIGTERM);
  });
  const sigset_t signals = stop_signals();
  int received = 0;
  ::sigwait(&signals, &received);
  if (options_.on_term == OnTerm::kExit) {
    return End::kCutShort;
  }
  if (options_.on_term == OnTerm::kDrain) {
    drain(signals);
  }
  deps_.stop.request();
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_fd_, &one, sizeof one);
  const TimePoint deadline = monotonic_now() + kDrainLimit;
  // stop() does nothing before the listener thread has begun.
  while (!is_running() && monotonic_now() < deadline) {
    std::this_thread::yield();
  }
  stop();
  return deps_.metrics.wait_until_idle(deadline - monotonic_now()) ? End::kDrained : End::kCutShort;
}

HttpService::HttpService(HttpOptions options, Deps deps)
    : server_(std::make_unique<Server>(std::move(options), deps)) {}

HttpService::~HttpService() = default;

void HttpService::route(Method method, const std::string& pattern, const std::string& name,
                        Handler handler) {
  server_->add_route(method, pattern, name, std::move(handler));
}

Result<std::uint16_t> HttpService::bind() {
  return server_->bind();
}

HttpService::End HttpService::run() {
  return server_->run();
}

void block_stop_signals() {
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace squall::shop
