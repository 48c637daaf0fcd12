// `--otlp`: what a collector gets of a run, and what its absence costs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/net/http_server.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const HostileServer::Script kGood{HostileServer::read_request(),
                                  HostileServer::send(ok_answer("hi")), HostileServer::again()};

// Keeps the spans that it is sent.
class Collector {
 public:
  Collector() {
    server_ = net::HttpServer::start({}, [this](const net::ServerRequest& request) {
                return receive(request);
              }).value();
  }
  [[nodiscard]] std::string url() const {
    return fmt::format("http://127.0.0.1:{}", server_->port());
  }
  [[nodiscard]] std::vector<json> spans() const {
    const std::lock_guard lock(mutex_);
    return spans_;
  }
  [[nodiscard]] std::size_t figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
  }

 private:
  net::ServerReply receive(const net::ServerRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.target == "/v1/metrics") {
      ++figures_;
    } else if (request.target == "/v1/traces") {
      const json document = json::parse(request.body);
      for (const json& span : document.at("resourceSpans")[0].at("scopeSpans")[0].at("spans")) {
        spans_.push_back(span);
      }
    }
    return {.headers = {{"Content-Type", "application/json"}}, .body = "{}"};
  }

  mutable std::mutex mutex_;
  std::vector<json> spans_;
  std::size_t figures_ = 0;
  std::unique_ptr<net::HttpServer> server_;  // last: its thread calls the rest
};

// How late the generator is on a busy machine is no matter of these tests.
ProcessResult hit(const TestDirectory& directory, std::vector<std::string> arguments) {
  const std::vector<std::string> always = {"--rate",
                                           "200/s",
                                           "-n",
                                           "50",
                                           "--no-preflight",
                                           "--out",
                                           "run",
                                           "--set",
                                           "limits.lag_p99=10s",
                                           "--set",
                                           "limits.started=1%"};
  arguments.insert(arguments.begin(), "hit");
  arguments.insert(arguments.end(), always.begin(), always.end());
  return squall(directory, arguments);
}

model::RunRecord record_in(const TestDirectory& directory) {
  auto record = model::record_from_json(read_file(directory / "run/record.json"));
  EXPECT_TRUE(record.has_value());
  return record ? std::move(*record) : model::RunRecord{};
}

// The value of a header of a request as sent; empty: none.
std::string header_of(const std::string& request, const std::string& name) {
  for (std::size_t at = 0; at < request.size();) {
    const std::size_t end = request.find("\r\n", at);
    const std::string line = request.substr(at, end - at);
    if (to_lower(line).starts_with(name + ": ")) {
      return line.substr(name.size() + 2);
    }
    if (line.empty() || end == std::string::npos) {
      return {};
    }
    at = end + 2;
  }
  return {};
}

std::string without_dashes(std::string key) {
  key.erase(std::remove(key.begin(), key.end(), '-'), key.end());
  return key;
}

// Twins share the key, so they share trace and parent.
TEST(Otlp, EveryOperationHasOneSpanAndItsRequestsNameIt) {
  HostileServer server(kGood);
  const Collector collector;
  const TestDirectory directory;
  const auto ended =
      hit(directory, {server.url("/"), "-m", "POST", "-H", "Idempotency-Key: {{key}}",
                      "--duplicate", "30%", "--otlp", collector.url()});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_THAT(ended.errors, Not(HasSubstr("--otlp")));
  const model::RunRecord record = record_in(directory);
  EXPECT_EQ(record.totals.completed, 50U);
  std::map<std::string, std::string> parents;  // by trace
  for (const json& span : collector.spans()) {
    EXPECT_TRUE(
        parents.emplace(span.at("traceId").get<std::string>(), span.at("spanId").get<std::string>())
            .second);
    EXPECT_FALSE(span.contains("status"));
  }
  EXPECT_EQ(parents.size(), record.totals.completed);
  EXPECT_GT(server.requests(), 50U);
  std::map<std::string, int> requests;
  for (const std::string& request : server.request_texts()) {
    const std::string trace = without_dashes(header_of(request, "idempotency-key"));
    ++requests[trace];
    EXPECT_EQ(header_of(request, "traceparent"), fmt::format("00-{}-{}-01", trace, parents[trace]));
  }
  EXPECT_EQ(requests.size(), record.totals.completed);
  EXPECT_EQ(parents.size(), record.totals.completed);  // no request asked for another one
  for (const json& span : collector.spans()) {
    for (const json& attribute : span.at("attributes")) {
      if (attribute.at("key") == "squall.attempts") {
        EXPECT_EQ(attribute.at("value").at("intValue"),
                  std::to_string(requests[span.at("traceId").get<std::string>()]));
      }
    }
  }
  EXPECT_GE(collector.figures(), 1U);
}

TEST(Otlp, TheDigestOfThePlanIsThatOfTheRunWithout) {
  HostileServer server(kGood);
  const Collector collector;
  const TestDirectory with;
  const TestDirectory without;
  const std::vector<std::string> same = {server.url("/"), "--seed", "7", "--run-id", "r"};
  std::vector<std::string> exported = same;
  exported.insert(exported.end(), {"--otlp", collector.url()});
  EXPECT_EQ(hit(with, exported).exit_code, 0);
  EXPECT_EQ(hit(without, same).exit_code, 0);
  EXPECT_EQ(record_in(with).plan_digest, record_in(without).plan_digest);
  EXPECT_EQ(collector.spans().size(), 50U);
}

TEST(Otlp, ACollectorThatIsNotThereCostsOneLineAndNoVerdict) {
  HostileServer server(kGood);
  std::string nobody;
  {
    const Collector gone;
    nobody = gone.url();
  }
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url("/"), "--otlp", nobody});
  EXPECT_EQ(ended.exit_code, 0) << ended.output << ended.errors;
  EXPECT_EQ(record_in(directory).totals.completed, 50U);
  const std::size_t told = ended.errors.find("squall: --otlp: ");
  ASSERT_NE(told, std::string::npos) << ended.errors;
  EXPECT_EQ(ended.errors.find("--otlp", told + 16), std::string::npos) << ended.errors;
  EXPECT_THAT(ended.errors, HasSubstr("50 of 50 spans did not get to " + nobody + ": "));
}

TEST(Otlp, AHostThatNobodyAllowedGetsNothing) {
  HostileServer server(kGood);
  const TestDirectory directory;
  const auto ended = hit(directory, {server.url("/"), "--otlp", "http://collector.invalid:4318"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.errors, HasSubstr("--otlp: collector.invalid is neither loopback nor a target "
                                      "of the plan"));
  EXPECT_THAT(ended.errors, HasSubstr("--allow collector.invalid"));
  EXPECT_EQ(server.requests(), 0U);
}

TEST(Otlp, WhatIsNoUrlIsAUsageError) {
  const TestDirectory directory;
  const auto ended = hit(directory, {"http://127.0.0.1:1/", "--otlp", "127.0.0.1:4318"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.errors, HasSubstr("--otlp"));
}

}  // namespace
}  // namespace squall::test
