// A proxy server in front of a server of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "faults/proxy/proxy_server.hpp"
#include "tests/faults/proxy/chain_case.hpp"
#include "tests/faults/proxy/socket.hpp"
#include "tests/support/eventually.hpp"

namespace squall::faults {

class ProxyCase : public ::testing::Test {
 protected:
  struct Pair {
    test::Socket client;
    test::Socket server;
  };

  // A proxy "p" on a free port in front of `backend`.
  ProxyView create(Ends ends = Ends::kCloseBoth) {
    auto made = server.create(
        {.name = "p", .listen = "localhost:0", .upstream = backend.address(), .ends = ends});
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    port = port_of(made->settings.listen);
    return *made;
  }
  // Both ends of a new link.
  Pair connect() {
    Pair both;
    both.client = test::Socket::connect(port);
    both.server = backend.accept();
    return both;
  }
  ToxicView add(std::string_view type, std::string_view toml,
                Direction direction = Direction::kDownstream, float toxicity = 1) {
    auto added = server.add_toxic("p", {.name = "",
                                        .type = std::string(type),
                                        .direction = direction,
                                        .toxicity = toxicity,
                                        .attributes = *expr::parse_toml(toml, "test.toml")});
    EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().message);
    return *added;
  }
  void remove(const std::string& toxic) { EXPECT_TRUE(server.remove_toxic("p", toxic)) << toxic; }
  [[nodiscard]] ProxyView view() const { return server.find("p").value(); }
  [[nodiscard]] ToxicCounters counters(std::string_view toxic) const {
    for (const ToxicView& one : view().toxics) {
      if (one.name == toxic) {
        return one.counters;
      }
    }
    ADD_FAILURE() << "no toxic " << toxic;
    return {};
  }
  [[nodiscard]] bool links_become(std::uint64_t count) const {
    return test::eventually([&] { return view().open_links == count; });
  }

  static std::uint16_t port_of(std::string_view address) {
    const std::string_view digits = address.substr(address.rfind(':') + 1);
    std::uint16_t result = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), result);
    return result;
  }

  test::Acceptor backend;
  ProxyServer server{all_toxics(), {.seed = 1}};
  std::uint16_t port = 0;
};

}  // namespace squall::faults
