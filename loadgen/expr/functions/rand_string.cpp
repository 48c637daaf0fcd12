// {{rand_string 16 "0123456789abcdef"}}
#include <algorithm>
#include <utility>

#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

constexpr std::int64_t kMostCharacters = 64LL * 1024;
constexpr std::string_view kLettersAndDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

class RandString final : public TemplateCall {
 public:
  RandString(std::size_t length, std::string alphabet)
      : length_(length), alphabet_(std::move(alphabet)) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    Rng draw = draws_at(context, place);
    for (std::size_t i = 0; i < length_; ++i) {
      out += alphabet_[draw.next_below(alphabet_.size())];
    }
  }

 private:
  std::size_t length_;
  std::string alphabet_;
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  const auto length = arguments.integer(0, 0, kMostCharacters);
  if (!length) {
    return fail(length.error());
  }
  std::string alphabet(kLettersAndDigits);
  if (arguments.size() > 1) {
    auto given = arguments.literal(1);
    if (!given) {
      return fail(std::move(given).error());
    }
    alphabet = *std::move(given);
    const bool ascii = std::all_of(alphabet.begin(), alphabet.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (alphabet.empty() || !ascii) {
      return arguments.wrong(1, "an alphabet is at least one ASCII character");
    }
  }
  return std::make_unique<const RandString>(static_cast<std::size_t>(*length), std::move(alphabet));
}

}  // namespace

void register_template_function_rand_string(TemplateFunctionRegistry& registry) {
  registry.add({.name = "rand_string",
                .arguments = "LENGTH [\"ALPHABET\"]",
                .summary = "That many random characters: ASCII letters and digits, or those of "
                           "ALPHABET.",
                .example = "rand_string 16 \"0123456789abcdef\"",
                .min_arguments = 1,
                .max_arguments = 2,
                .draws = true,
                .compile = compile});
}

}  // namespace squall::expr
