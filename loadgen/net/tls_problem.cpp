#include "loadgen/net/tls_problem.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string_view>
#include <system_error>

#include <fmt/core.h>

namespace squall::net {
namespace {

std::string reason_of(unsigned long error) {
  if (ERR_SYSTEM_ERROR(error)) {
    return std::generic_category().message(ERR_GET_REASON(error));
  }
  const char* const reason = ERR_reason_error_string(error);
  return reason == nullptr ? fmt::format("error {:#x}", error) : std::string(reason);
}

std::string_view remedy(long verified) {
  switch (verified) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return " (name its CA with tls.ca, or write tls.insecure = true; for squall hit: --cacert, "
             "-k)";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return " (the certificate is for another host; name that with tls.server_name)";
    default:
      return "";
  }
}

// What the alerts that people meet most often ask for.
std::string_view remedy_of_alert(int reason, bool by_client) {
  if (by_client) {
    const bool about_certificate = reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA ||
                                   reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE ||
                                   reason == SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN ||
                                   reason == SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED;
    return about_certificate ? " (the client does not trust what it is shown; `squall proxy ca` "
                               "says how it can trust squall's CA)"
                             : "";
  }
  switch (reason) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
      return " (the peer asks who squall is; say so with tls.certificate and tls.key; for squall "
             "hit: "
             "--cert, --key)";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return " (the peer does not take tls.certificate)";
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return " (the peer does not speak the versions from tls.min_version on)";
    default:
      return "";
  }
}

// What a server does not take of a client.
std::string describe_client_hello(int reason, const std::string& words) {
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return fmt::format("the client speaks no version from TLS 1.2 on ({})", words);
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return fmt::format("the client does not offer http/1.1 ({})", words);
    case SSL_R_CALLBACK_FAILED:  // TlsServer's, which looks at the name
      return fmt::format("the client asks for a name that is none ({})", words);
    default:
      return fmt::format("TLS failed: {}", words);
  }
}

}  // namespace

std::string take_tls_error() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  return error == 0 ? "unknown error" : reason_of(error);
}

std::string describe_tls_failure(const SSL* connection) {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  const long verified = SSL_get_verify_result(connection);
  const int reason = ERR_GET_REASON(error);
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
    return fmt::format("certificate verify failed: {}{}", X509_verify_cert_error_string(verified),
                       remedy(verified));
  }
  if (error == 0) {
    return "TLS failed without saying why";
  }
  if (reason >= SSL_AD_REASON_OFFSET) {  // an alert that the peer sent
    return fmt::format("the peer refused: {}{}", reason_of(error),
                       remedy_of_alert(reason, SSL_is_server(connection) == 1));
  }
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
      reason == SSL_R_HTTP_REQUEST) {
    return fmt::format("the peer does not speak TLS ({})", reason_of(error));
  }
  if (SSL_is_server(connection) == 1) {
    return describe_client_hello(reason, reason_of(error));
  }
  if (reason == SSL_R_UNSUPPORTED_PROTOCOL) {
    return "the peer does not speak the versions from tls.min_version on (unsupported protocol)";
  }
  return fmt::format("TLS failed: {}", reason_of(error));
}

}  // namespace squall::net
