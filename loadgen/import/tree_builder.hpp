// Builds a Node from the events of a parser, within the limits of a document.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/import/document.hpp"

namespace squall::import {

// How many values a tree holds; stops counting above `most`.
[[nodiscard]] std::size_t values_in(const Node& node, std::size_t most);

// One document; one thread. Each function returns why the document is refused, or nothing.
class TreeBuilder {
 public:
  explicit TreeBuilder(const DocumentLimits& limits) : limits_(limits) {}

  // A list or an object begins.
  std::optional<std::string> open(Node node);
  // Changes the innermost one before it is closed.
  template <class Change>
  void finish_innermost(Change change) {
    change(open_.back().node);
  }
  // Closes it. REQUIRES: one is open.
  std::optional<std::string> close();
  // The name of the next value of the innermost object.
  void key(std::string name);
  std::optional<std::string> scalar(Node node);
  // A copy of `node` with everything below it.
  std::optional<std::string> copy_of(const Node& node);

  // What was added last and is complete; valid until the next call.
  [[nodiscard]] const Node& last() const { return *last_; }
  [[nodiscard]] bool is_complete() const { return complete_; }
  [[nodiscard]] std::size_t depth() const { return open_.size(); }
  [[nodiscard]] Node take() { return std::move(root_); }

 private:
  struct Open {
    Node node;
    std::string key;  // under which it goes into the one around it
  };
  std::optional<std::string> count(std::size_t values);
  void add(Node node, std::string key);

  DocumentLimits limits_;
  std::size_t values_ = 0;
  std::vector<Open> open_;
  std::string key_;
  Node root_;
  const Node* last_ = nullptr;
  bool complete_ = false;
};

}  // namespace squall::import
