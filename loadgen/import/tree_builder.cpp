#include "loadgen/import/tree_builder.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"

namespace squall::import {
namespace {

// Values and the deepest level of a tree.
struct Extent {
  std::size_t values = 1;
  std::size_t depth = 0;
};

// Stops counting once there are more than `most`.
Extent extent_of(const Node& node, std::size_t most) {
  Extent extent;
  const auto add = [&](const Node& child) {
    if (extent.values <= most) {
      const Extent inner = extent_of(child, most - extent.values);
      extent.values += inner.values;
      extent.depth = std::max(extent.depth, inner.depth + 1);
    }
  };
  if (const auto* items = node.as_list()) {
    std::for_each(items->begin(), items->end(), add);
  } else if (const auto* members = node.as_object()) {
    for (const Member& member : *members) {
      add(member.value);
    }
  }
  return extent;
}

}  // namespace

std::size_t values_in(const Node& node, std::size_t most) {
  return extent_of(node, most).values;
}

std::optional<std::string> TreeBuilder::count(std::size_t values) {
  values_ += values;
  if (values_ > limits_.values) {
    return fmt::format(
        "the file holds more than {} values, aliases counted as often as they are "
        "used",
        limits_.values);
  }
  return std::nullopt;
}

std::optional<std::string> TreeBuilder::open(Node node) {
  if (open_.size() >= limits_.depth) {
    return fmt::format("values stand more than {} levels deep in each other", limits_.depth);
  }
  open_.push_back({std::move(node), std::move(key_)});
  key_.clear();
  return count(1);
}

std::optional<std::string> TreeBuilder::close() {
  SQUALL_CHECK(!open_.empty());
  Open done = std::move(open_.back());
  open_.pop_back();
  add(std::move(done.node), std::move(done.key));
  return std::nullopt;
}

void TreeBuilder::key(std::string name) {
  key_ = std::move(name);
}

std::optional<std::string> TreeBuilder::scalar(Node node) {
  add(std::move(node), std::move(key_));
  key_.clear();
  return count(1);
}

std::optional<std::string> TreeBuilder::copy_of(const Node& node) {
  const std::size_t left = limits_.values - std::min(values_, limits_.values);
  const Extent extent = extent_of(node, left);
  if (open_.size() + extent.depth > limits_.depth) {
    return fmt::format("values stand more than {} levels deep in each other", limits_.depth);
  }
  if (auto problem = count(extent.values)) {
    return problem;
  }
  add(node, std::move(key_));
  key_.clear();
  return std::nullopt;
}

void TreeBuilder::add(Node node, std::string key) {
  if (open_.empty()) {
    root_ = std::move(node);
    last_ = &root_;
    complete_ = true;
    return;
  }
  Node& around = open_.back().node;
  if (auto* items = std::get_if<Node::List>(&around.data)) {
    items->push_back(std::move(node));
    last_ = &items->back();
    return;
  }
  auto* members = std::get_if<Node::Object>(&around.data);
  SQUALL_CHECK(members != nullptr);
  members->push_back({std::move(key), std::move(node)});
  last_ = &members->back().value;
}

}  // namespace squall::import
