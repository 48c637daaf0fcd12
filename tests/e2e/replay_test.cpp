// What `squall replay` calls the same wrong again, against a shop that remembers between runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "loadgen/net/http_server.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Books a payment under each key that it is asked for.
class Books {
 public:
  enum class Repeats { kBookedOnce, kBookedEachTime };

  explicit Books(Repeats repeats) : repeats_(repeats) {
    auto started = net::HttpServer::start(
        {}, [this](const net::ServerRequest& request) { return answer(request); });
    EXPECT_TRUE(started.has_value());
    server_ = std::move(*started);
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }
  [[nodiscard]] std::string plan() const {
    return simple_plan(url(),
                       "  headers = { K = \"{{key}}\" }\n  effect = \"{{key}}\"\n"
                       "[[effects.oracle]]\nkind = \"http\"\nrequest = \"GET /ledger\"\n"
                       "items = \"\"\nkey = \"/key\"\n[effects]\nsettle = \"50ms\"\n"
                       "[checks]\nrequire = [\"duplicate_effects == 0\", \"lost_effects == 0\"]\n");
  }
  [[nodiscard]] std::string some_key() {
    const std::lock_guard lock(mutex_);
    return booked_.empty() ? "" : booked_.begin()->first;
  }
  void turn_to(Repeats repeats) {
    const std::lock_guard lock(mutex_);
    repeats_ = repeats;
  }

 private:
  net::ServerReply answer(const net::ServerRequest& request) {
    net::ServerReply reply;
    const std::lock_guard lock(mutex_);
    if (request.target != "/ledger") {
      int& times = booked_[std::string(request.header("K"))];
      times += times == 0 || repeats_ == Repeats::kBookedEachTime ? 1 : 0;
      return reply;
    }
    reply.body = "[";
    for (const auto& [key, times] : booked_) {
      for (int i = 0; i < times; ++i) {
        reply.body += (reply.body.size() > 1 ? "," : "") + ("{\"key\":\"" + key + "\"}");
      }
    }
    reply.body += "]";
    return reply;
  }

  std::mutex mutex_;
  Repeats repeats_;
  std::map<std::string, int> booked_;
  std::unique_ptr<net::HttpServer> server_;  // last: its thread ends before what it uses
};

TEST(Replay, UnderTheSameKeyNoFurtherEffectIsRight) {
  Books books(Books::Repeats::kBookedOnce);
  const TestDirectory directory;
  const std::string run = directory / "run";
  ASSERT_EQ(squall(directory, {"run", directory.write("plan.toml", books.plan()), "--out", run})
                .exit_code,
            0);
  const std::vector<std::string> again = {"replay",  run, "--key",     books.some_key(),
                                          "--times", "2", "--same-key"};
  const ProcessResult right = squall(directory, again);
  EXPECT_EQ(right.exit_code, 0) << right.output << right.errors;
  EXPECT_THAT(right.output, HasSubstr("0 effects beside 1 that its key had, acked"));
  EXPECT_THAT(right.output, HasSubstr("0 of 2 repetitions show it again"));
  EXPECT_THAT(right.output, HasSubstr("from the start of the plan's measured phase"));

  books.turn_to(Books::Repeats::kBookedEachTime);
  const ProcessResult wrong = squall(directory, again);
  EXPECT_EQ(wrong.exit_code, 5) << wrong.output << wrong.errors;
  EXPECT_THAT(wrong.output, HasSubstr("duplicate 1 effect beside 1 that its key had"));
  EXPECT_THAT(wrong.output, HasSubstr("duplicate 1 effect beside 2 that its key had"));
}

TEST(Replay, CanSendElsewhere) {
  Books books(Books::Repeats::kBookedOnce);
  Books other(Books::Repeats::kBookedOnce);
  const TestDirectory directory;
  const std::string run = directory / "run";
  ASSERT_EQ(squall(directory, {"run", directory.write("plan.toml", books.plan()), "--out", run})
                .exit_code,
            0);
  const ProcessResult elsewhere = squall(directory, {"replay", run, "--key", books.some_key(),
                                                     "--times", "1", "--target", other.url()});
  EXPECT_EQ(elsewhere.exit_code, 0) << elsewhere.output << elsewhere.errors;
  EXPECT_NE(other.some_key(), "");
  EXPECT_THAT(elsewhere.errors, Not(HasSubstr("--target sends elsewhere")))
      << "the plan has no service";
}

TEST(Replay, ServicesThatAreStartedBesideATargetElsewhereAreTold) {
  Books books(Books::Repeats::kBookedOnce);
  const TestDirectory directory;
  const std::string plan =
      books.plan() + "[[service]]\nname = \"idle\"\ncommand = [\"sleep\", \"60\"]\n";
  const ProcessResult result =
      squall(directory, {"run", directory.write("plan.toml", plan), "--target", books.url()});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("services are started all the same (idle)"));
}

// A program with a slash, and what a service opens, are found from the plan's folder.
TEST(Paths, OfServicesStartInThePlansFolder) {
  Books books(Books::Repeats::kBookedOnce);
  const TestDirectory directory;
  std::filesystem::create_directories(directory / "plans/bin");
  const std::string program =
      directory.write("plans/bin/tell", "#!/bin/sh\ncat data; exec sleep 60\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const std::string data = directory.write("plans/data", "here it is\n");
  const std::string plan = directory.write(
      "plans/plan.toml", books.plan() + "[[service]]\nname = \"tell\"\ncommand = [\"bin/tell\"]\n");
  const ProcessResult valid = squall(directory, {"validate", "plans/plan.toml"});
  EXPECT_EQ(valid.exit_code, 0) << valid.output << valid.errors;
  const ProcessResult result =
      squall(directory, {"run", "plans/plan.toml", "--out", directory / "run"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(read_file(directory / "run/services/tell.log"), read_file(data)) << plan;
}

}  // namespace
}  // namespace squall::test
