// {{uuid}}: RFC 9562, version 4, and {{uuid7}}, version 7.
#include <array>

#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

void append_uuid(std::uint64_t high, std::uint64_t low, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  std::array<char, kShape.size()> text{};
  unsigned nibble = 0;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '-') {
      text[i] = '-';
      continue;
    }
    const std::uint64_t word = nibble < 16 ? high : low;
    text[i] = kDigits[word >> (60 - 4 * (nibble % 16)) & 15];
    ++nibble;
  }
  out.append(text.data(), text.size());
}

constexpr std::uint64_t kVersionMask = 0xf000;
constexpr std::uint64_t kVariantMask = 0xc000000000000000;
constexpr std::uint64_t kVariant = 0x8000000000000000;

class Uuid4 final : public TemplateCall {
 public:
  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    Rng draw = draws_at(context, place);
    const std::uint64_t high = (draw.next_bits() & ~kVersionMask) | 0x4000;
    append_uuid(high, (draw.next_bits() & ~kVariantMask) | kVariant, out);
  }
};

class Uuid7 final : public TemplateCall {
 public:
  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    Rng draw = draws_at(context, place);
    const auto ms =
        std::chrono::floor<std::chrono::milliseconds>(context.now.time_since_epoch()).count();
    const std::uint64_t high =
        static_cast<std::uint64_t>(ms) << 16 | 0x7000 | (draw.next_bits() & 0xfff);
    append_uuid(high, (draw.next_bits() & ~kVariantMask) | kVariant, out);
  }
};

template <class Call>
Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& /*arguments*/) {
  return std::make_unique<const Call>();
}

}  // namespace

void register_template_function_uuid(TemplateFunctionRegistry& registry) {
  registry.add({.name = "uuid",
                .summary = "A random UUID (version 4).",
                .example = "uuid",
                .draws = true,
                .compile = compile<Uuid4>});
  registry.add({.name = "uuid7",
                .summary = "A UUID that begins with the time (version 7).",
                .example = "uuid7",
                .draws = true,
                .reads_clock = true,
                .compile = compile<Uuid7>});
}

}  // namespace squall::expr
