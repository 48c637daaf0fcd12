// TLS on either side of a proxy, on real sockets: who trusts whom, what passes, how it ends.
#include <gmock/gmock.h>

#include <thread>

#include "loadgen/base/rng.hpp"
#include "loadgen/net/certificate_authority.hpp"
#include "tests/faults/proxy/proxy_case.hpp"
#include "tests/faults/proxy/tls_socket.hpp"
#include "tests/support/files.hpp"
#include "tests/tls/identity.hpp"
#include "tests/tls/tls_end.hpp"

namespace squall::faults {
namespace {

using test::CertificateSpec;
using test::TlsSocket;
using testing::HasSubstr;
using End = TlsSocket::End;

std::string noise(std::size_t count, std::uint64_t index) {
  Rng rng(StreamId(5, "tls", "bytes", index));
  std::string result;
  while (result.size() < count) {
    result.push_back(static_cast<char>(rng.next_bits()));
  }
  return result;
}

class TlsProxyTest : public ProxyCase {
 protected:
  TlsProxyTest() {
    EXPECT_TRUE(net::CertificateAuthority::create(ca_directory()));
    trust(squall_ca());
    serve(authority.issue({.hosts = {"127.0.0.1", "localhost", "db.example"}}));
  }

  [[nodiscard]] std::string ca_directory() const { return files.path(); }
  [[nodiscard]] std::string squall_ca() const {
    return net::CertificateAuthority::certificate_file(ca_directory());
  }
  [[nodiscard]] std::string backend_ca() const {
    return files.write("backend-ca.pem", authority.certificate_pem);
  }
  // What the next client trusts: a PEM file.
  void trust(const std::string& file) {
    client_context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(client_context.get(), SSL_VERIFY_PEER, nullptr);
    EXPECT_EQ(SSL_CTX_load_verify_file(client_context.get(), file.c_str()), 1) << file;
  }
  void serve(const test::Identity& identity) {
    server_context =
        std::make_unique<test::TlsServerContext>(test::TlsServerOptions{.identity = identity});
  }

  [[nodiscard]] ProxyTlsSettings terminated() const {
    return {.terminate = true, .ca_directory = ca_directory()};
  }
  [[nodiscard]] std::string tls_upstream(const std::string& host = "127.0.0.1") const {
    return "https://" + host + ":" + std::to_string(backend.port());
  }
  void make(const std::string& upstream, const ProxyTlsSettings& tls, Ends ends = Ends::kKept) {
    const auto made = server.create(
        {.name = "p", .listen = "127.0.0.1:0", .upstream = upstream, .ends = ends, .tls = tls});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    port = port_of(made->settings.listen);
  }
  // kBadTls and its words.
  std::string refusal(const std::string& upstream, const ProxyTlsSettings& tls) {
    const auto made =
        server.create({.name = "bad", .listen = "127.0.0.1:0", .upstream = upstream, .tls = tls});
    EXPECT_FALSE(made.has_value());
    EXPECT_TRUE(made || made.error().kind == ProxyError::Kind::kBadTls);
    return made ? "" : made.error().message;
  }
  TlsSocket client() { return {test::Socket::connect(port), client_context.get()}; }
  TlsSocket accept() { return {backend.accept(), server_context->raw()}; }
  // Detail of the one event about TLS, once it is there.
  std::string tls_problem() {
    std::string detail;
    EXPECT_TRUE(test::eventually([&] {
      for (const ProxyEvent& event : server.events_after(0)) {
        if (event.kind == ProxyEvent::Kind::kTlsFailed) {
          detail = event.detail;
        }
      }
      return !detail.empty();
    }));
    EXPECT_EQ(view().counters.tls_failures, 1U);
    EXPECT_TRUE(links_become(0));
    return detail;
  }
  // A plain client of a proxy to an upstream whose identity it should not take.
  std::string upstream_refused(const std::string& upstream, const ProxyTlsSettings& tls) {
    make(upstream, tls);
    test::Socket plain = test::Socket::connect(port);
    TlsSocket end = accept();
    EXPECT_FALSE(end.accept() && !end.receive_all(1).empty());
    EXPECT_EQ(plain.rest(), "");
    return tls_problem();
  }

  test::TestDirectory files = {};
  test::Identity authority = test::make_authority({.name = "backend CA"});
  test::SslContextPtr client_context;
  std::unique_ptr<test::TlsServerContext> server_context;
};

TEST_F(TlsProxyTest, terminates_with_a_certificate_for_the_name_that_is_asked_for) {
  make(backend.address(), terminated());
  for (const std::string name :
       {"shop.example", "other.example", "localhost", "SHOP.example", ""}) {
    TlsSocket tls = client();
    ASSERT_TRUE(tls.connect(name)) << name << ": " << view().counters.tls_failures;
    test::Socket plain = backend.accept();
    ASSERT_TRUE(tls.send("question"));
    EXPECT_EQ(plain.receive_all(8), "question");
    plain.send("answer");
    EXPECT_EQ(tls.receive_all(6), "answer");
  }
  const ProxyCounters counters = view().counters;
  EXPECT_EQ(counters.of(Direction::kUpstream).received_bytes, 5U * 8);
  EXPECT_EQ(counters.of(Direction::kDownstream).sent_bytes, 5U * 6);
  EXPECT_EQ(counters.tls_failures, 0U);
}

TEST_F(TlsProxyTest, terminates_with_a_given_certificate) {
  const test::Identity given = authority.issue({.hosts = {"given.example"}});
  make(backend.address(), {.terminate = true,
                           .certificate_file = files.write("c.pem", given.certificate_pem),
                           .key_file = files.write("k.pem", given.key_pem)});
  trust(backend_ca());
  TlsSocket tls = client();
  EXPECT_TRUE(tls.connect("given.example"));
}

TEST_F(TlsProxyTest, a_session_goes_on_on_the_next_connection) {
  make(backend.address(), terminated());
  TlsSocket first = client();
  ASSERT_TRUE(first.connect("shop.example"));
  test::Socket plain = backend.accept();
  plain.send("x");
  ASSERT_EQ(first.receive_all(1), "x");  // behind the tickets
  const std::unique_ptr<SSL_SESSION, test::FreeSsl> session(SSL_get1_session(first.ssl()));
  TlsSocket second = client();
  SSL_set_session(second.ssl(), session.get());
  ASSERT_TRUE(second.connect("shop.example"));
  EXPECT_EQ(SSL_session_reused(second.ssl()), 1);
}

TEST_F(TlsProxyTest, originates_to_an_https_upstream_that_it_checks) {
  make(tls_upstream("localhost"), {.ca_file = backend_ca()});
  test::Socket plain = test::Socket::connect(port);
  TlsSocket end = accept();
  ASSERT_TRUE(end.accept());
  EXPECT_STREQ(SSL_get_servername(end.ssl(), TLSEXT_NAMETYPE_host_name), "localhost");
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(end.ssl(), &protocol, &length);
  EXPECT_EQ(length, 0U);  // bytes of any protocol pass
  plain.send("question");
  EXPECT_EQ(end.receive_all(8), "question");
  ASSERT_TRUE(end.send("answer"));
  EXPECT_EQ(plain.receive_all(6), "answer");
}

TEST_F(TlsProxyTest, passes_through_what_it_was_not_told_to_open) {
  make(backend.address(), {});
  trust(backend_ca());
  TlsSocket tls = client();
  TlsSocket end = accept();
  std::thread serving([&] {
    EXPECT_TRUE(end.accept());
    EXPECT_TRUE(end.send("answer"));
  });
  ASSERT_TRUE(tls.connect("db.example"));
  EXPECT_EQ(tls.receive_all(6), "answer");
  serving.join();
  EXPECT_GT(view().counters.of(Direction::kDownstream).received_bytes, 500U);  // the handshake, too
}

TEST_F(TlsProxyTest, does_not_take_an_upstream_of_another_authority) {
  EXPECT_THAT(upstream_refused(tls_upstream(), {.ca_file = squall_ca()}),
              testing::AllOf(HasSubstr("tls upstream 127.0.0.1:"),
                             HasSubstr("certificate verify failed"), HasSubstr("tls.ca")));
}

TEST_F(TlsProxyTest, does_not_take_an_expired_upstream) {
  serve(authority.issue({.from = -std::chrono::hours(48), .to = -std::chrono::hours(24)}));
  EXPECT_THAT(upstream_refused(tls_upstream(), {.ca_file = backend_ca()}), HasSubstr("expired"));
}

TEST_F(TlsProxyTest, does_not_take_an_upstream_of_another_name) {
  EXPECT_THAT(
      upstream_refused(tls_upstream(), {.ca_file = backend_ca(), .server_name = "shop.example"}),
      testing::AllOf(HasSubstr("ostname mismatch"), HasSubstr("tls.server_name")));
}

TEST_F(TlsProxyTest, checks_nothing_when_that_is_written) {
  serve(test::make_self_signed({.hosts = {"nobody.example"}}));
  make(tls_upstream(), {.insecure = true});
  test::Socket plain = test::Socket::connect(port);
  TlsSocket end = accept();
  ASSERT_TRUE(end.accept());
  plain.send("x");
  EXPECT_EQ(end.receive_all(1), "x");
}

TEST_F(TlsProxyTest, says_that_an_upstream_does_not_speak_tls) {
  make(tls_upstream(), {.insecure = true});
  test::Socket plain = test::Socket::connect(port);
  test::Socket end = backend.accept();
  end.send("220 mail.example ESMTP\r\n");
  EXPECT_EQ(plain.rest(), "");
  EXPECT_THAT(tls_problem(), HasSubstr("does not speak TLS"));
}

TEST_F(TlsProxyTest, says_that_a_client_does_not_trust_it) {
  make(backend.address(), terminated());
  trust(backend_ca());
  TlsSocket tls = client();
  EXPECT_FALSE(tls.connect("shop.example"));
  EXPECT_THAT(tls_problem(), testing::AllOf(HasSubstr("tls client: the peer refused"),
                                            HasSubstr("squall proxy ca")));
}

TEST_F(TlsProxyTest, says_that_a_client_does_not_speak_tls) {
  make(backend.address(), terminated());
  test::Socket plain = test::Socket::connect(port);
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  plain.rest();
  EXPECT_THAT(tls_problem(), HasSubstr("tls client: the peer does not speak TLS"));
}

TEST_F(TlsProxyTest, says_that_a_client_asks_for_a_name_that_is_none) {
  make(backend.address(), terminated());
  TlsSocket tls = client();
  EXPECT_FALSE(tls.connect("a.example,DNS:b.example"));
  EXPECT_THAT(tls_problem(), HasSubstr("name that is none"));
}

TEST_F(TlsProxyTest, a_client_that_never_shakes_hands_has_no_link_for_ever) {
  ProxyServer impatient{all_toxics(),
                        {.seed = 1, .handshake_limit = std::chrono::milliseconds(20)}};
  const auto made = impatient.create(
      {.name = "p", .listen = "127.0.0.1:0", .upstream = backend.address(), .tls = terminated()});
  ASSERT_TRUE(made.has_value());
  test::Socket silent = test::Socket::connect(port_of(made->settings.listen));
  EXPECT_EQ(silent.rest(), "");
  EXPECT_EQ(impatient.find("p")->counters.tls_failures, 1U);
  EXPECT_THAT(impatient.events_after(0).back().detail, HasSubstr("within 0.02 s"));
}

TEST_F(TlsProxyTest, an_end_that_was_said_is_one_on_the_other_side_half_closed_too) {
  make(tls_upstream(),
       {.ca_file = backend_ca(), .terminate = true, .ca_directory = ca_directory()});
  TlsSocket tls = client();
  TlsSocket end = accept();
  std::thread serving([&] { ASSERT_TRUE(end.accept()); });
  ASSERT_TRUE(tls.connect("shop.example"));
  serving.join();
  ASSERT_TRUE(tls.send("question"));
  tls.notify();
  tls.socket().shutdown_write();
  EXPECT_EQ(end.rest(), "question");
  EXPECT_EQ(end.end(), End::kNotified);
  ASSERT_TRUE(end.send("answer"));  // the other direction goes on
  EXPECT_EQ(tls.receive_all(6), "answer");
  end.notify();
  end.socket().close();
  EXPECT_EQ(tls.rest(), "");
  EXPECT_EQ(tls.end(), End::kNotified);
  EXPECT_EQ(view().counters.tls_truncated, 0U);
  EXPECT_TRUE(links_become(0));
}

TEST_F(TlsProxyTest, an_end_that_was_cut_stays_one) {
  make(tls_upstream(),
       {.ca_file = backend_ca(), .terminate = true, .ca_directory = ca_directory()});
  TlsSocket tls = client();
  TlsSocket end = accept();
  std::thread serving([&] { ASSERT_TRUE(end.accept()); });
  ASSERT_TRUE(tls.connect("shop.example"));
  serving.join();
  ASSERT_TRUE(end.send("half of the ans"));
  end.socket().shutdown_write();
  EXPECT_EQ(tls.rest(), "half of the ans");
  EXPECT_EQ(tls.end(), End::kCut);
  EXPECT_EQ(view().counters.tls_truncated, 1U);
}

TEST_F(TlsProxyTest, a_plain_end_is_said_to_a_side_with_tls) {
  make(backend.address(), terminated(), Ends::kCloseBoth);
  TlsSocket tls = client();
  ASSERT_TRUE(tls.connect());
  test::Socket plain = backend.accept();
  plain.send("answer");
  plain.close();
  EXPECT_EQ(tls.rest(), "answer");
  EXPECT_EQ(tls.end(), End::kNotified);
  EXPECT_TRUE(links_become(0));
}

TEST_F(TlsProxyTest, a_reset_stays_a_reset) {
  make(tls_upstream(),
       {.ca_file = backend_ca(), .terminate = true, .ca_directory = ca_directory()});
  TlsSocket tls = client();
  TlsSocket end = accept();
  std::thread serving([&] { ASSERT_TRUE(end.accept()); });
  ASSERT_TRUE(tls.connect("shop.example"));
  serving.join();
  ASSERT_TRUE(tls.send("x"));
  EXPECT_EQ(end.receive_all(1), "x");  // the proxy is done with both handshakes
  tls.socket().reset();
  EXPECT_EQ(end.rest(), "");
  EXPECT_EQ(end.end(), End::kReset);
  EXPECT_TRUE(links_become(0));
}

// What waits for a side whose TLS has broken has nowhere to go, and the proxy lives on.
TEST_F(TlsProxyTest, nothing_is_written_to_a_side_that_speaks_tls_no_more) {
  make(backend.address(), terminated(), Ends::kCloseBoth);
  add("blackhole", "");
  TlsSocket tls = client();
  ASSERT_TRUE(tls.connect());
  test::Socket plain = backend.accept();
  plain.send("answer");
  ASSERT_TRUE(test::eventually(
      [&] { return view().counters.of(Direction::kDownstream).received_bytes == 6; }));
  tls.socket().send("this is no record of TLS");
  ASSERT_TRUE(test::eventually([&] { return view().counters.tls_failures == 1; }));
  EXPECT_EQ(plain.rest(), "");
  remove("blackhole_downstream");  // what it holds flows on
  EXPECT_TRUE(links_become(0));
  EXPECT_EQ(view().counters.of(Direction::kDownstream).sent_bytes, 0U);
}

TEST_F(TlsProxyTest, toxics_work_on_plaintext) {
  make(tls_upstream(),
       {.ca_file = backend_ca(), .terminate = true, .ca_directory = ca_directory()});
  add("limit_data", "bytes = 5");
  TlsSocket tls = client();
  TlsSocket end = accept();
  std::thread serving([&] {
    ASSERT_TRUE(end.accept());
    end.send("0123456789");
  });
  ASSERT_TRUE(tls.connect("shop.example"));
  EXPECT_EQ(tls.rest(), "01234");
  EXPECT_EQ(tls.end(), End::kNotified);
  serving.join();
}

TEST_F(TlsProxyTest, a_toxic_resets_both_sides) {
  make(tls_upstream(),
       {.ca_file = backend_ca(), .terminate = true, .ca_directory = ca_directory()});
  TlsSocket tls = client();
  TlsSocket end = accept();
  std::thread serving([&] {
    ASSERT_TRUE(end.accept());
    EXPECT_EQ(end.receive_all(1), "x");
  });
  ASSERT_TRUE(tls.connect("shop.example"));
  ASSERT_TRUE(tls.send("x"));
  serving.join();  // only now is the server done with its part of the handshake
  add("reset_peer", "timeout = 0", Direction::kUpstream);
  ASSERT_TRUE(tls.send("y"));
  EXPECT_EQ(tls.rest(), "");
  EXPECT_EQ(tls.end(), End::kReset);
  EXPECT_EQ(end.rest(), "");
  EXPECT_EQ(end.end(), End::kReset);
}

// In pieces of all sizes, through toxics that cut them anew.
TEST_F(TlsProxyTest, a_megabyte_each_way_in_random_pieces_arrives_as_it_was) {
  make(tls_upstream(),
       {.ca_file = backend_ca(), .terminate = true, .ca_directory = ca_directory()});
  for (const Direction direction : {Direction::kUpstream, Direction::kDownstream}) {
    add("slicer", "average_size = 3000\nsize_variation = 2000", direction);
    add("latency", "latency = 1", direction);
    add("bandwidth", "rate = 50000", direction);
  }
  constexpr std::size_t kBytes = 1024UL * 1024;
  const std::string question = noise(kBytes, 1);
  const std::string answer = noise(kBytes, 2);
  TlsSocket tls = client();
  TlsSocket end = accept();
  const auto in_pieces = [](TlsSocket& to, std::string_view bytes, std::uint64_t index) {
    Rng rng(StreamId(5, "tls", "pieces", index));
    while (!bytes.empty()) {
      const std::string_view piece =
          bytes.substr(0, 1 + rng.next_bits() % (rng.next_bits() % 4 == 0 ? 40'000 : 300));
      ASSERT_TRUE(to.send(piece));
      bytes.remove_prefix(piece.size());
    }
  };
  std::string asked;
  std::thread serving([&] {
    ASSERT_TRUE(end.accept());
    asked = end.receive_all(kBytes);
    in_pieces(end, answer, 1);
  });
  ASSERT_TRUE(tls.connect("shop.example"));
  in_pieces(tls, question, 2);
  const std::string answered = tls.receive_all(kBytes);
  serving.join();
  EXPECT_TRUE(asked == question);
  EXPECT_TRUE(answered == answer);
  const ProxyCounters counters = view().counters;
  EXPECT_EQ(counters.of(Direction::kUpstream).sent_bytes, kBytes);
  EXPECT_EQ(counters.of(Direction::kDownstream).sent_bytes, kBytes);
}

TEST_F(TlsProxyTest, key_updates_without_end_are_dealt_with) {
  make(backend.address(), terminated());
  TlsSocket tls = client();
  ASSERT_TRUE(tls.connect("shop.example"));
  test::Socket plain = backend.accept();
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(SSL_key_update(tls.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(SSL_do_handshake(tls.ssl()), 1) << i;
  }
  ASSERT_TRUE(tls.send("question"));
  EXPECT_EQ(plain.receive_all(8), "question");
  plain.send("answer");
  EXPECT_EQ(tls.receive_all(6), "answer");
}

TEST_F(TlsProxyTest, keys_that_have_no_meaning_are_refused) {
  EXPECT_THAT(refusal(backend.address(), {.ca_file = "ca.pem"}),
              testing::AllOf(HasSubstr("tls.ca "), HasSubstr("https://")));
  EXPECT_THAT(refusal(backend.address(), {.server_name = "a"}), HasSubstr("tls.server_name"));
  EXPECT_THAT(refusal(backend.address(), {.insecure = true}), HasSubstr("tls.insecure"));
  EXPECT_THAT(refusal(backend.address(), {.certificate_file = "c.pem"}),
              testing::AllOf(HasSubstr("tls.certificate"), HasSubstr("terminate = true")));
  EXPECT_THAT(refusal(backend.address(), {.terminate = true, .key_file = "k.pem"}),
              testing::AllOf(HasSubstr("tls.key"), HasSubstr("tls.certificate")));
  EXPECT_THAT(refusal(tls_upstream(), {.ca_file = files / "none.pem"}),
              testing::AllOf(HasSubstr("tls.ca "), HasSubstr("none.pem")));
  EXPECT_THAT(refusal(backend.address(), {.terminate = true, .ca_directory = files / "none"}),
              testing::AllOf(HasSubstr("tls.terminate"), HasSubstr("squall proxy ca")));
}

TEST_F(TlsProxyTest, an_update_or_a_put_of_tls_alone_changes_it) {
  make(backend.address(), {});
  const std::string listen = view().settings.listen;
  ASSERT_TRUE(
      server.update("p", {.listen = {}, .upstream = {}, .enabled = {}, .tls = terminated()}));
  EXPECT_EQ(view().settings.listen, listen);
  EXPECT_TRUE(view().settings.tls.terminate);
  TlsSocket tls = client();
  EXPECT_TRUE(tls.connect("shop.example"));
  ASSERT_TRUE(server.put({.name = "p", .listen = listen, .upstream = backend.address()}));
  EXPECT_FALSE(view().settings.tls.terminate);
  const auto bad = server.update("p", {.listen = {},
                                       .upstream = tls_upstream(),
                                       .enabled = {},
                                       .tls = ProxyTlsSettings{.ca_file = files / "none.pem"}});
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().kind, ProxyError::Kind::kBadTls);
  EXPECT_EQ(view().settings.upstream, backend.address());
}

}  // namespace
}  // namespace squall::faults
