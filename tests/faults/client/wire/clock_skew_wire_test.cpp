#include <algorithm>
#include <nlohmann/json.hpp>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"
#include "loadgen/stats/base64.hpp"
#include "tests/faults/client/wire/wire_case.hpp"

namespace squall::faults {
namespace {

using namespace std::chrono_literals;

std::int64_t unix_ms(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

class ClockSkewOnTheWire : public FaultOnTheWire {
 protected:
  // How far the request's clock was off, up to the time that passed while it was made.
  void expect_offset(const std::string& keys, Duration offset_of_arrival, Duration expected) {
    HostileServer server(polite());
    load(server, "kind = 'clock_skew'\n" + keys);
    const std::int64_t before = unix_ms(wall_clock_now());
    run({}, offset_of_arrival);
    const std::int64_t after = unix_ms(wall_clock_now());
    ASSERT_EQ(server.requests(), 1u);
    const std::int64_t sent = std::stoll(header_of(server.request_texts()[0], "X-Now"));
    const std::int64_t skew = expected / 1ms;
    EXPECT_GE(sent, before + skew - 1) << keys;
    EXPECT_LE(sent, after + skew + 1) << keys;
    expect_fired();
  }
};

TEST_F(ClockSkewOnTheWire, MovesTheTimeInsideTheRequest) {
  expect_offset("offset = '-5m'", 0s, -5min);
  expect_offset("offset = '1h'", 3s, 1h);
}

TEST_F(ClockSkewOnTheWire, FollowsItsShapeThroughTheWindow) {
  expect_offset("shape = 'step'\noffset = '1m'\nevery = '2s'\nwindow = ['1s', '9s']", 6s, 3min);
  expect_offset("shape = 'drift'\nrate = '1s/s'\nwindow = ['1s', '9s']", 4s, 3s);
  expect_offset("shape = 'drift'\nrate = '500ppm'\nwindow = ['1s', '9s']", 1s, 0s);
  expect_offset("shape = 'freeze'\nwindow = ['1s', '9s']", 8s, -7s);
}

TEST_F(ClockSkewOnTheWire, AFrozenClockSaysTheSameHoweverLateTheRequestIsMade) {
  HostileServer server(polite());
  load(server, "kind = 'clock_skew'\nshape = 'freeze'\nwindow = ['1s', '9s']");
  const std::int64_t zero = unix_ms(wall_clock_now()) - 8000;
  run({}, 8s, 250ms);
  const std::int64_t late = unix_ms(wall_clock_now()) - 8000;
  ASSERT_EQ(server.requests(), 1u);
  const std::int64_t sent = std::stoll(header_of(server.request_texts()[0], "X-Now"));
  EXPECT_GE(sent, zero - 250 + 1000 - 1);
  EXPECT_LE(sent, late - 250 + 1000 + 1);
}

// What a service would take a request's time from, and what it would check.
struct SignedRequest {
  std::int64_t plain = 0;  // X-Now, in seconds
  std::string signature_time;
  std::string signature;
  nlohmann::json claims;
  std::string token_text;  // that is signed
  std::string token_signature;
  std::string one_time;
  std::string body;
};

std::string from_base64url(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return stats::from_base64(text).value_or("");
}

SignedRequest taken_apart(const std::string& bytes) {
  SignedRequest request;
  request.plain = std::stoll(header_of(bytes, "X-Now"));
  const std::string signature = header_of(bytes, "X-Signature");  // t=…,v1=…
  request.signature_time = signature.substr(2, signature.find(',') - 2);
  request.signature = signature.substr(signature.find(",v1=") + 4);
  const std::string token = header_of(bytes, "Authorization").substr(7);
  const std::size_t dot = token.find('.');
  const std::size_t last = token.rfind('.');
  request.claims =
      nlohmann::json::parse(from_base64url(token.substr(dot + 1, last - dot - 1)), nullptr, false);
  request.token_text = token.substr(0, last);
  request.token_signature = from_base64url(token.substr(last + 1));
  request.one_time = header_of(bytes, "X-Otp");
  request.body = arrived(bytes).body;
  return request;
}

// The one-time password of that second (RFC 6238), from the parts that it is made of.
std::string one_time_password(std::int64_t seconds) {
  std::string counter(8, '\0');
  std::int64_t step = seconds / 30;
  for (auto at = counter.rbegin(); at != counter.rend(); ++at, step >>= 8) {
    *at = static_cast<char>(step & 0xff);
  }
  const Digest code = hmac_of(DigestKind::kSha1, *from_base32("JBSWY3DPEHPK3PXP"), counter);
  const auto byte = [&](std::size_t at) {
    return std::uint32_t{static_cast<unsigned char>(code.bytes()[at])};
  };
  const std::size_t at = byte(19) & 15;
  const std::uint32_t number =
      (byte(at) & 0x7f) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
  return std::to_string(1'000'000 + number % 1'000'000).substr(1);
}

class SignedValues : public FaultOnTheWire {
 protected:
  SignedRequest sent_with(const std::string& fault) {
    HostileServer server(polite());
    load(server, fault,
         R"(X-Now = "{{now}}", )"
         R"(X-Signature = """t={{now | unix}},v1={{hmac "sha256" "whsec" "{{now}}.{{body}}"}}""", )"
         R"(Authorization = """Bearer {{jwt "HS256" "secret" '{"sub": "{{key}}", )"
         R"("iat": {{now}}, "nbf": {{now -30s}}, "exp": {{now +5m}}}'}}""", )"
         R"(X-Otp = "{{totp 'JBSWY3DPEHPK3PXP'}}")");
    run();
    EXPECT_EQ(server.requests(), 1u);
    return server.requests() == 1 ? taken_apart(server.request_texts()[0]) : SignedRequest{};
  }

  // Everything in one request was made at one instant and holds together as a service would check
  // it.
  static void expect_consistent(const SignedRequest& request) {
    EXPECT_EQ(request.signature_time, std::to_string(request.plain));
    std::string expected;
    append_hex(
        hmac_of(DigestKind::kSha256, "whsec", request.signature_time + "." + request.body).bytes(),
        expected);
    EXPECT_EQ(request.signature, expected);
    EXPECT_EQ(request.claims["iat"], request.plain);
    EXPECT_EQ(request.claims["nbf"], request.plain - 30);
    EXPECT_EQ(request.claims["exp"], request.plain + 300);
    EXPECT_EQ(request.token_signature,
              hmac_of(DigestKind::kSha256, "secret", request.token_text).bytes());
    EXPECT_EQ(request.one_time, one_time_password(request.plain));
  }
};

TEST_F(SignedValues, MoveByExactlyTheOffset) {
  for (const auto& [offset, seconds] : {std::pair{"-5m", -300}, std::pair{"1h", 3600}}) {
    const std::int64_t before = unix_ms(wall_clock_now()) / 1000;
    const SignedRequest request =
        sent_with("kind = 'clock_skew'\noffset = '" + std::string(offset) + "'");
    const std::int64_t after = unix_ms(wall_clock_now()) / 1000;
    EXPECT_GE(request.plain, before + seconds);
    EXPECT_LE(request.plain, after + seconds);
    expect_consistent(request);
    expect_fired();
  }
}

TEST_F(SignedValues, StandStillTogether) {
  const SignedRequest request =
      sent_with("kind = 'clock_skew'\nshape = 'freeze'\nwindow = ['0s', '9s']");
  expect_consistent(request);
  expect_fired();
}

// A step that shows its time in a one-time password alone shows it.
TEST_F(SignedValues, ReachAStepThatShowsItsTimeInAFunctionOnly) {
  HostileServer server(polite());
  load(server, "kind = 'clock_skew'\noffset = '-5m'", R"(X-Otp = "{{totp 'JBSWY3DPEHPK3PXP'}}")");
  const std::int64_t before = unix_ms(wall_clock_now()) / 1000;
  run();
  const std::int64_t after = unix_ms(wall_clock_now()) / 1000;
  const std::string sent = header_of(server.request_texts()[0], "X-Otp");
  EXPECT_TRUE(sent == one_time_password(before - 300) || sent == one_time_password(after - 300));
}

}  // namespace
}  // namespace squall::faults
