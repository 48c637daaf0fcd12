// YAML text to a tree, from the parser's events: the library's own tree would share aliased values,
// and walking it would expand them without bound.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/node/node.h>
#include <yaml-cpp/parser.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/base/utf8.hpp"
#include "loadgen/import/document.hpp"
#include "loadgen/import/tree_builder.hpp"

namespace squall::import {
namespace {

Place place_of(const YAML::Mark& mark) {
  return {static_cast<unsigned>(mark.line + 1), static_cast<unsigned>(mark.column + 1), 0, 0};
}

// Ends the library's parsing; caught below.
class Refused : public std::exception {
 public:
  Refused(std::string why, Place where) : why_(std::move(why)), where_(where) {}
  [[nodiscard]] const char* what() const noexcept override { return why_.c_str(); }
  [[nodiscard]] const Place& where() const { return where_; }

 private:
  std::string why_;
  Place where_;
};

std::optional<std::int64_t> integer_of(std::string_view text) {
  int base = 10;
  std::string_view digits = text;
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
  }
  if (digits.starts_with("0x") || digits.starts_with("0o")) {
    base = digits[1] == 'x' ? 16 : 8;
    digits.remove_prefix(2);
  }
  if (digits.empty() || (base != 10 && digits.front() == '-')) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (code != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> real_of(std::string_view text) {
  if (text == ".inf" || text == ".Inf" || text == ".INF" || text == "+.inf" || text == "-.inf" ||
      text == ".nan" || text == ".NaN" || text == ".NAN") {
    return std::nullopt;  // no value that JSON or a plan could hold: it stays text
  }
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos ||
      text.find_first_of("0123456789") == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  double value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc() || end != digits.data() + digits.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

// The core schema of YAML 1.2.
Node plain_scalar(const std::string& text, Place where) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return {std::monostate{}, where};
  }
  if (text == "true" || text == "True" || text == "TRUE") {
    return {true, where};
  }
  if (text == "false" || text == "False" || text == "FALSE") {
    return {false, where};
  }
  if (const auto integer = integer_of(text)) {
    return {*integer, where};
  }
  if (const auto real = real_of(text)) {
    return {*real, where};
  }
  return {text, where};
}

// Members of `<<` that the object does not have itself.
void merge(Node& object) {
  auto* members = std::get_if<Node::Object>(&object.data);
  if (members == nullptr) {
    return;
  }
  const auto is_merge = [](const Member& member) { return member.key == "<<"; };
  const auto found = std::find_if(members->begin(), members->end(), is_merge);
  if (found == members->end()) {
    return;
  }
  const Node source = std::move(found->value);
  members->erase(found);
  std::set<std::string> own;
  for (const Member& member : *members) {
    own.insert(member.key);
  }
  const auto take = [&](const Node& from) {
    if (const auto* others = from.as_object()) {
      for (const Member& other : *others) {
        if (own.insert(other.key).second) {
          members->push_back(other);
        }
      }
    }
  };
  if (const auto* list = source.as_list()) {
    std::for_each(list->begin(), list->end(), take);
  } else {
    take(source);
  }
}

class Handler : public YAML::EventHandler {
 public:
  explicit Handler(const DocumentLimits& limits) : limits_(limits), tree_(limits) {}

  [[nodiscard]] bool is_complete() const { return tree_.is_complete(); }
  [[nodiscard]] Node take() { return tree_.take(); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add_scalar({std::monostate{}, place_of(mark)}, "", anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Refused("an alias stands inside of what it is an alias of", place_of(mark));
    }
    if (expects_key()) {
      const std::string* text = found->second.as_string();
      if (text == nullptr) {
        throw Refused("keys have to be text", place_of(mark));
      }
      set_key(*text);
      return;
    }
    keep(tree_.copy_of(found->second), place_of(mark));
    value_done();
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // "?" stands for a plain scalar, "!" for one in quotes.
    const Place where = place_of(mark);
    const bool plain = tag.empty() || tag == "?";
    add_scalar(plain ? plain_scalar(value, where) : Node{value, where}, value, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open({Node::List{}, place_of(mark)}, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open({Node::Object{}, place_of(mark)}, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    bool object = false;
    bool key_next = false;
    YAML::anchor_t anchor = 0;
    Place where;
  };

  static void keep(const std::optional<std::string>& problem, Place where) {
    if (problem) {
      throw Refused(*problem, where);
    }
  }
  [[nodiscard]] bool expects_key() const { return !levels_.empty() && levels_.back().key_next; }
  void set_key(const std::string& name) {
    tree_.key(name);
    levels_.back().key_next = false;
  }
  void value_done() {
    if (!levels_.empty() && levels_.back().object) {
      levels_.back().key_next = true;
    }
  }
  void remember(YAML::anchor_t anchor, const Node& node, Place where) {
    if (anchor == 0) {
      return;
    }
    // Anchors inside of anchors are kept as often as they are deep.
    kept_values_ += values_in(node, limits_.values);
    if (kept_values_ > limits_.values) {
      throw Refused(fmt::format("more than {} values have anchors", limits_.values), where);
    }
    anchors_.insert_or_assign(anchor, node);
  }
  void add_scalar(Node node, const std::string& text, YAML::anchor_t anchor) {
    const Place where = node.where;
    if (expects_key()) {
      remember(anchor, Node{text, where}, where);
      set_key(text);
      return;
    }
    keep(tree_.scalar(std::move(node)), where);
    remember(anchor, tree_.last(), where);
    value_done();
  }
  void open(Node node, YAML::anchor_t anchor) {
    const Place where = node.where;
    if (expects_key()) {
      throw Refused("keys have to be text", where);
    }
    const bool object = node.as_object() != nullptr;
    keep(tree_.open(std::move(node)), where);
    levels_.push_back({object, object, anchor, where});
  }
  void close() {
    const Level level = levels_.back();
    levels_.pop_back();
    tree_.finish_innermost(merge);
    keep(tree_.close(), level.where);
    remember(level.anchor, tree_.last(), level.where);
    value_done();
  }

  DocumentLimits limits_;
  TreeBuilder tree_;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t kept_values_ = 0;
};

}  // namespace

Result<Node> read_yaml(std::string_view text, const std::string& file,
                       const DocumentLimits& limits) {
  const auto refuse = [&](std::string message, const Place& where) {
    return fail(Error{ErrorCode::kMalformed, std::move(message),
                      SourceRef{file, where.line, where.column}});
  };
  if (text.size() > limits.bytes) {
    return refuse(fmt::format("the file has more than {}", format_bytes({limits.bytes})), {1, 1});
  }
  if (!is_utf8(text)) {
    return refuse("the file is not UTF-8", {1, 1});
  }
  std::istringstream stream{std::string(text)};
  Handler handler(limits);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(handler);
  } catch (const Refused& problem) {
    return refuse(problem.what(), problem.where());
  } catch (const YAML::Exception& problem) {
    return refuse(fmt::format("this is no YAML: {}", printable(problem.msg)),
                  place_of(problem.mark));
  }
  if (!handler.is_complete()) {
    return refuse("the file is empty", {1, 1});
  }
  return handler.take();
}

}  // namespace squall::import
