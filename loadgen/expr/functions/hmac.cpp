// {{hmac "sha256" "secret" "{{now | unix}}.{{body}}"}}
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

class Hmac final : public TemplateCall {
 public:
  Hmac(DigestKind digest, Template key, Template message)
      : digest_(digest), key_(std::move(key)), message_(std::move(message)) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    std::string key;
    std::string message;
    key_.render(context, place, key);
    message_.render(context, place, message);
    out.append(hmac_of(digest_, key, message).bytes());
  }

 private:
  DigestKind digest_;
  Template key_;
  Template message_;
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  const auto name = arguments.literal(0);
  if (!name) {
    return fail(name.error());
  }
  const auto digest = digest_kind_from(*name);
  if (!digest) {
    return arguments.wrong(0, fmt::format("there is no digest \"{}\"; write {}",
                                          printable(*name, 60), join_or(digest_kind_names())));
  }
  auto key = arguments.text(1);
  if (!key) {
    return fail(std::move(key).error());
  }
  auto message = arguments.text(2);
  if (!message) {
    return fail(std::move(message).error());
  }
  return std::make_unique<const Hmac>(*digest, *std::move(key), *std::move(message));
}

}  // namespace

void register_template_function_hmac(TemplateFunctionRegistry& registry) {
  registry.add({.name = "hmac",
                .arguments = "\"DIGEST\" \"SECRET\" \"MESSAGE\"",
                .summary =
                    "HMAC with `sha1`, `sha256`, `sha384` or `sha512`; in hex, unless a filter "
                    "that works on its bytes follows: `base64`, `base64url`, `hex`, "
                    "`sha256`.",
                .example = "hmac \"sha256\" \"${env:SECRET}\" \"{{now | unix}}.{{body}}\"",
                .min_arguments = 3,
                .max_arguments = 3,
                .gives = TextType::kBytes,
                .compile = compile});
}

}  // namespace squall::expr
