// What the tests of the native engine over TLS share.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/loadgen/engine/native/native_rig.hpp"
#include "tests/support/files.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/tls/identity.hpp"

namespace squall::engine::test {

// An authority and a server's certificate that it vouches for.
class NativeTls : public testing::Test {
 protected:
  [[nodiscard]] squall::test::TlsServerOptions server_options() const {
    return {.identity = identity_};
  }
  // One target behind TLS on that port, which trusts the authority.
  [[nodiscard]] model::Plan tls_plan(std::uint16_t port) const {
    return tls_plan(port, {.ca_file = ca_file_});
  }
  [[nodiscard]] static model::Plan tls_plan(std::uint16_t port, const TlsSettings& tls) {
    model::Plan plan = plan_for({port});
    plan.targets[0].replicas[0].scheme = "https";
    plan.targets[0].tls = tls;
    return plan;
  }

  squall::test::TestDirectory directory_;
  squall::test::Identity authority_ = squall::test::make_authority({.name = "squall test CA"});
  squall::test::Identity identity_ = authority_.issue({});
  std::string ca_file_ = directory_.write("ca.pem", authority_.certificate_pem);
};

}  // namespace squall::engine::test
