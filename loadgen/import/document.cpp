#include "loadgen/import/document.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/expr/json_text.hpp"

namespace squall::import {
namespace {

class JsonWriter {
 public:
  JsonWriter(JsonLayout layout, std::string& out) : layout_(layout), out_(out) {}

  void operator()(std::monostate /*null*/) { out_ += "null"; }
  void operator()(bool value) { out_ += value ? "true" : "false"; }
  void operator()(std::int64_t value) { out_ += fmt::format("{}", value); }
  void operator()(double value) {
    // JSON has no word for the others.
    out_ += std::isfinite(value) ? expr::json_number(value) : "null";
  }
  void operator()(const std::string& value) {
    out_ += '"';
    expr::append_json_text(value, out_);
    out_ += '"';
  }
  void operator()(const Node::List& items) {
    open('[');
    for (const Node& item : items) {
      next(&item == &items.front());
      std::visit(*this, item.data);
    }
    close(']', items.empty());
  }
  void operator()(const Node::Object& members) {
    open('{');
    for (const Member& member : members) {
      next(&member == &members.front());
      (*this)(member.key);
      out_ += layout_ == JsonLayout::kIndented ? ": " : ":";
      std::visit(*this, member.value.data);
    }
    close('}', members.empty());
  }

 private:
  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) {
      new_line();
    }
    out_ += bracket;
  }
  void next(bool first) {
    out_ += first ? "" : ",";
    new_line();
  }
  void new_line() {
    if (layout_ == JsonLayout::kIndented) {
      out_ += '\n';
      out_.append(depth_ * 2, ' ');
    }
  }

  JsonLayout layout_;
  std::string& out_;
  std::size_t depth_ = 0;
};

}  // namespace

bool Node::is_number() const {
  return std::holds_alternative<std::int64_t>(data) || std::holds_alternative<double>(data);
}

double Node::number() const {
  if (const auto* integer = std::get_if<std::int64_t>(&data)) {
    return static_cast<double>(*integer);
  }
  const auto* real = std::get_if<double>(&data);
  return real != nullptr ? *real : 0;
}

const Node* Node::find(std::string_view key) const {
  const Object* members = as_object();
  if (members == nullptr) {
    return nullptr;
  }
  const auto found = std::find_if(members->begin(), members->end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members->end() ? nullptr : &found->value;
}

std::string_view Node::text(std::string_view key) const {
  const Node* member = find(key);
  const std::string* text = member != nullptr ? member->as_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

std::string to_json(const Node& node, JsonLayout layout) {
  std::string out;
  JsonWriter writer(layout, out);
  std::visit(writer, node.data);
  return out;
}

}  // namespace squall::import
