#include "loadgen/plan/idempotency_rules.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/json_place.hpp"
#include "loadgen/plan/idempotency_request.hpp"

namespace squall::plan {
namespace {

using model::IdempotencyPlan;
using model::IdempotencyRequest;
using model::KeyCarrier;
using model::RequestSpec;

struct NamedRequest {
  std::string_view name;
  const IdempotencyRequest* request;
};

std::vector<NamedRequest> requests_of(const IdempotencyPlan& planned) {
  std::vector<NamedRequest> requests;
  if (planned.has_operation) {
    requests.push_back({"operation", &planned.operation});
  }
  const auto add = [&](std::string_view name, const std::optional<IdempotencyRequest>& request) {
    if (request) {
      requests.push_back({name, &*request});
    }
  };
  add("read", planned.read);
  add("update", planned.update);
  add("remove", planned.remove);
  add("other", planned.other);
  if (planned.consumer) {
    requests.push_back({"deliver", &planned.consumer->deliver});
    add("later", planned.consumer->later);
  }
  return requests;
}

bool carries_key(std::string_view name) {
  return name == "operation" || name == "update" || name == "other";
}

void check_headers(const std::vector<model::Header>& headers, const KeyCarrier& carrier,
                   std::string_view whose, const SourceRef& where, Build& build) {
  if (has_field(headers, carrier.name)) {
    build.diagnostics.error(
        where, fmt::format("{} sends the header {} itself, and squall puts each request's key "
                           "there: leave it out",
                           whose, carrier.name));
  }
}

bool has_parameter(std::string_view path, std::string_view name) {
  const std::size_t question = path.find('?');
  if (question == std::string_view::npos) {
    return false;
  }
  const std::vector<std::string_view> parameters = split(path.substr(question + 1), '&');
  return std::any_of(parameters.begin(), parameters.end(), [&](std::string_view parameter) {
    return parameter.substr(0, parameter.find('=')) == name;
  });
}

// The object that a key in the body becomes a member of.
void check_body(const NamedRequest& named, const KeyCarrier& carrier, Build& build) {
  const RequestSpec& request = named.request->request;
  const std::string body = sample_body(request);
  const std::string_view parent = std::string_view(carrier.name).substr(0, carrier.name.rfind('/'));
  const auto place = expr::find_json(body, parent);
  if (!place || !place->starts_with('{')) {
    build.diagnostics.error(
        request.where,
        fmt::format("the key stands at {} of the JSON body, and {} has no object there to put it "
                    "into",
                    printable(carrier.name), named.name));
  }
}

void check_request(const NamedRequest& named, const KeyCarrier& carrier, Build& build) {
  const RequestSpec& request = named.request->request;
  switch (carrier.in) {
    case KeyCarrier::In::kHeader:
      check_headers(request.headers, carrier, named.name, request.where, build);
      return;
    case KeyCarrier::In::kBody:
      if (carries_key(named.name)) {
        check_body(named, carrier, build);
      }
      return;
    case KeyCarrier::In::kQuery:
      if (has_parameter(request.path.source(), carrier.name)) {
        build.diagnostics.error(request.where,
                                fmt::format("{} has the parameter {} itself, and squall puts each "
                                            "request's key there: leave it out",
                                            named.name, carrier.name));
      }
      return;
  }
}

void demand(const NamedRequest& named, std::size_t slot, std::string_view why, Build& build) {
  if (!depends_on(named.request->request, slot)) {
    build.diagnostics.error(
        named.request->request.where,
        fmt::format("nothing in this request carries {}: {}", slot_text(slot), why));
  }
}

}  // namespace

void check_carrier(const IdempotencyPlan& planned, const SourceRef& where, Build& build) {
  for (const NamedRequest& named : requests_of(planned)) {
    check_request(named, planned.carrier, build);
  }
  if (planned.carrier.in != KeyCarrier::In::kHeader) {
    return;
  }
  for (const model::Target& target : build.plan.targets) {
    check_headers(target.headers, planned.carrier, fmt::format("target \"{}\"", target.name), where,
                  build);
  }
  for (const model::Caller& caller : build.plan.callers) {
    check_headers(caller.headers, planned.carrier, fmt::format("caller \"{}\"", caller.name), where,
                  build);
  }
}

void check_requests(const IdempotencyPlan& planned, Build& build) {
  for (const NamedRequest& named : requests_of(planned)) {
    const bool about_one = named.name == "read" || named.name == "update" || named.name == "remove";
    if (about_one && !depends_on(named.request->request, model::kTokenSlot)) {
      demand(named, model::kIdSlot, "it has to be about the resource that one operation made",
             build);
    }
    if (named.name == "update") {
      demand(named, model::kValueSlot, "two updates have to write different things", build);
    }
    if (named.name == "deliver" || named.name == "later") {
      demand(named, model::kEventSlot, "a receiver tells events apart by it", build);
    }
    const bool counted = named.name == "operation" || named.name == "deliver";
    if (counted && !build.plan.effects.oracles.empty()) {
      demand(named, model::kTokenSlot,
             "no oracle could find the effects; put it into the body or a header", build);
    }
  }
}

void check_change(const model::BodyChange& change, std::string_view key, expr::TableReader& reader,
                  const RequestSpec& operation) {
  const std::string body = sample_body(operation);
  const auto place = expr::find_json(body, change.pointer);
  if (!operation.body || !expr::find_json(body, "")) {
    reader.error(key, fmt::format("`{}` changes a value of the operation's JSON body, and it has "
                                  "none",
                                  key));
  } else if (!place) {
    reader.error(key, fmt::format("`{}` changes {}, and the operation's body has nothing there",
                                  key, printable(change.pointer)));
  } else if (*place == change.json) {
    reader.error(key, fmt::format("`{}` changes nothing: {} is {} already", key,
                                  printable(change.pointer), printable(change.json)));
  }
}

}  // namespace squall::plan
