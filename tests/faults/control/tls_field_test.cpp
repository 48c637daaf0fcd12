// TLS of a proxy through the control API: read, shown, and read again.
#include <gtest/gtest.h>

#include <string>

#include "faults/control/request_body.hpp"
#include "faults/control/view_json.hpp"

namespace squall::faults {
namespace {

std::string problem_of_tls(const std::string& tls) {
  const auto body = decode_proxy_update(R"({"tls":)" + tls + "}");
  return body ? "none" : body.error().message;
}

TEST(TlsField, is_read_shown_and_read_again) {
  const std::string tls = R"({"ca":"ca.pem","server_name":"db","insecure":true,"terminate":true,)"
                          R"("certificate":"c.pem","key":"k.pem","ca_directory":"/ca"})";
  const auto body = decode_proxy(R"({"name":"p","upstream":"https://db:1","tls":)" + tls + "}");
  ASSERT_TRUE(body.has_value()) << body.error().message;
  const ProxyView view{.settings = settings_of(*body)};
  EXPECT_EQ(view.settings.tls.ca_file, "ca.pem");
  EXPECT_EQ(view.settings.tls.server_name, "db");
  EXPECT_TRUE(view.settings.tls.insecure);
  EXPECT_TRUE(view.settings.tls.terminate);
  EXPECT_EQ(view.settings.tls.certificate_file, "c.pem");
  EXPECT_EQ(view.settings.tls.key_file, "k.pem");
  EXPECT_EQ(view.settings.tls.ca_directory, "/ca");
  std::string shown;
  append_proxy(view, shown);
  EXPECT_NE(shown.find(R"("tls":)" + tls), std::string::npos) << shown;
  EXPECT_EQ(settings_of(*decode_proxy(shown)).tls, view.settings.tls);
}

TEST(TlsField, is_not_shown_where_there_is_none) {
  std::string shown;
  append_proxy(ProxyView{}, shown);
  EXPECT_EQ(shown.find("tls"), std::string::npos) << shown;
}

TEST(TlsField, null_leaves_it_and_an_empty_object_takes_it_back) {
  EXPECT_FALSE(decode_proxy_update(R"({"tls":null})")->changes.tls.has_value());
  EXPECT_EQ(decode_proxy_update(R"({"tls":{}})")->changes.tls, ProxyTlsSettings{});
}

TEST(TlsField, what_is_wrong_is_refused) {
  EXPECT_EQ(problem_of_tls("true"), "bad request body: tls: expected an object, not a boolean");
  EXPECT_EQ(problem_of_tls(R"({"ca":1})"),
            "bad request body: tls.ca: expected a string, not a number");
  EXPECT_EQ(problem_of_tls(R"({"insecure":"no"})"),
            "bad request body: tls.insecure: expected true or false, not a string");
  EXPECT_EQ(problem_of_tls(R"({"insecur":true})"),
            "bad request body: tls.insecur: there is ca, server_name, insecure, terminate, "
            "certificate, key, ca_directory");
}

}  // namespace
}  // namespace squall::faults
