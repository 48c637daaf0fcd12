#include "tests/support/nginx.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include <fmt/core.h>

#include "tests/support/eventually.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::test {
namespace {

constexpr std::string_view kConfig = R"(
daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/error.log;
events {{ worker_connections 1024; }}
http {{
  log_format plain '$request_method $uri $server_protocol $status $connection';
  access_log {0}/access.log plain;
  keepalive_requests 1000000;
  client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f;
  uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  server {{
    listen 127.0.0.1:{1}{2};
    {3}
    location / {{ return 200 'hello'; }}
  }}
}}
)";

std::string_view listen_words(Nginx::Speaks speaks) {
  switch (speaks) {
    case Nginx::Speaks::kHttp1:
      return "";
    case Nginx::Speaks::kHttp1Tls:
      return " ssl";
    case Nginx::Speaks::kHttp2Tls:
      return " ssl http2";
    case Nginx::Speaks::kHttp2Plain:
      return " http2";
  }
  return "";
}

}  // namespace

Nginx::Nginx(Speaks speaks, std::string_view more) {
  const bool tls = speaks == Speaks::kHttp1Tls || speaks == Speaks::kHttp2Tls;
  std::string server(more);
  if (tls) {
    const std::string key = directory_ / "key.pem";
    const ProcessResult made = run_program(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=squall test", "-addext",
         "subjectAltName=IP:127.0.0.1,DNS:shop.example", "-keyout", key, "-out", certificate()});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    server += fmt::format(" ssl_certificate {}; ssl_certificate_key {};", certificate(), key);
  }
  // Between our look and nginx's bind() another process may take the port.
  constexpr int kTries = 5;
  for (int i = 0; i < kTries && !start(listen_words(speaks), server); ++i) {
  }
  EXPECT_FALSE(process_->has_ended()) << error_log();
}

// Whether it serves: its file with the pid comes when all that it listens on is open.
bool Nginx::start(std::string_view listen, std::string_view server) {
  port_ = free_loopback_port();
  const std::string config = directory_.write(
      "nginx.conf", fmt::format(fmt::runtime(kConfig), directory_.path(), port_, listen, server));
  process_ = std::make_unique<Process>(
      Process::Options{.command = {"/usr/sbin/nginx", "-p", directory_.path(), "-c", config, "-e",
                                   directory_ / "error.log"}});
  EXPECT_TRUE(eventually(
      [&] { return std::filesystem::exists(directory_ / "nginx.pid") || process_->has_ended(); }));
  return !process_->has_ended();
}

Nginx::~Nginx() {
  process_->signal(SIGCONT);
  process_->signal(SIGTERM);
  process_->wait(std::chrono::seconds(10));
}

void Nginx::freeze() const {
  process_->signal(SIGSTOP);
}

void Nginx::thaw() const {
  process_->signal(SIGCONT);
}

}  // namespace squall::test
