// Values of a recording that an answer gave and a later request sent: ids, CSRF tokens, access
// tokens. A plan takes them from the answer of the run.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/expr/value.hpp"
#include "loadgen/import/document.hpp"
#include "loadgen/import/names.hpp"
#include "loadgen/import/recorded_request.hpp"

namespace squall::import {

// Follows a recording in the order of time. Only strings of JSON answers of some length are taken,
// only where they are all that stands at a place of a request, and only when no request had sent
// them before the answer: a short or a typed value may be the same by chance. One recording; one
// thread.
class HarValues {
 public:
  // What `request` sends of what answers so far gave, with the names under which their steps
  // extract it. Values that stand in answers of another kind are named in `comments`.
  [[nodiscard]] KnownValues sent(const RecordedRequest& request,
                                 std::vector<std::string>& comments);
  // The answer of step number `step` is complete.
  void answered(std::size_t step, const std::string& step_name, std::string_view text);

  // Step number to the table for its key `extract`.
  [[nodiscard]] const std::map<std::size_t, expr::Table>& extractions() const {
    return extractions_;
  }

 private:
  struct Given {
    std::size_t step = 0;
    std::string pointer;
    std::string name;  // empty until somebody sends the value
  };
  struct Text {
    std::string step_name;
    std::string_view text;
  };

  void give(const Node& node, const std::string& pointer, std::size_t step);
  [[nodiscard]] std::string name_for(const std::string& pointer);
  void look_in_texts(const std::string& value, std::vector<std::string>& comments);

  std::map<std::string, Given, std::less<>> given_;
  std::set<std::string, std::less<>> sent_;
  std::map<std::size_t, expr::Table> extractions_;
  std::vector<Text> texts_;
  std::size_t text_bytes_ = 0;
  unsigned looked_up_ = 0;
  Names names_;
};

}  // namespace squall::import
