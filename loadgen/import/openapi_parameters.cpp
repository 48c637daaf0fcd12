#include "loadgen/import/openapi_parameters.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/import/outside_url.hpp"

namespace squall::import {
namespace {

constexpr std::size_t kMaxParameters = 200;

bool is_true(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr && value->as_bool() != nullptr && *value->as_bool();
}

bool is_false(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr && value->as_bool() != nullptr && !*value->as_bool();
}

// A scalar as it stands in a URL or header.
std::string scalar(const Node& node) {
  const std::string* text = node.as_string();
  return text != nullptr ? *text : node.is_null() ? "" : to_json(node, JsonLayout::kCompact);
}

std::string joined(const Node::List& items, bool encoded) {
  std::string text;
  for (const Node& item : items) {
    text += (text.empty() ? "" : ",") + (encoded ? percent_encoded(scalar(item)) : scalar(item));
  }
  return text;
}

// The parameters of an operation: its own, then those of the path that it does not replace.
std::vector<const Node*> all_parameters(const Node& path_item, const Node& operation,
                                        References& references) {
  std::vector<const Node*> all;
  for (const Node* around : {&operation, &path_item}) {
    const Node* written = around->find("parameters");
    const Node::List* list = written != nullptr ? written->as_list() : nullptr;
    for (std::size_t i = 0; list != nullptr && i < list->size() && all.size() < kMaxParameters;
         ++i) {
      const Node* parameter = references.resolve((*list)[i]);
      if (parameter == nullptr) {
        continue;
      }
      const bool replaced = std::any_of(all.begin(), all.end(), [&](const Node* other) {
        return other->text("name") == parameter->text("name") &&
               other->text("in") == parameter->text("in");
      });
      if (!replaced) {
        all.push_back(parameter);
      }
    }
  }
  return all;
}

class Reader {
 public:
  Reader(Sampler& sampler, OperationParameters& result) : sampler_(sampler), result_(result) {}

  void add(const Node& parameter) {
    const std::string name(parameter.text("name"));
    const std::string_view in = parameter.text("in");
    if (in == "body") {
      result_.body = &parameter;
      return;
    }
    const auto example = example_of(parameter);
    const bool idempotency = in == "header" && equals_ignoring_case(name, "Idempotency-Key");
    if (!is_true(parameter, "required") && in != "path" && !example && !idempotency) {
      result_.left_out.push_back(name);
      return;
    }
    const Node value = example ? *example : made(parameter);
    if (in == "path") {
      fill_path(name, value);
    } else if (in == "query") {
      add_query(name, value, parameter);
    } else if (in == "header") {
      add_header(name, value, idempotency);
    } else if (in == "cookie") {
      add_cookie(name, value);
    } else if (in == "formData") {
      result_.form.push_back({name, scalar(value), parameter.text("type") == "file"});
    }
  }

 private:
  // What somebody wrote down for this parameter.
  std::optional<Node> example_of(const Node& parameter) {
    if (auto example = sampler_.example_of(parameter)) {
      return example;
    }
    const Node* schema = parameter.find("schema");
    const Node& of = schema != nullptr ? *schema : parameter;  // Swagger 2.0 has no schema here
    for (const std::string_view key : {"example", "default"}) {
      if (of.find(key) != nullptr) {
        return sampler_.sample(of);
      }
    }
    return std::nullopt;
  }

  Node made(const Node& parameter) {
    const Node* schema = parameter.find("schema");
    if (const Node* content = parameter.find("content"); schema == nullptr && content != nullptr) {
      const Node::Object* media = content->as_object();
      const bool some = media != nullptr && !media->empty();
      schema = some ? media->front().value.find("schema") : nullptr;
    }
    auto value = sampler_.sample(schema != nullptr ? *schema : parameter);
    return value ? std::move(*value) : Node{std::string("sample"), {}};
  }

  void fill_path(const std::string& name, const Node& value) {
    const std::string mark = "{" + name + "}";
    const Node::List* list = value.as_list();
    std::string text = list != nullptr ? joined(*list, true) : percent_encoded(scalar(value));
    if (text.empty()) {
      text = "1";  // an empty segment would be another path
    }
    for (std::size_t at = result_.path.find(mark); at != std::string::npos;
         at = result_.path.find(mark, at + text.size())) {
      result_.path.replace(at, mark.size(), text);
    }
  }

  void add_query(const std::string& name, const Node& value, const Node& parameter) {
    const std::string encoded = percent_encoded(name);
    const std::string_view style = parameter.text("style");
    const bool comma =
        is_false(parameter, "explode") || parameter.text("collectionFormat") == "csv";
    if (const Node::List* list = value.as_list()) {
      if (comma) {
        result_.query.push_back(encoded + "=" + joined(*list, true));
        return;
      }
      for (const Node& item : *list) {
        result_.query.push_back(encoded + "=" + percent_encoded(scalar(item)));
      }
    } else if (const Node::Object* members = value.as_object()) {
      for (const Member& member : *members) {
        const std::string key = style == "deepObject"
                                    ? fmt::format("{}[{}]", encoded, percent_encoded(member.key))
                                    : percent_encoded(member.key);
        result_.query.push_back(key + "=" + percent_encoded(scalar(member.value)));
      }
    } else {
      result_.query.push_back(encoded + "=" + percent_encoded(scalar(value)));
    }
  }

  void add_header(const std::string& name, const Node& value, bool idempotency) {
    // The standard gives these three no meaning here: other parts of the description say them.
    for (const std::string_view other : {"Accept", "Content-Type", "Authorization"}) {
      if (equals_ignoring_case(name, other)) {
        return;
      }
    }
    const Node::List* list = value.as_list();
    result_.headers.push_back(
        {name, idempotency ? PlanText().expression("key")
                           : PlanText(list != nullptr ? joined(*list, false) : scalar(value))});
  }

  void add_cookie(const std::string& name, const Node& value) {
    const std::string pair = name + "=" + scalar(value);
    const auto cookie =
        std::find_if(result_.headers.begin(), result_.headers.end(),
                     [](const DraftHeader& header) { return header.name == "Cookie"; });
    if (cookie == result_.headers.end()) {
      result_.headers.push_back({"Cookie", PlanText(pair)});
    } else {
      cookie->value.text("; " + pair);
    }
  }

  Sampler& sampler_;
  OperationParameters& result_;
};

// What no parameter filled in.
void fill_the_rest(std::string& path) {
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{', open)) {
    const std::size_t close = path.find('}', open);
    if (close == std::string::npos) {
      return;
    }
    path.replace(open, close + 1 - open, "1");
  }
}

}  // namespace

OperationParameters read_parameters(const std::string& path_template, const Node& path_item,
                                    const Node& operation, References& references,
                                    Sampler& sampler) {
  OperationParameters result;
  result.path = path_template;
  Reader reader(sampler, result);
  for (const Node* parameter : all_parameters(path_item, operation, references)) {
    reader.add(*parameter);
  }
  fill_the_rest(result.path);
  return result;
}

std::vector<FormField> form_fields(const Node& object) {
  std::vector<FormField> fields;
  const Node::Object* members = object.as_object();
  for (std::size_t i = 0; members != nullptr && i < members->size(); ++i) {
    const Member& member = (*members)[i];
    fields.push_back({member.key, scalar(member.value)});
  }
  return fields;
}

}  // namespace squall::import
