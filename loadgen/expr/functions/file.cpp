// {{file "token.txt"}}
#include <utility>

#include "loadgen/expr/call_arguments.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

class File final : public TemplateCall {
 public:
  explicit File(std::string content) : content_(std::move(content)) {}

  void append(const RenderContext& /*context*/, std::uint64_t /*place*/,
              std::string& out) const override {
    out.append(content_);
  }

 private:
  std::string content_;
};

Result<std::unique_ptr<const TemplateCall>> compile(const CallArguments& arguments) {
  const auto path = arguments.literal(0);
  if (!path) {
    return fail(path.error());
  }
  auto content = arguments.read_file(0, *path);
  if (!content) {
    return fail(std::move(content).error());
  }
  return std::make_unique<const File>(*std::move(content));
}

}  // namespace

void register_template_function_file(TemplateFunctionRegistry& registry) {
  registry.add({.name = "file",
                .arguments = "\"PATH\"",
                .summary = "The content of a file, read once while the plan is read; relative to "
                           "the plan's folder, at most 16 MiB.",
                .example = "file \"token.txt\"",
                .min_arguments = 1,
                .max_arguments = 1,
                .compile = compile});
}

}  // namespace squall::expr
