// The arguments of a template function while it is compiled.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/expr/template_expression.hpp"

namespace squall::expr {

struct TemplateFunction;
class TemplateParser;

// Borrows everything; one thread, while the plan is read. Positions count from 0. Every getter
// fails with an error at the argument. REQUIRES of each: a position below size().
class CallArguments {
 public:
  CallArguments(const TemplateFunction& function, const std::vector<WrittenArgument>& arguments,
                TemplateParser& parser)
      : function_(function), arguments_(arguments), parser_(parser) {}

  [[nodiscard]] std::size_t size() const { return arguments_.size(); }
  // Whether it is a quoted text (else a word: a number or a duration).
  [[nodiscard]] bool is_text(std::size_t at) const { return arguments_[at].is_quoted(); }

  // A quoted text, which may hold {{…}}. `encoding`: how the values of these are written.
  [[nodiscard]] Result<Template> text(std::size_t at, Encoding encoding = Encoding::kRaw) const;
  // A quoted text that is known while the plan is read: no {{names}} of a request in it.
  [[nodiscard]] Result<std::string> literal(std::size_t at) const;
  [[nodiscard]] Result<std::int64_t> integer(std::size_t at, std::int64_t min,
                                             std::int64_t max) const;
  [[nodiscard]] Result<double> number(std::size_t at, double min, double max) const;
  // Signed when it may be: "+5m", "-30s".
  [[nodiscard]] Result<Duration> duration(std::size_t at) const;

  // The content of a file. `path` is relative to the plan's folder. At most 16 MiB.
  [[nodiscard]] Result<std::string> read_file(std::size_t at, const std::string& path) const;

  // An error at that argument.
  [[nodiscard]] tl::unexpected<Error> wrong(std::size_t at, std::string message) const;

 private:
  const TemplateFunction& function_;
  const std::vector<WrittenArgument>& arguments_;
  TemplateParser& parser_;
};

}  // namespace squall::expr
