#include "loadgen/import/openapi_security.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::import {
namespace {

const Node* scheme_named(const Node& document, const std::string& name, References& references) {
  const Node* components = document.find("components");
  const Node* schemes = components != nullptr ? components->find("securitySchemes")
                                              : document.find("securityDefinitions");
  const Node* scheme = schemes != nullptr ? schemes->find(name) : nullptr;
  return scheme != nullptr ? references.resolve(*scheme) : nullptr;
}

void add_key(const std::string& scheme_name, const Node& scheme, Secrets& secrets,
             OperationSecurity& security) {
  const std::string name(scheme.text("name"));
  const PlanText value = secrets.variable(variable_name(scheme_name),
                                          fmt::format("the {} {}", scheme.text("in"), name));
  if (scheme.text("in") == "query") {
    security.query.emplace_back(name, value);
  } else if (scheme.text("in") == "cookie") {
    security.headers.push_back({"Cookie", PlanText(name + "=").append(value)});
  } else {
    security.headers.push_back({name, value});
  }
}

void add_scheme(const std::string& name, const Node& scheme, Secrets& secrets,
                OperationSecurity& security) {
  const std::string_view type = scheme.text("type");
  const std::string kind = to_lower(scheme.text("scheme"));
  if (type == "apiKey") {
    add_key(name, scheme, secrets, security);
  } else if (type == "basic" || (type == "http" && kind == "basic")) {
    security.headers.push_back(
        {"Authorization",
         PlanText("Basic ").append(secrets.variable(
             "BASIC_AUTH", "\"user:password\" in base64: printf '%s' 'user:password' | base64"))});
  } else if (type == "http" && kind != "bearer") {
    security.notes.push_back(
        fmt::format("LEFT OUT: the security scheme {} ({})", name, printable(kind)));
  } else if (type == "http" || type == "oauth2" || type == "openIdConnect") {
    const std::string variable = variable_name(name);
    security.headers.push_back(
        {"Authorization",
         PlanText("Bearer ").append(secrets.variable(
             variable == "SECRET" ? "TOKEN" : variable,
             fmt::format("a token for the security scheme {}", printable(name))))});
  } else {
    security.notes.push_back(fmt::format("LEFT OUT: the security scheme {} of the type {}",
                                         printable(name), printable(type)));
  }
}

}  // namespace

OperationSecurity read_security(const Node& document, const Node& operation, References& references,
                                Secrets& secrets) {
  OperationSecurity security;
  const Node* own = operation.find("security");
  const Node* written = own != nullptr ? own : document.find("security");
  const Node::List* alternatives = written != nullptr ? written->as_list() : nullptr;
  const Node::Object* first = alternatives != nullptr && !alternatives->empty()
                                  ? alternatives->front().as_object()
                                  : nullptr;
  for (std::size_t i = 0; first != nullptr && i < first->size(); ++i) {
    const std::string& name = (*first)[i].key;
    const Node* scheme = scheme_named(document, name, references);
    if (scheme != nullptr) {
      add_scheme(name, *scheme, secrets, security);
    } else {
      security.notes.push_back(
          fmt::format("LEFT OUT: the security scheme {}, which is not described", printable(name)));
    }
  }
  return security;
}

}  // namespace squall::import
