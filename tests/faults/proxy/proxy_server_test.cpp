// What can be asked of proxies: addresses, enabling, toxics, errors, events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "tests/faults/proxy/proxy_case.hpp"

namespace squall::faults {
namespace {

using ErrorKind = ProxyError::Kind;

class ProxyServerTest : public ProxyCase {};

TEST_F(ProxyServerTest, shows_the_bound_address_while_enabled_and_keeps_the_port) {
  const ProxyView made = create();
  EXPECT_TRUE(made.settings.listen.starts_with("127.0.0.1:")) << made.settings.listen;
  EXPECT_NE(port, 0);
  const auto disabled = server.update("p", {.listen = {}, .upstream = {}, .enabled = false});
  ASSERT_TRUE(disabled);
  EXPECT_FALSE(disabled->settings.enabled);
  EXPECT_EQ(disabled->settings.listen, made.settings.listen);
  int error = 0;
  EXPECT_FALSE(test::Socket::connect(port, error).is_open());
  EXPECT_EQ(error, ECONNREFUSED);
  const auto enabled = server.update("p", {.listen = {}, .upstream = {}, .enabled = true});
  ASSERT_TRUE(enabled);
  EXPECT_EQ(enabled->settings.listen, made.settings.listen);
  EXPECT_TRUE(test::Socket::connect(port).is_open());
}

TEST_F(ProxyServerTest, a_disabled_proxy_shows_its_address_as_given) {
  const auto made =
      server.create({.name = "p", .listen = "localhost:0", .upstream = "x:1", .enabled = false});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->settings.listen, "localhost:0");
  EXPECT_FALSE(made->settings.enabled);
}

TEST_F(ProxyServerTest, wildcards_take_both_families) {
  for (const std::string listen : {":0", "0.0.0.0:0", "[::]:0"}) {
    const auto made =
        server.create({.name = listen, .listen = listen, .upstream = backend.address()});
    ASSERT_TRUE(made) << made.error().message;
    const std::string& shown = made->settings.listen;
    EXPECT_TRUE(shown.starts_with("[::]:") || shown.starts_with("0.0.0.0:")) << shown;
    EXPECT_TRUE(test::Socket::connect(port_of(shown)).is_open()) << listen;
  }
}

TEST_F(ProxyServerTest, refuses_what_is_wrong_in_the_words_of_the_wire) {
  create();
  const auto error = [](const auto& result) {
    EXPECT_FALSE(result.has_value());
    return result ? ProxyError{} : result.error();
  };
  ProxyError e = error(server.create({.name = "", .listen = "localhost:0", .upstream = ""}));
  EXPECT_EQ(e.kind, ErrorKind::kMissingField);
  EXPECT_EQ(e.message, "missing required field: name");
  e = error(server.create({.name = "x", .listen = "localhost:0", .upstream = ""}));
  EXPECT_EQ(e.message, "missing required field: upstream");
  e = error(server.create({.name = "p", .listen = "localhost:0", .upstream = "x:1"}));
  EXPECT_EQ(e.kind, ErrorKind::kProxyExists);
  EXPECT_EQ(e.message, "proxy already exists");
  e = error(server.find("nobody"));
  EXPECT_EQ(e.kind, ErrorKind::kProxyNotFound);
  EXPECT_EQ(e.message, "proxy not found");
  EXPECT_EQ(error(server.remove("nobody")).kind, ErrorKind::kProxyNotFound);
  EXPECT_EQ(error(server.add_toxic("nobody", {.name = "", .type = "latency"})).kind,
            ErrorKind::kProxyNotFound);
  e = error(server.add_toxic("p", {.name = "", .type = "poison"}));
  EXPECT_EQ(e.kind, ErrorKind::kInvalidToxicType);
  EXPECT_EQ(e.message, "invalid toxic type");
  add("latency", "");
  e = error(server.add_toxic(
      "p", {.name = "latency_downstream", .type = "noop", .direction = Direction::kUpstream}));
  EXPECT_EQ(e.kind, ErrorKind::kToxicExists);
  EXPECT_EQ(e.message, "toxic already exists");
  e = error(server.remove_toxic("p", "nothing"));
  EXPECT_EQ(e.kind, ErrorKind::kToxicNotFound);
  EXPECT_EQ(e.message, "toxic not found");
  e = error(server.update_toxic(
      "p", "latency_downstream",
      {.toxicity = {}, .attributes = *expr::parse_toml("latency = \"long\"", "t")}));
  EXPECT_EQ(e.kind, ErrorKind::kBadAttributes);
}

TEST_F(ProxyServerTest, a_taken_port_is_told_and_nothing_is_made) {
  const auto made = server.create({.name = "p", .listen = backend.address(), .upstream = "x:1"},
                                  {{.name = "", .type = "noop"}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kCannotListen);
  EXPECT_EQ(made.error().message,
            "listen tcp " + backend.address() + ": bind: address already in use");
  EXPECT_TRUE(server.list().empty());
  EXPECT_FALSE(server.create({.name = "q", .listen = "no-port", .upstream = "x:1"}));
  EXPECT_FALSE(server.create({.name = "q", .listen = "no.such.name.invalid:0", .upstream = "x:1"}));
}

TEST_F(ProxyServerTest, a_bad_toxic_makes_no_proxy) {
  const auto made = server.create({.name = "p", .listen = "localhost:0", .upstream = "x:1"},
                                  {{.name = "", .type = "noop"}, {.name = "", .type = "poison"}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kInvalidToxicType);
  EXPECT_TRUE(server.list().empty());
}

TEST_F(ProxyServerTest, an_update_with_the_same_addresses_keeps_connections) {
  const ProxyView made = create();
  auto [client, upstream] = connect();
  ASSERT_TRUE(server.update(
      "p", {.listen = made.settings.listen, .upstream = backend.address(), .enabled = true}));
  client.send("x");
  EXPECT_EQ(upstream.receive_all(1), "x");
}

TEST_F(ProxyServerTest, another_upstream_drops_connections_and_keeps_toxics) {
  create();
  add("noop", "");
  auto [client, upstream] = connect();
  test::Acceptor other;
  const auto updated =
      server.update("p", {.listen = {}, .upstream = other.address(), .enabled = {}});
  ASSERT_TRUE(updated);
  EXPECT_TRUE(updated->settings.enabled);
  EXPECT_EQ(updated->toxics.size(), 1U);
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(upstream.rest(), "");
  EXPECT_EQ(port_of(updated->settings.listen), port);
  const test::Socket again = test::Socket::connect(port);
  test::Socket served = other.accept();
  again.send("x");
  EXPECT_EQ(served.receive_all(1), "x");
}

TEST_F(ProxyServerTest, an_update_to_a_taken_port_leaves_it_disabled) {
  create();
  const auto updated =
      server.update("p", {.listen = backend.address(), .upstream = {}, .enabled = {}});
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().kind, ErrorKind::kCannotListen);
  EXPECT_FALSE(view().settings.enabled);
  EXPECT_EQ(view().settings.listen, backend.address());
}

TEST_F(ProxyServerTest, put_leaves_an_equal_proxy_alone_and_replaces_another) {
  const ProxyView made = create();
  add("noop", "");
  ASSERT_TRUE(server.update("p", {.listen = {}, .upstream = {}, .enabled = false}));
  ProxySettings same = made.settings;
  const auto left = server.put(same);
  ASSERT_TRUE(left);
  EXPECT_FALSE(left->settings.enabled);
  EXPECT_EQ(left->toxics.size(), 1U);
  same.upstream = "other:1";
  const auto replaced = server.put(same);
  ASSERT_TRUE(replaced);
  EXPECT_TRUE(replaced->settings.enabled);
  EXPECT_TRUE(replaced->toxics.empty());
  EXPECT_TRUE(server.put({.name = "new", .listen = "localhost:0", .upstream = "x:1"}));
  EXPECT_EQ(server.list().size(), 2U);
}

TEST_F(ProxyServerTest, lists_proxies_by_name_and_toxics_by_direction) {
  for (const std::string name : {"b", "a", "c"}) {
    ASSERT_TRUE(server.create({.name = name, .listen = "localhost:0", .upstream = "x:1"}));
  }
  create();
  add("noop", "");
  add("slicer", "average_size = 10.0\nunknown = 3\n", Direction::kUpstream, 0.25F);
  add("latency", "");
  const auto all = server.list();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].settings.name, "a");
  EXPECT_EQ(all[3].settings.name, "p");
  const std::vector<ToxicView>& toxics = all[3].toxics;
  ASSERT_EQ(toxics.size(), 3U);
  EXPECT_EQ(toxics[0].name, "slicer_upstream");
  EXPECT_EQ(toxics[0].toxicity, 0.25F);
  EXPECT_EQ(toxics[1].name, "noop_downstream");
  EXPECT_EQ(toxics[2].name, "latency_downstream");
  const expr::Table& attributes = *toxics[0].attributes.as_table();
  ASSERT_EQ(attributes.size(), 3U);
  EXPECT_EQ(attributes[0].key, "average_size");
  EXPECT_EQ(std::get<std::int64_t>(attributes[0].value.data), 10);
  EXPECT_EQ(attributes[1].key, "size_variation");
  EXPECT_EQ(std::get<std::int64_t>(attributes[1].value.data), 0);
}

TEST_F(ProxyServerTest, an_update_of_a_toxic_merges_attributes) {
  create();
  add("latency", "latency = 5\njitter = 2\n");
  const auto updated =
      server.update_toxic("p", "latency_downstream",
                          {.toxicity = 0.5F, .attributes = *expr::parse_toml("jitter = 1", "t")});
  ASSERT_TRUE(updated);
  EXPECT_EQ(updated->toxicity, 0.5F);
  EXPECT_EQ(std::get<std::int64_t>(updated->attributes.find("latency")->data), 5);
  EXPECT_EQ(std::get<std::int64_t>(updated->attributes.find("jitter")->data), 1);
}

TEST_F(ProxyServerTest, reset_starts_everything_and_removes_all_toxics) {
  create();
  add("noop", "");
  add("latency", "latency = 10\n", Direction::kUpstream);
  ASSERT_TRUE(server.update("p", {.listen = {}, .upstream = {}, .enabled = false}));
  ASSERT_TRUE(server.reset());
  EXPECT_TRUE(view().settings.enabled);
  EXPECT_TRUE(view().toxics.empty());
}

TEST_F(ProxyServerTest, removing_a_proxy_closes_its_port_and_connections) {
  create();
  auto [client, upstream] = connect();
  ASSERT_TRUE(server.remove("p"));
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(client.error(), 0);
  EXPECT_EQ(upstream.rest(), "");
  int error = 0;
  EXPECT_FALSE(test::Socket::connect(port, error).is_open());
  EXPECT_EQ(error, ECONNREFUSED);
}

TEST_F(ProxyServerTest, refuse_closes_the_port_and_leaves_connections) {
  create();
  auto [client, upstream] = connect();
  add("refuse", "");
  int error = 0;
  EXPECT_FALSE(test::Socket::connect(port, error).is_open());
  EXPECT_EQ(error, ECONNREFUSED);
  client.send("x");
  EXPECT_EQ(upstream.receive_all(1), "x");
  remove("refuse_downstream");
  EXPECT_TRUE(test::Socket::connect(port).is_open());
  EXPECT_EQ(port_of(view().settings.listen), port);
}

TEST_F(ProxyServerTest, refuse_survives_disabling) {
  create();
  add("refuse", "");
  ASSERT_TRUE(server.update("p", {.listen = {}, .upstream = {}, .enabled = false}));
  ASSERT_TRUE(server.update("p", {.listen = {}, .upstream = {}, .enabled = true}));
  int error = 0;
  EXPECT_FALSE(test::Socket::connect(port, error).is_open());
  EXPECT_EQ(error, ECONNREFUSED);
  ASSERT_TRUE(server.reset());
  EXPECT_TRUE(test::Socket::connect(port).is_open());
}

// Which of 200 connections a toxic was drawn for.
std::string drawn(std::uint64_t seed, float toxicity, bool with_neighbour) {
  test::Acceptor backend;
  ProxyServer server(all_toxics(), {.seed = seed});
  const auto made =
      server.create({.name = "p", .listen = "localhost:0", .upstream = backend.address()});
  EXPECT_TRUE(made);
  if (with_neighbour) {
    EXPECT_TRUE(server.add_toxic("p", {.name = "n", .type = "refuse", .toxicity = 0}));
  }
  EXPECT_TRUE(server.add_toxic("p", {.name = "r", .type = "refuse", .toxicity = toxicity}));
  const auto colon = made->settings.listen.rfind(':');
  const auto port = static_cast<std::uint16_t>(std::stoi(made->settings.listen.substr(colon + 1)));
  std::string pattern;
  for (int i = 0; i < 200; ++i) {
    int error = 0;
    const test::Socket client = test::Socket::connect(port, error);
    // A chosen one is reset at once, possibly before the kernel has told the client that it is
    // connected.
    EXPECT_TRUE(error == 0 || error == ECONNRESET) << error;
    // One after the other, so that the ordinals are known.
    EXPECT_TRUE(test::eventually(
        [&] { return server.find("p")->counters.accepted == static_cast<std::uint64_t>(i) + 1; }));
    const std::uint64_t refused = server.find("p")->counters.refused;
    pattern += refused > static_cast<std::uint64_t>(std::count(pattern.begin(), pattern.end(), 'R'))
                   ? 'R'
                   : '.';
  }
  return pattern;
}

TEST(Toxicity, is_drawn_from_the_seed_by_accept_ordinal) {
  const std::string first = drawn(1, 0.3F, false);
  EXPECT_EQ(drawn(1, 0.3F, true), first);
  EXPECT_NE(drawn(2, 0.3F, false), first);
  const auto chosen = std::count(first.begin(), first.end(), 'R');
  EXPECT_NEAR(static_cast<double>(chosen), 60, 26);  // four standard deviations
  const std::string more = drawn(1, 0.6F, false);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_TRUE(first[i] == '.' || more[i] == 'R') << "a higher toxicity only adds links";
  }
}

TEST_F(ProxyServerTest, a_changed_toxicity_chooses_by_the_same_draw_on_live_links) {
  create();
  add("blackhole", "", Direction::kUpstream, 0);
  auto [client, upstream] = connect();
  client.send("a");
  EXPECT_EQ(upstream.receive_all(1), "a");
  ASSERT_TRUE(server.update_toxic("p", "blackhole_upstream",
                                  {.toxicity = 1.0F, .attributes = {expr::Table{}, {}}}));
  client.send("b");
  ASSERT_TRUE(test::eventually([&] { return counters("blackhole_upstream").fired == 1; }));
  EXPECT_EQ(view().counters.of(Direction::kUpstream).sent_bytes, 1U);
  ASSERT_TRUE(server.update_toxic("p", "blackhole_upstream",
                                  {.toxicity = 0.0F, .attributes = {expr::Table{}, {}}}));
  EXPECT_EQ(upstream.receive_all(1), "b");
}

TEST_F(ProxyServerTest, tells_what_happened_and_forgets_the_oldest) {
  create();
  add("limit_data", "bytes = 0\n");
  {
    auto [client, upstream] = connect();
    upstream.send("x");
    EXPECT_EQ(client.rest(), "");
  }
  remove("limit_data_downstream");
  const auto events = server.events_after(0);
  std::vector<std::string> kinds;
  for (const ProxyEvent& event : events) {
    kinds.emplace_back(to_string(event.kind));
  }
  EXPECT_THAT(kinds, ::testing::ElementsAre("proxy_created", "proxy_enabled", "toxic_added",
                                            "toxic_fired", "toxic_removed"));
  EXPECT_EQ(events[3].toxic, "limit_data_downstream");
  EXPECT_EQ(events[3].ordinal, 0U);
  EXPECT_EQ(server.events_after(events[3].number).size(), 1U);

  EventFeed feed(3);
  for (int i = 0; i < 5; ++i) {
    feed.add({.at = {}, .kind = ProxyEvent::Kind::kDialFailed, .proxy = std::to_string(i)});
  }
  ASSERT_EQ(feed.after(0).size(), 3U);
  EXPECT_EQ(feed.after(0).front().number, 3U);
  EXPECT_EQ(feed.after(4).front().proxy, "4");
}

TEST_F(ProxyServerTest, answers_many_threads_at_once) {
  create();
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t] {
      const std::string name = "t" + std::to_string(t);
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(server.add_toxic("p", {.name = name, .type = "noop"}));
        EXPECT_TRUE(server.find("p"));
        EXPECT_TRUE(server.remove_toxic("p", name));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_TRUE(view().toxics.empty());
}

}  // namespace
}  // namespace squall::faults
