#include "loadgen/model/plan.hpp"

#include <gtest/gtest.h>

namespace squall::model {
namespace {

TEST(TlsFor, IsTheTargetsOnesForItsOwnHostAndPortAlone) {
  Plan plan;
  Target open;
  open.replicas = {*parse_endpoint("http://shop.example:443")};
  Target shop;
  shop.replicas = {*parse_endpoint("https://shop.example"),
                   *parse_endpoint("https://shop.example:8443")};
  shop.tls.emplace();
  shop.tls->insecure = true;
  plan.targets = {open, shop};
  const std::vector<TlsPeer> peers = plan.tls_peers();
  ASSERT_EQ(peers.size(), 2U);
  EXPECT_TRUE(tls_for(peers, "shop.example", 443).insecure);
  EXPECT_TRUE(tls_for(peers, "shop.example", 8443).insecure);
  EXPECT_FALSE(tls_for(peers, "shop.example", 444).insecure);
  EXPECT_FALSE(tls_for(peers, "other.example", 443).insecure);
}

}  // namespace
}  // namespace squall::model
