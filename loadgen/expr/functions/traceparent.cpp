// {{traceparent}}
#include "loadgen/base/hash.hpp"
#include "loadgen/base/trace_ids.hpp"
#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

// W3C Trace Context, version 00, sampled. Trace and parent are the operation's (trace_ids.hpp).
class Traceparent final : public TemplateCall {
 public:
  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    out += "00-";
    const std::size_t from = out.size();
    if (!append_trace_id(context.key, out)) {  // a set-up request, a probe
      append_hex64(valid_trace_bits(hash_combine(context.chance, context.sequence)), out);
      append_hex64(hash_combine(place, context.chance), out);
    }
    const std::uint64_t span = span_bits(std::string_view(out).substr(from, kTraceIdDigits));
    out += '-';
    append_hex64(span, out);
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
