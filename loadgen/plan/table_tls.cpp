// [target.tls]
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/pem_file.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/stats/base64.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::string_view kPinExample = "\"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"";

bool is_pinned_key(std::string_view pins) {
  constexpr std::string_view kScheme = "sha256//";
  constexpr std::size_t kSha256Bytes = 32;
  const auto all = split(pins, ';');
  return std::all_of(all.begin(), all.end(), [kScheme](std::string_view pin) {
    const auto digest =
        pin.starts_with(kScheme) ? stats::from_base64(pin.substr(kScheme.size())) : std::nullopt;
    return digest && digest->size() == kSha256Bytes;
  });
}

void check_pin(expr::TableReader& reader, const std::string& pins) {
  if (reader.has("pinned_key") && !is_pinned_key(pins)) {
    reader.error("pinned_key",
                 fmt::format("\"{}\" is not the SHA-256 of a public key in base64; write for "
                             "example {}, or several with ';' between them",
                             printable(pins), kPinExample));
  }
}

void check_server_name(expr::TableReader& reader, const std::string& name) {
  if (!reader.has("server_name")) {
    return;
  }
  const auto endpoint = model::parse_endpoint("https://" + model::with_brackets(name));
  if (!endpoint || endpoint->host != to_lower(name)) {
    reader.error("server_name",
                 fmt::format("\"{}\" is not the name of a host; write for example \"shop.example\"",
                             printable(name)));
  }
}

void check_together(expr::TableReader& reader, const TlsSettings& tls) {
  if (reader.has("certificate") != reader.has("key")) {
    reader.error(reader.has("key") ? "key" : "certificate",
                 "`certificate` and `key` go together: a certificate without its key proves "
                 "nothing, and a key alone tells nobody who it is");
  }
  if (tls.insecure && reader.has("ca")) {
    reader.error("insecure",
                 "`insecure` checks no certificate, so `ca` would do nothing: give one of them");
  }
}

}  // namespace

const expr::TableSpec& tls_spec() {
  static const expr::TableSpec spec{
      .name = "target.tls",
      .help =
          "How to speak TLS with an https target. Without it certificates are checked against "
          "those whom the system trusts. Files are relative to the plan's folder.",
      .keys = {
          {.name = "ca",
           .type = ValueType::kString,
           .help = "File (PEM) with the certificates of who may vouch for the target, instead of "
                   "the system's.",
           .example = "\"staging-ca.pem\""},
          {.name = "pinned_key",
           .type = ValueType::kString,
           .help = "The target's public key must be this, beside the check of its certificate: "
                   "`sha256//` and the base64 of the key's digest, as curl's `--pinnedpubkey` "
                   "takes it; several with `;` between them.",
           .example = std::string(kPinExample)},
          {.name = "certificate",
           .type = ValueType::kString,
           .help = "File (PEM) with the certificate, and its chain, that says who squall is "
                   "(mTLS).",
           .example = "\"client.pem\""},
          {.name = "key",
           .type = ValueType::kString,
           .help = "File (PEM) with the private key of `certificate`, not encrypted.",
           .example = "\"client-key.pem\""},
          {.name = "server_name",
           .type = ValueType::kString,
           .help = "Name that is asked for (SNI) and that the certificate must have; by default "
                   "the URL's host.",
           .example = "\"shop.example\""},
          {.name = "min_version",
           .type = ValueType::kString,
           .help = "Lowest version of TLS that is spoken.",
           .default_value = std::string(to_string(TlsVersion::k12)),
           .choices = {std::string(to_string(TlsVersion::k12)),
                       std::string(to_string(TlsVersion::k13))}},
          {.name = "resumption",
           .type = ValueType::kBoolean,
           .help = "A new connection goes on with an earlier one's session where the target "
                   "allows it; `false` makes each handshake a whole one.",
           .default_value = "true"},
          {.name = "insecure",
           .type = ValueType::kBoolean,
           .help = "Accepts any certificate: whoever sits between squall and the target can read "
                   "and change everything. The report says so.",
           .default_value = "false"},
      }};
  return spec;
}

TlsSettings read_tls(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, tls_spec(), build.scope, build.diagnostics);
  TlsSettings tls;
  tls.ca_file = read_pem_file(reader, "ca", "CERTIFICATE");
  tls.pinned_key = reader.string("pinned_key");
  check_pin(reader, tls.pinned_key);
  tls.certificate_file = read_pem_file(reader, "certificate", "CERTIFICATE");
  tls.key_file = read_pem_file(reader, "key", "PRIVATE KEY");
  tls.server_name = to_lower(reader.string("server_name"));
  check_server_name(reader, tls.server_name);
  tls.min_version = reader.string("min_version") == to_string(TlsVersion::k13) ? TlsVersion::k13
                                                                               : TlsVersion::k12;
  tls.resumption = reader.boolean("resumption");
  tls.insecure = reader.boolean("insecure");
  check_together(reader, tls);
  return tls;
}

}  // namespace squall::plan
