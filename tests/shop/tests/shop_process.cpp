#include "tests/shop/tests/shop_process.hpp"

#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include <nlohmann/json.hpp>

#include "tests/paths.hpp"
#include "tests/support/eventually.hpp"

namespace squall::shop::testing {
namespace {

std::map<std::string, std::string> plain_headers(const httplib::Headers& headers) {
  return {headers.begin(), headers.end()};
}

Reply reply_of(const httplib::Result& result) {
  return result ? Reply{result->status, result->body, plain_headers(result->headers)} : Reply{};
}

std::unique_ptr<httplib::Client> client_of(std::uint16_t port) {
  auto client = std::make_unique<httplib::Client>("127.0.0.1", port);
  client->set_tcp_nodelay(true);
  client->set_keep_alive(true);
  client->set_read_timeout(std::chrono::seconds(30));
  return client;
}

std::vector<std::string> command_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SQUALL_BIN_DIR "/squall-shop");
  if (std::find(arguments.begin(), arguments.end(), "--port") == arguments.end()) {
    arguments.insert(arguments.end(), {"--port", "0"});
  }
  return arguments;
}

}  // namespace

Reply request(std::uint16_t port, const std::string& method, const std::string& path,
              const std::string& body, const Headers& headers) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  for (const auto& [name, value] : headers) {
    request.headers.emplace(name, value);
  }
  return reply_of(client_of(port)->send(request));
}

std::vector<Reply> post_together(std::size_t count, const std::vector<std::uint16_t>& ports,
                                 const std::string& path, const std::string& body,
                                 const Headers& headers) {
  const httplib::Headers sent(headers.begin(), headers.end());
  std::vector<Reply> replies(count);
  std::barrier all_connected(static_cast<std::ptrdiff_t>(count));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      const auto client = client_of(ports[i % ports.size()]);
      static_cast<void>(client->Get("/healthz"));
      all_connected.arrive_and_wait();
      replies[i] = reply_of(client->Post(path, sent, body, "application/json"));
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return replies;
}

ShopProcess::ShopProcess(std::vector<std::string> arguments)
    : process_({.command = command_of(std::move(arguments)),
                .environment = {{"TMPDIR", directory_.path()}}}) {
  EXPECT_TRUE(test::eventually([this] {
    const std::string text = log();
    const std::size_t at = text.find("\"port\":");
    if (at != std::string::npos) {
      port_ = static_cast<std::uint16_t>(std::stoi(text.substr(at + 7)));
    }
    return port_ != 0 || process_.has_ended();
  }));
}

std::size_t ShopProcess::files_left() const {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory_.path()),
                    std::filesystem::directory_iterator()));
}

int ShopProcess::end(int signal) {
  process_.signal(signal);
  return wait();
}

std::size_t ShopProcess::effects(const std::string& token) const {
  const Reply reply = get("/ledger?limit=10000" + (token.empty() ? "" : "&token=" + token));
  EXPECT_EQ(reply.status, 200);
  return nlohmann::json::parse(reply.body).at("effects").size();
}

std::string payment_body(const std::string& token, int amount) {
  return nlohmann::json{{"order", "o1"}, {"amount", amount}, {"token", token}}.dump();
}

class FakeService::Impl {
 public:
  explicit Impl(Answering answering) : answering_(std::move(answering)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(16); };
    server_.Post("/.{0,50}", [this](const httplib::Request& request, httplib::Response& response) {
      const Received received{request.path, request.body, plain_headers(request.headers)};
      {
        const std::lock_guard lock(mutex_);
        received_.push_back(received);
      }
      const auto [status, body] = answering_(received);
      response.status = status;
      response.set_content(body, "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    EXPECT_TRUE(test::eventually([this] { return server_.is_running(); }));
  }
  ~Impl() {
    server_.stop();
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::vector<Received> received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }

 private:
  Answering answering_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::vector<Received> received_;
};

FakeService::FakeService(Answering answering)
    : impl_(std::make_unique<Impl>(std::move(answering))) {}
FakeService::~FakeService() = default;
std::string FakeService::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->port());
}
std::vector<FakeService::Received> FakeService::received() const {
  return impl_->received();
}

}  // namespace squall::shop::testing
