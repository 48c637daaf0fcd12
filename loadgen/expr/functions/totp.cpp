// {{totp "JBSWY3DPEHPK3PXP"}}: RFC 6238.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

struct TotpOptions {
  std::chrono::seconds period{30};
  unsigned digits = 6;
  DigestKind digest = DigestKind::kSha1;
};

// RFC 4226 §5.3.
std::uint32_t truncated(std::string_view code) {
  const auto byte = [&](std::size_t at) {
    return std::uint32_t{static_cast<unsigned char>(code[at])};
  };
  const std::size_t from = byte(code.size() - 1) & 15;
  return (byte(from) & 0x7f) << 24 | byte(from + 1) << 16 | byte(from + 2) << 8 | byte(from + 3);
}

class Totp final : public TemplateCall {
 public:
  Totp(Template secret, TotpOptions options) : secret_(std::move(secret)), options_(options) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    std::string written;
    secret_.render(context, place, written);
    const auto secret = from_base32(written);
    if (!secret) {
      return;  // of a column or an answer; one in the plan was looked at when it was read
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(context.now.time_since_epoch());
    auto step = static_cast<std::uint64_t>(std::max(seconds / options_.period, std::int64_t{0}));
    std::array<char, 8> counter{};
    for (auto at = counter.rbegin(); at != counter.rend(); ++at) {
      *at = static_cast<char>(step & 0xff);
      step >>= 8;
    }
    std::uint32_t code =
        truncated(hmac_of(options_.digest, *secret, {counter.data(), counter.size()}).bytes());
    const std::size_t from = out.size();
    out.resize(from + options_.digits);
    for (std::size_t i = options_.digits; i > 0; --i) {
      out[from + i - 1] = static_cast<char>('0' + code % 10);
      code /= 10;
    }
  }

 private:
  Template secret_;
  TotpOptions options_;
};

Result<TotpOptions> read_options(const CallArguments& arguments) {
  TotpOptions options;
  if (arguments.size() > 1) {
    const auto period = arguments.duration(1);
    if (!period) {
      return fail(period.error());
    }
    options.period = std::chrono::floor<std::chrono::seconds>(*period);
    if (options.period < std::chrono::seconds(1) || options.period != *period) {
      return arguments.wrong(1, "a period is whole seconds, such as 30s");
    }
  }
  if (arguments.size() > 2) {
    const auto digits = arguments.integer(2, 1, 9);
    if (!digits) {
      return fail(digits.error());
    }
    options.digits = static_cast<unsigned>(*digits);
  }
  if (arguments.size() > 3) {
    const auto name = arguments.literal(3);
    if (!name) {
      return fail(name.error());
    }
    const auto digest = digest_kind_from(*name);
    if (!digest) {
      return arguments.wrong(3, fmt::format("there is no digest \"{}\"; write {}",
                                            printable(*name, 60), join_or(digest_kind_names())));
    }
    options.digest = *digest;
  }
  return options;
}

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  auto secret = arguments.text(0);
  if (!secret) {
    return fail(std::move(secret).error());
  }
  if (secret->is_literal()) {
    const auto bytes = from_base32(secret->literal());
    if (!bytes || bytes->empty()) {
      return arguments.wrong(0, "the secret is not Base32 (letters and the digits 2 to 7)");
    }
  }
  const auto options = read_options(arguments);
  if (!options) {
    return fail(options.error());
  }
  return std::make_unique<const Totp>(*std::move(secret), *options);
}

}  // namespace

void register_template_function_totp(TemplateFunctionRegistry& registry) {
  registry.add({.name = "totp",
                .arguments = "\"BASE32\" [PERIOD [DIGITS [\"DIGEST\"]]]",
                .summary = "The one-time password of this moment (RFC 6238): period 30s, 6 digits "
                           "and `sha1` unless given. A secret from a column that is not Base32 "
                           "gives nothing.",
                .example = "totp \"${env:OTP_SECRET}\" 30s 6 \"sha1\"",
                .min_arguments = 1,
                .max_arguments = 4,
                .reads_clock = true,
                .compile = compile});
}

}  // namespace squall::expr
