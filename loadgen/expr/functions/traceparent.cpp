// {{traceparent}}
#include <algorithm>
#include <iterator>

#include "loadgen/base/hash.hpp"
#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

constexpr std::size_t kTraceDigits = 32;

// An id of zeros only is invalid.
std::uint64_t not_zero(std::uint64_t bits) {
  return bits == 0 ? 1 : bits;
}

void append_hex(std::uint64_t bits, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) {
    out += kDigits[(bits >> shift) & 0xf];
  }
}

// W3C Trace Context, version 00, sampled. The trace is the operation's key without its dashes, so
// retries and copies are of one trace, and whoever has the key finds it.
class Traceparent final : public TemplateCall {
 public:
  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    out += "00-";
    const std::size_t from = out.size();
    std::copy_if(context.key.begin(), context.key.end(), std::back_inserter(out),
                 [](char c) { return c != '-'; });
    if (out.size() - from != kTraceDigits) {  // no operation's key: a set-up request, a probe
      out.resize(from);
      append_hex(not_zero(hash_combine(context.chance, context.sequence)), out);
      append_hex(hash_combine(place, context.chance), out);
    }
    const std::uint64_t span = hash_bytes(std::string_view(out).substr(from, kTraceDigits));
    out += '-';
    append_hex(not_zero(span), out);
    out += "-01";
  }
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& /*arguments*/) {
  return std::make_unique<const Traceparent>();
}

}  // namespace

void register_template_function_traceparent(TemplateFunctionRegistry& registry) {
  registry.add({.name = "traceparent",
                .summary = "A W3C Trace Context header's value: the trace is the operation's key, "
                           "the same for its retries and copies.",
                .example = "traceparent",
                .compile = compile});
}

}  // namespace squall::expr
