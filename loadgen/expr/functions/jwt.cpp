// {{jwt "HS256" "secret" '{"sub": "{{users.id}}", "exp": {{now +5m}}}'}}: RFC 7519.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/json_text.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

enum class Family { kHmac, kRsa, kEc };
struct Algorithm {
  std::string_view name;
  Family family;
  DigestKind digest;
};
// RFC 7518 §3.1.
constexpr std::array kAlgorithms{
    Algorithm{"HS256", Family::kHmac, DigestKind::kSha256},
    Algorithm{"HS384", Family::kHmac, DigestKind::kSha384},
    Algorithm{"HS512", Family::kHmac, DigestKind::kSha512},
    Algorithm{"RS256", Family::kRsa, DigestKind::kSha256},
    Algorithm{"RS384", Family::kRsa, DigestKind::kSha384},
    Algorithm{"RS512", Family::kRsa, DigestKind::kSha512},
    Algorithm{"ES256", Family::kEc, DigestKind::kSha256},
};

class Jwt final : public TemplateCall {
 public:
  struct Parts {
    Algorithm algorithm;
    std::string header;  // encoded, with the dot behind it
    Template secret;     // of an HMAC
    std::optional<SigningKey> key;
    Template claims;
  };
  explicit Jwt(Parts parts) : parts_(std::move(parts)) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    std::string claims;
    parts_.claims.render(context, place, claims);
    std::string signed_text = parts_.header;
    append_base64(claims, Base64::kUrl, signed_text);
    out.append(signed_text);
    out += '.';
    append_base64(signature(context, place, signed_text), Base64::kUrl, out);
  }

 private:
  [[nodiscard]] std::string signature(const RenderContext& context, std::uint64_t place,
                                      std::string_view text) const {
    std::string made;
    switch (parts_.algorithm.family) {
      case Family::kHmac: {
        std::string secret;
        parts_.secret.render(context, place, secret);
        made = hmac_of(parts_.algorithm.digest, secret, text).bytes();
        break;
      }
      case Family::kRsa:
        parts_.key->append_rsa_signature(parts_.algorithm.digest, text, made);
        break;
      case Family::kEc:
        parts_.key->append_es256_signature(text, made);
        break;
    }
    return made;
  }

  Parts parts_;
};

Result<Algorithm> read_algorithm(const CallArguments& arguments) {
  const auto name = arguments.literal(0);
  if (!name) {
    return fail(name.error());
  }
  const auto found = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                  [&](const Algorithm& one) { return one.name == *name; });
  if (found != kAlgorithms.end()) {
    return *found;
  }
  std::vector<std::string_view> known;
  std::transform(kAlgorithms.begin(), kAlgorithms.end(), std::back_inserter(known),
                 [](const Algorithm& one) { return one.name; });
  return arguments.wrong(0, fmt::format("there is no algorithm \"{}\"; write {}",
                                        printable(*name, 60), join_or(known)));
}

Result<SigningKey> read_key(const CallArguments& arguments, const Algorithm& algorithm) {
  auto text = arguments.literal(1);
  if (text && text->find("-----BEGIN") == std::string::npos) {
    text = arguments.read_file(1, *text);
  }
  if (!text) {
    return fail(std::move(text).error());
  }
  auto key = SigningKey::from_pem(*text);
  if (!key) {
    return arguments.wrong(1, "the key is " + key.error().message);
  }
  const bool wants_rsa = algorithm.family == Family::kRsa;
  if (key->kind() != (wants_rsa ? SigningKey::Kind::kRsa : SigningKey::Kind::kP256)) {
    return arguments.wrong(1, fmt::format("{} takes {} key, which this is not", algorithm.name,
                                          wants_rsa ? "an RSA" : "a P-256"));
  }
  return key;
}

// Whether they are a JSON object for a request, as far as nothing in them comes from outside.
bool may_be_claims(const Template& claims) {
  for (const Token outside : {Token::kExtracted, Token::kColumn, Token::kBody}) {
    if (claims.uses(outside)) {
      return true;
    }
  }
  std::string sample;
  claims.render({.key = "key", .run_id = "run", .caller = "caller"}, sample);
  return nlohmann::json::parse(sample, nullptr, false).is_object();
}

// The claims, with what is filled in written as JSON wants it inside strings.
Result<Template> read_claims(const CallArguments& arguments) {
  auto claims = arguments.text(2, Encoding::kJsonText);
  if (claims && !may_be_claims(*claims)) {
    return arguments.wrong(2,
                           "the claims are no JSON object; write for example '{\"sub\": \"me\", "
                           "\"exp\": {{now +5m}}}'");
  }
  return claims;
}

std::string encoded_header(const Algorithm& algorithm, const std::string& key_id) {
  std::string json = fmt::format(R"({{"alg":"{}","typ":"JWT")", algorithm.name);
  if (!key_id.empty()) {
    json += R"(,"kid":")";
    append_json_text(key_id, json);
    json += '"';
  }
  json += '}';
  std::string encoded;
  append_base64(json, Base64::kUrl, encoded);
  return encoded + '.';
}

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  const auto algorithm = read_algorithm(arguments);
  if (!algorithm) {
    return fail(algorithm.error());
  }
  Jwt::Parts parts{.algorithm = *algorithm, .header = {}, .secret = {}, .key = {}, .claims = {}};
  if (algorithm->family == Family::kHmac) {
    auto secret = arguments.text(1);
    if (!secret) {
      return fail(std::move(secret).error());
    }
    parts.secret = *std::move(secret);
  } else {
    auto key = read_key(arguments, *algorithm);
    if (!key) {
      return fail(std::move(key).error());
    }
    parts.key = *std::move(key);
  }
  auto claims = read_claims(arguments);
  if (!claims) {
    return fail(std::move(claims).error());
  }
  parts.claims = *std::move(claims);
  std::string key_id;
  if (arguments.size() > 3) {
    auto given = arguments.literal(3);
    if (!given) {
      return fail(std::move(given).error());
    }
    key_id = *std::move(given);
  }
  parts.header = encoded_header(*algorithm, key_id);
  return std::make_unique<const Jwt>(std::move(parts));
}

}  // namespace

void register_template_function_jwt(TemplateFunctionRegistry& registry) {
  registry.add({.name = "jwt",
                .arguments = "\"ALGORITHM\" \"KEY\" 'CLAIMS' [\"KEY-ID\"]",
                .summary = "A signed JSON Web Token. ALGORITHM: `HS256`, `HS384`, `HS512` with a "
                           "secret, `RS256`, `RS384`, `RS512`, `ES256` with a private key in PEM "
                           "or the path of its file. CLAIMS: a JSON object.",
                .example = "jwt \"HS256\" \"${env:SECRET}\" '{\"sub\": \"me\", \"exp\": {{now "
                           "+5m}}}'",
                .min_arguments = 3,
                .max_arguments = 4,
                .compile = compile});
}

}  // namespace squall::expr
