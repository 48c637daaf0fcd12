// The small services that rows of the catalogue rehearse on: each with its defect and its remedy.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>

#include <nlohmann/json.hpp>

#include "tests/shop/articles_cache.hpp"
#include "tests/shop/tests/shop_process.hpp"
#include "tests/support/eventually.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::FakeService;
using testing::Headers;
using testing::Reply;
using testing::request;
using testing::ShopProcess;

// How many items of the list have each token.
std::map<std::string, int> tokens_of(const ShopProcess& service, const std::string& path) {
  const Reply reply = service.get(path);
  EXPECT_EQ(reply.status, 200) << reply.body;
  std::map<std::string, int> counts;
  const json list = json::parse(reply.body);
  for (const json& item : list["items"]) {
    ++counts[item["token"].get<std::string>()];
  }
  return counts;
}

Reply post_token(const ShopProcess& service, const std::string& path, const std::string& token) {
  return request(service.port(), "POST", path, json{{"token", token}}.dump());
}

// ---- uploads

Reply upload(const ShopProcess& service, const std::string& id, const std::string& bytes) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" + bytes +
      "\r\n--b--\r\n";
  return request(service.port(), "POST", "/uploads?name=" + id, body,
                 {{"Content-Type", "multipart/form-data; boundary=b"}, {"Upload-Id", id}});
}

TEST(Uploads, SentAgainIsASecondObjectWithoutAName) {
  const ShopProcess service({"uploads", "--uploads", "sync"});
  EXPECT_EQ(upload(service, "u1", "abc").status, 201);
  EXPECT_EQ(upload(service, "u1", "abc").status, 201);
  EXPECT_EQ(tokens_of(service, "/objects"), (std::map<std::string, int>{{"u1", 2}}));
}

TEST(Uploads, TheSameNameIsTheSameObject) {
  const ShopProcess service({"uploads", "--uploads", "named"});
  EXPECT_EQ(upload(service, "u1", "abc").status, 202);
  EXPECT_EQ(upload(service, "u1", "abc").status, 202);
  EXPECT_EQ(upload(service, "u1", "other bytes").status, 422);
  EXPECT_EQ(upload(service, "u2", std::string("\0\xff\n", 3)).status, 202);
  EXPECT_TRUE(test::eventually([&] {
    return json::parse(service.get("/uploads/u1").body)["state"] == "stored" &&
           json::parse(service.get("/uploads/u2").body)["state"] == "stored";
  }));
  EXPECT_EQ(tokens_of(service, "/objects"), (std::map<std::string, int>{{"u1", 1}, {"u2", 1}}));
  EXPECT_EQ(service.get("/uploads/u3").status, 404);
}

// ---- jobs

class JobsTest : public ::testing::Test {
 protected:
  // What arrives for 20 jobs that are left to two replicas; with "each" until one arrived twice.
  std::size_t calls(const std::string& turns) {
    const test::TestDirectory directory;
    std::atomic<std::size_t> arrived{0};
    const FakeService receiver([&](const FakeService::Received&) {
      ++arrived;
      return std::pair(200, std::string("{}"));
    });
    const std::vector<std::string> arguments = {
        "jobs",    "--db", directory / "jobs.db", "--receiver", receiver.url() + "/jobs",
        "--turns", turns,  "--lease-time",        "1h",         "--period",
        "50ms"};
    const ShopProcess one(arguments);
    const ShopProcess two(arguments);
    constexpr std::size_t kJobs = 20;
    const bool doubles = turns == "each";
    for (std::size_t round = 0; round < 50; ++round) {
      const std::size_t before = arrived;
      for (std::size_t i = 0; i < kJobs; ++i) {
        EXPECT_EQ(post_token(one, "/jobs", std::to_string(i)).status, 202);
      }
      EXPECT_TRUE(test::eventually([&] { return arrived - before >= kJobs; }));
      // Nothing is left when a later job has been done.
      const std::size_t all = arrived;
      EXPECT_EQ(post_token(two, "/jobs", "last").status, 202);
      EXPECT_TRUE(test::eventually([&] { return arrived > all; }));
      if (!doubles || arrived > before + kJobs + 1) {
        return arrived - before - 1;
      }
    }
    return 0;
  }
};

TEST_F(JobsTest, EachReplicaDoesThemAll) {
  EXPECT_GT(calls("each"), 20U);
}

TEST_F(JobsTest, TheHolderOfTheLeaseDoesThem) {
  EXPECT_EQ(calls("leased"), 20U);
}

// ---- notes

TEST(Notes, WhatIsOnlyInMemoryDiesWithTheProcess) {
  for (const bool committed : {false, true}) {
    const test::TestDirectory directory;
    const std::vector<std::string> arguments = {
        "notes",   "--db", directory / "notes.db", "--ack", committed ? "commit" : "memory",
        "--flush", "1h"};
    {
      ShopProcess first(arguments);
      EXPECT_EQ(post_token(first, "/notes", "n1").status, 201);
      first.end(SIGKILL);
    }
    const ShopProcess second(arguments);
    EXPECT_EQ(tokens_of(second, "/notes").size(), committed ? 1U : 0U);
  }
}

TEST(Notes, AStopLosesNothing) {
  const test::TestDirectory directory;
  const std::vector<std::string> arguments = {
      "notes", "--db", directory / "notes.db", "--ack", "memory", "--flush", "1h"};
  ShopProcess first(arguments);
  EXPECT_EQ(post_token(first, "/notes", "n1").status, 201);
  EXPECT_EQ(first.end(SIGTERM), 0);
  const ShopProcess second(arguments);
  EXPECT_EQ(tokens_of(second, "/notes").size(), 1U);
}

// ---- orders

class OrdersTest : public ::testing::Test {
 protected:
  std::atomic<bool> broken_{true};
  std::atomic<int> told_{0};
  FakeService other_{[this](const FakeService::Received&) {
    told_ += broken_ ? 0 : 1;
    return std::pair(broken_ ? 503 : 201, std::string("{}"));
  }};
};

TEST_F(OrdersTest, WhatFailedIsForgottenWithoutAnOutbox) {
  const ShopProcess service({"orders", "--copy-to", other_.url(), "--copies", "dual"});
  EXPECT_EQ(post_token(service, "/orders", "o1").status, 201);
  EXPECT_EQ(other_.received().size(), 1U);
  broken_ = false;
  EXPECT_EQ(post_token(service, "/orders", "o1").status, 200) << "it is there already";
  EXPECT_EQ(post_token(service, "/orders", "o2").status, 201);
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(tokens_of(service, "/orders").size(), 2U);
}

TEST_F(OrdersTest, AnOutboxTellsUntilItIsTaken) {
  const ShopProcess service({"orders", "--copy-to", other_.url(), "--copies", "outbox"});
  EXPECT_EQ(post_token(service, "/orders", "o1").status, 201);
  EXPECT_EQ(post_token(service, "/orders", "o2").status, 201);
  EXPECT_TRUE(test::eventually([&] { return other_.received().size() >= 2; }));
  broken_ = false;
  EXPECT_TRUE(test::eventually([&] { return told_ == 2; }));
}

// ---- documents

Reply put_text(const ShopProcess& service, const std::string& text, const Headers& headers = {}) {
  return request(service.port(), "PUT", "/documents/d", json{{"text", text}}.dump(), headers);
}

TEST(Documents, AnOldVersionIsRefusedWhereThereAreVersions) {
  const ShopProcess versioned({"documents", "--updates", "versioned"});
  EXPECT_EQ(put_text(versioned, "a").status, 201);
  EXPECT_EQ(put_text(versioned, "b").status, 428);
  EXPECT_EQ(put_text(versioned, "a b", {{"If-Match", "\"1\""}}).status, 200);
  EXPECT_EQ(put_text(versioned, "a c", {{"If-Match", "\"1\""}}).status, 412);
  EXPECT_EQ(json::parse(versioned.get("/documents/d").body)["text"], "a b");
  EXPECT_EQ(json::parse(versioned.get("/words").body)["items"].size(), 2U);
  const ShopProcess last_wins({"documents", "--updates", "last-wins"});
  EXPECT_EQ(put_text(last_wins, "a").status, 201);
  EXPECT_EQ(put_text(last_wins, "a b", {{"If-Match", "\"1\""}}).status, 200);
  EXPECT_EQ(put_text(last_wins, "a c", {{"If-Match", "\"1\""}}).status, 200);
  EXPECT_EQ(json::parse(last_wins.get("/documents/d").body)["text"], "a c");
}

// ---- articles

Reply put_value(const ShopProcess& service, const std::string& value) {
  return request(service.port(), "PUT", "/articles/a", json{{"value", value}}.dump());
}
std::string value_of(const ShopProcess& service) {
  return json::parse(service.get("/articles/a").body)["value"].get<std::string>();
}

TEST(Articles, AReplicaKeepsTheOldValueForItsTime) {
  const test::TestDirectory directory;
  const std::vector<std::string> arguments = {
      "articles", "--db", directory / "a.db", "--caching", "ttl", "--ttl", "1h"};
  const ShopProcess one(arguments);
  const ShopProcess two(arguments);
  EXPECT_EQ(put_value(one, "old").status, 200);
  EXPECT_EQ(value_of(one), "old");
  EXPECT_EQ(put_value(one, "new").status, 200);
  EXPECT_EQ(value_of(one), "old");
  EXPECT_EQ(value_of(two), "new") << "it had not read it before";
}

TEST(ArticlesCache, KeepsNothingThatWasReadWhileItChanged) {
  ManualClock clock;
  ArticlesCache cache(seconds(10), seconds(60), clock);
  const ArticlesCache::Look first = cache.look("a");
  EXPECT_FALSE(first.value);
  cache.keep("a", first.ticket, "old");
  EXPECT_EQ(cache.look("a").value, "old");
  cache.hold("a");
  const ArticlesCache::Look held = cache.look("a");
  EXPECT_FALSE(held.value);
  cache.keep("a", held.ticket, "old");
  EXPECT_FALSE(cache.look("a").value);
  cache.release("a");
  cache.keep("a", held.ticket, "old");
  EXPECT_FALSE(cache.look("a").value) << "it may have been read before the commit";
  cache.keep("a", cache.look("a").ticket, "new");
  EXPECT_EQ(cache.look("a").value, "new");
  clock.advance(seconds(10));
  EXPECT_FALSE(cache.look("a").value);
}

TEST(ArticlesCache, AHoldWhoseWriterIsGoneEnds) {
  ManualClock clock;
  ArticlesCache cache(seconds(10), seconds(60), clock);
  cache.hold("a");
  clock.advance(seconds(60));
  static_cast<void>(cache.look("a"));
  cache.keep("a", cache.look("a").ticket, "new");
  EXPECT_EQ(cache.look("a").value, "new");
}

TEST(Articles, AReplicaThatCannotBeToldMakesAWriteFail) {
  const test::TestDirectory directory;
  const FakeService deaf(
      [](const FakeService::Received&) { return std::pair(500, std::string()); });
  const ShopProcess one(
      {"articles", "--db", directory / "a.db", "--caching", "invalidate", "--replica", deaf.url()});
  EXPECT_EQ(put_value(one, "new").status, 503);
  EXPECT_EQ(one.get("/articles/a").status, 404);
}

TEST(Articles, ReplicasLeaveOutWhatIsWritten) {
  const test::TestDirectory directory;
  std::atomic<std::uint16_t> reader{0};
  // Stands for the second replica in the eyes of the first, and passes on what it is told.
  const FakeService pass([&](const FakeService::Received& received) {
    const Reply reply = request(reader, "POST", received.path, received.body);
    return std::pair(reply.status, reply.body);
  });
  const std::vector<std::string> arguments = {"articles",  "--db",       directory / "a.db",
                                              "--caching", "invalidate", "--ttl",
                                              "1h",        "--replica",  pass.url()};
  const ShopProcess two(arguments);
  reader = two.port();
  const ShopProcess one(arguments);
  EXPECT_EQ(put_value(one, "old").status, 200);
  EXPECT_EQ(value_of(two), "old");
  EXPECT_EQ(put_value(one, "new").status, 200);
  EXPECT_EQ(value_of(two), "new");
}

}  // namespace
}  // namespace squall::shop
