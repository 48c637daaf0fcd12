// What can stand in the braces of a template beside names: functions such as {{rand_int 1 100}}.
// One file in loadgen/expr/functions/ makes one function; the reference in plans/README.md is
// generated from the entries.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "loadgen/base/registry.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/expr/template.hpp"

namespace squall::expr {

class CallArguments;

// A function with its arguments, compiled. Immutable; any thread may call append().
class TemplateCall {
 public:
  TemplateCall() = default;
  TemplateCall(const TemplateCall&) = delete;
  TemplateCall& operator=(const TemplateCall&) = delete;
  virtual ~TemplateCall() = default;

  // Appends the value. The same context and place give the same bytes. `place` tells the calls of
  // one request apart: chance is drawn with draws_at(), and arguments are rendered with it.
  virtual void append(const RenderContext& context, std::uint64_t place,
                      std::string& out) const = 0;
  // How many of the bytes are generated content; see RenderContext::generated.
  [[nodiscard]] virtual std::uint64_t generated_bytes() const { return 0; }
};

// The stream of chance of one call in one operation: the same for every retry and copy.
[[nodiscard]] inline Rng draws_at(const RenderContext& context, std::uint64_t place) {
  return Rng(StreamId(context.chance, {}, {}, place));
}

struct TemplateFunction {
  std::string_view name{};
  std::string_view arguments{};  // for the reference and for messages: "LOW HIGH"
  std::string_view summary{};    // one line of Markdown
  std::string_view example{};    // without the braces: "rand_int 1 100"
  unsigned min_arguments = 0;
  unsigned max_arguments = 0;
  TextType gives = TextType::kText;
  bool draws = false;        // takes chance
  bool reads_clock = false;  // takes RenderContext::now by itself, not only through its arguments
  // On arguments that it cannot take: an error at the argument (CallArguments::wrong).
  Result<std::unique_ptr<const TemplateCall>> (*compile)(const CallArguments& arguments) = nullptr;
};

using TemplateFunctionRegistry = Registry<TemplateFunction>;
// Generated: see squall_plugins.
void register_template_functions(TemplateFunctionRegistry& registry);
// Every function. Any thread.
[[nodiscard]] const TemplateFunctionRegistry& template_functions();

}  // namespace squall::expr
