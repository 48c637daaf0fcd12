// Values that fit a schema: what a generated request sends.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "loadgen/import/document.hpp"
#include "loadgen/import/openapi_references.hpp"

namespace squall::import {

// Makes the same value for the same schema each time: its example, default, first choice, or the
// simplest one of its type. Schemas may refer to themselves; size and depth are bounded. Borrows
// the references. One thread.
class Sampler {
 public:
  explicit Sampler(References& references) : references_(references) {}

  // Nothing when there is none that would end: a schema that requires itself.
  [[nodiscard]] std::optional<Node> sample(const Node& schema);

  // The example that stands beside a schema (in a parameter or a media type): `example`, or the
  // value of the first of `examples`.
  [[nodiscard]] std::optional<Node> example_of(const Node& around);

  // Patterns that nobody looked at since the last call: whether the values match them is unknown.
  [[nodiscard]] std::vector<std::string> take_patterns();

 private:
  [[nodiscard]] std::optional<Node> written(const Node& schema);
  [[nodiscard]] std::optional<Node> made(const Node& schema);
  [[nodiscard]] std::optional<Node> made_of_parts(const Node& schema);
  [[nodiscard]] Node made_string(const Node& schema);
  [[nodiscard]] Node made_list(const Node& schema);
  [[nodiscard]] Node made_object(const Node& schema);
  void add_properties(const Node& schema, Node::Object& members);
  // Whether that many more values may be made.
  [[nodiscard]] bool spend(std::size_t values);

  References& references_;
  std::set<const Node*>
      open_;  // schemas that are being made: those that lead back to them end there
  std::size_t spent_ = 0;
  std::vector<std::string> patterns_;
};

// "string", "integer", "number", "boolean", "array", "object" or "null": as written, else as its
// other keys suggest.
[[nodiscard]] std::string type_of_schema(const Node& schema);

}  // namespace squall::import
