// {{pick "card" "cash"}} and, with weights, {{pick 9 "card" 1 "cash"}}
#include <algorithm>
#include <utility>
#include <vector>

#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

constexpr unsigned kMostChoices = 256;
constexpr std::int64_t kLargestWeight = 1'000'000'000;

struct Choice {
  Template text;
  std::uint64_t up_to = 0;  // weights of this and of all before it
};

class Pick final : public TemplateCall {
 public:
  explicit Pick(std::vector<Choice> choices) : choices_(std::move(choices)) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    const std::uint64_t drawn = draws_at(context, place).next_below(choices_.back().up_to);
    const auto chosen =
        std::upper_bound(choices_.begin(), choices_.end(), drawn,
                         [](std::uint64_t at, const Choice& one) { return at < one.up_to; });
    chosen->text.render(context, place, out);
  }

 private:
  std::vector<Choice> choices_;
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  const bool weighted = !arguments.is_text(0);
  std::vector<Choice> choices;
  std::uint64_t up_to = 0;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    std::int64_t weight = 1;
    if (weighted) {
      const auto given = arguments.integer(at, 1, kLargestWeight);
      if (!given) {
        return fail(given.error());
      }
      weight = *given;
      if (++at == arguments.size()) {
        return arguments.wrong(at - 1, "behind a weight stands the text that it is for");
      }
    }
    auto text = arguments.text(at);
    if (!text) {
      return fail(std::move(text).error());
    }
    up_to += static_cast<std::uint64_t>(weight);
    choices.push_back({*std::move(text), up_to});
  }
  return std::make_unique<const Pick>(std::move(choices));
}

}  // namespace

void register_template_function_pick(TemplateFunctionRegistry& registry) {
  registry.add({.name = "pick",
                .arguments = "[WEIGHT] \"TEXT\"…",
                .summary = "One of the texts; each as likely, or by the weights before them.",
                .example = "pick 9 \"card\" 1 \"cash\"",
                .min_arguments = 1,
                .max_arguments = 2 * kMostChoices,
                .draws = true,
                .compile = compile});
}

}  // namespace squall::expr
