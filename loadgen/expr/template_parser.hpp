// Builds one Template, piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/braces.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/expr/template_expression.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::expr {

// Borrows the names and every text it is given. One thread, while the plan is read. Errors have the
// column (from 1) inside the text that was given to add_text() or stood in the value.
class TemplateParser {
 public:
  explicit TemplateParser(const TemplateNames& names) : names_(names) {}

  void add_literal(std::string_view text) { result_.append_literal(text); }
  // Text with {{names}}. With kJsonText the literal text is escaped too.
  Result<void> add_text(std::string_view text, Encoding encoding);
  Result<void> add_json(const Value& value);
  Template take() { return std::move(result_); }

  // An argument of the expression that is being added, as a template of its own. `index` makes its
  // place.
  Result<Template> nested(const WrittenArgument& argument, std::size_t index, Encoding encoding);
  // An error at `part`, a view into the text.
  [[nodiscard]] tl::unexpected<Error> wrong(std::string_view part, std::string message) const;
  [[nodiscard]] const TemplateNames& names() const { return names_; }

 private:
  TemplateParser(const TemplateParser& outer, std::uint64_t place)
      : names_(outer.names_), text_(outer.text_), place_(place) {}

  void add_encoded_literal(std::string_view text, Encoding encoding);
  Result<void> add_expression(const Braces& braces, Encoding encoding);
  Result<void> add_quoted(std::string_view written, Encoding encoding);
  Result<void> add_scope_text(const QuotedPart& part, std::string_view written, Encoding encoding);
  // Whether the braces name something that is known while the plan is read; then it was added.
  Result<bool> add_scope_value(const Braces& braces, Encoding encoding);

  // What an expression begins with, without its filters.
  Result<TextType> read_source(const WrittenCall& source, Template::Piece& piece);
  Result<TextType> read_quoted_source(const WrittenCall& source, Template::Piece& piece);
  Result<TextType> read_name(const WrittenCall& source, Token token, Template::Piece& piece);
  Result<TextType> read_now(const WrittenCall& source, Template::Piece& piece);
  Result<TextType> read_column(const WrittenCall& source, Template::Piece& piece);
  Result<TextType> read_function(const WrittenCall& source, Template::Piece& piece);
  // Takes the time format off the front of the filters, if there is one.
  Result<TextType> read_time_format(std::vector<WrittenCall>& filters, TextType type,
                                    Template::Piece& piece);
  Result<TextType> read_filters(const std::vector<WrittenCall>& filters, const WrittenCall& source,
                                TextType type, Template::Piece& piece);
  void keep_secret(const Template::Piece& piece);
  [[nodiscard]] tl::unexpected<Error> unknown_name(std::string_view name) const;
  [[nodiscard]] tl::unexpected<Error> unknown_filter(const WrittenCall& filter,
                                                     const WrittenCall& source) const;

  Result<void> add_json_string(std::string_view text, const SourceRef& where);
  Result<void> add_json_array(const Array& items);
  Result<void> add_json_object(const Table& entries);

  const TemplateNames& names_;
  Template result_;
  std::string_view text_;           // that positions count in
  std::uint64_t place_ = 0;         // of the part of a JSON value, or of an argument
  std::uint64_t calls_ = 0;         // in that part so far
  Template::Uses nested_uses_ = 0;  // of the arguments of the call that is being read
  std::vector<std::shared_ptr<const Feeder>> nested_feeders_;
  bool secret_ = false;  // an environment value stands in the expression
};

}  // namespace squall::expr
