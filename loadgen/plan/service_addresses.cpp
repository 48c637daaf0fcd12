#include "loadgen/plan/service_addresses.hpp"

#include <algorithm>
#include <variant>

#include <fmt/core.h>

#include "loadgen/expr/braces.hpp"

namespace squall::plan {
namespace {

using expr::Value;

// What a service of a plan is called; null for a table without a name, which is reported elsewhere.
const std::string* name_of(const Value& service) {
  const Value* name = service.find("name");
  return name != nullptr ? name->as_string() : nullptr;
}

template <class Visit>
void for_each_service(const Value& document, Visit visit) {
  const Value* list = document.find("service");
  if (list == nullptr || list->as_array() == nullptr) {
    return;
  }
  for (const Value& service : *list->as_array()) {
    if (const std::string* name = name_of(service)) {
      visit(service, *name);
    }
  }
}

// The {{port.NAME}} in a text that names a service with several replicas.
struct Mention {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string service;
  std::size_t replicas = 0;
};

std::optional<Mention> mention_in(std::string_view text, const Value& document) {
  constexpr std::string_view kPort = "port.";
  std::size_t from = 0;
  while (true) {
    const auto braces = expr::find_braces(text, from);
    if (!braces || !*braces) {
      return std::nullopt;
    }
    from = (*braces)->end;
    if (!(*braces)->inside.starts_with(kPort)) {
      continue;
    }
    std::optional<Mention> found;
    for_each_service(document, [&](const Value& service, const std::string& name) {
      if (name == (*braces)->inside.substr(kPort.size()) && replicas_of(service) > 1) {
        found = Mention{(*braces)->begin, (*braces)->end, name, replicas_of(service)};
      }
    });
    if (found) {
      return found;
    }
  }
}

void expand_urls(Value& urls, const Value& document) {
  auto* list = std::get_if<expr::Array>(&urls.data);
  if (list == nullptr) {
    return;
  }
  expr::Array expanded;
  for (const Value& url : *list) {
    const std::string* text = url.as_string();
    const auto mention = text != nullptr ? mention_in(*text, document) : std::nullopt;
    if (!mention) {
      expanded.push_back(url);
      continue;
    }
    for (std::size_t replica = 1; replica <= mention->replicas; ++replica) {
      std::string one = *text;
      one.replace(mention->begin, mention->end - mention->begin,
                  fmt::format("{{{{port.{}.{}}}}}", mention->service, replica));
      expanded.push_back({std::move(one), url.where});
    }
  }
  *list = std::move(expanded);
}

bool mentions(const Value& value, std::string_view text) {
  if (const std::string* string = value.as_string()) {
    return string->find(text) != std::string::npos;
  }
  if (const auto* list = value.as_array()) {
    return std::any_of(list->begin(), list->end(),
                       [&](const Value& entry) { return mentions(entry, text); });
  }
  if (const auto* table = value.as_table()) {
    return std::any_of(table->begin(), table->end(),
                       [&](const expr::Entry& entry) { return mentions(entry.value, text); });
  }
  return false;
}

}  // namespace

std::size_t replicas_of(const Value& service) {
  const Value* asked = service.find("replicas");
  const auto* number = asked != nullptr ? std::get_if<std::int64_t>(&asked->data) : nullptr;
  if (number == nullptr || *number < 1) {
    return 1;
  }
  return std::min(static_cast<std::size_t>(*number), kMaxReplicasOfService);
}

void define_services(const Value& document, const LoadOptions& options, expr::Scope& scope,
                     Diagnostics& diagnostics) {
  const std::string scratch = options.scratch.empty() ? "/tmp/squall" : options.scratch;
  for_each_service(document, [&](const Value& service, const std::string& name) {
    const std::size_t replicas = replicas_of(service);
    for (std::size_t replica = 1; replica <= replicas; ++replica) {
      const std::string number = replicas > 1 ? fmt::format(".{}", replica) : "";
      const auto free =
          options.free_port ? options.free_port() : fail(ErrorCode::kExhausted, "nobody gives any");
      if (!free) {
        diagnostics.error(service.where, "no free port: " + free.error().message);
      }
      scope.define(fmt::format("port.{}{}", name, number), std::to_string(free.value_or(0)));
      scope.define(
          fmt::format("dir.{}{}", name, number),
          fmt::format("{}-{}{}", scratch, name, replicas > 1 ? fmt::format("-{}", replica) : ""));
    }
    if (replicas > 1) {
      for (const std::string_view prefix : {"port", "dir"}) {
        scope.refuse(fmt::format("{}.{}", prefix, name),
                     fmt::format("service \"{0}\" has {1} replicas: write {{{{{2}.{0}.1}}}} to "
                                 "{{{{{2}.{0}.{1}}}}} for one of them",
                                 name, replicas, prefix));
      }
    }
  });
}

expr::Scope scope_of_replica(const expr::Scope& scope, std::string_view service,
                             std::size_t replica, std::size_t replicas) {
  expr::Scope own = scope;
  own.define("replica", std::to_string(replica));
  if (replicas > 1) {
    for (const std::string_view prefix : {"port", "dir"}) {
      const auto value =
          scope.substitute(fmt::format("{{{{{}.{}.{}}}}}", prefix, service, replica));
      own.define(fmt::format("{}.{}", prefix, service), value.value_or(std::string()));
    }
  }
  return own;
}

bool uses_directory(const Value& document, std::string_view service) {
  return mentions(document, fmt::format("dir.{}", service));
}

void expand_replicas(Value& document) {
  Value* targets = document.find("target");
  auto* list = targets != nullptr ? std::get_if<expr::Array>(&targets->data) : nullptr;
  if (list == nullptr) {
    return;
  }
  for (Value& target : *list) {
    if (Value* urls = target.find("urls")) {
      expand_urls(*urls, document);
    }
  }
}

}  // namespace squall::plan
