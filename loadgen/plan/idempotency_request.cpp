#include "loadgen/plan/idempotency_request.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/expr/expectation_text.hpp"
#include "loadgen/expr/generated_bytes.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/request.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

struct Slot {
  std::string_view name;
  std::string_view text;
  std::string_view meaning;  // told where it does not exist
};

constexpr std::array<Slot, model::kIdempotencySlots> kSlots{{
    {"token", "{{token}}",
     "{{token}} is the unique text of an operation; it exists in all requests of [idempotency]"},
    {"id", "{{id}}",
     "{{id}} is the resource that the operation made: it exists in [idempotency.read], "
     "[idempotency.update] and [idempotency.remove]"},
    {"value", "{{value}}", "{{value}} is what an update writes: it exists in [idempotency.update]"},
    {"event", "{{event}}",
     "{{event}} is the id of an event that is delivered: it exists in "
     "[idempotency.consumer.deliver] and [idempotency.consumer.later]"},
}};
static_assert(model::kTokenSlot == 0 && model::kIdSlot == 1 && model::kValueSlot == 2 &&
              model::kEventSlot == 3);

expr::TemplateNames names_of_slots(const expr::FeederSet& feeders) {
  expr::TemplateNames names;
  for (const Slot& slot : kSlots) {
    names.extracted.emplace_back(slot.name);
  }
  names.feeders = &feeders;
  return names;
}

// The plan's scope, in which the names of other requests are refused.
expr::Scope scope_for(const expr::Scope& scope, std::initializer_list<std::size_t> slots) {
  expr::Scope own = scope;
  for (std::size_t slot = 0; slot < kSlots.size(); ++slot) {
    if (std::find(slots.begin(), slots.end(), slot) == slots.end()) {
      own.refuse(std::string(kSlots[slot].name), std::string(kSlots[slot].meaning));
    }
  }
  return own;
}

expr::Expectation any_success() {
  auto success = expr::parse_expectation("status in 200..299");
  SQUALL_CHECK(success.has_value());
  return *std::move(success);
}

std::vector<expr::Expectation> read_expectations(expr::TableReader& reader,
                                                 const expr::TemplateNames& names,
                                                 const SourceText& text) {
  std::vector<expr::Expectation> expectations;
  for (const expr::LocatedText& written : reader.string_list("expect")) {
    auto expectation = expr::parse_expectation(written.text);
    if (expectation) {
      if (const auto filled = expr::expected_text(*expectation, names); !filled) {
        expectation = fail(filled.error());
      }
    }
    if (!expectation) {
      const auto& at = expectation.error().where;
      reader.diagnostics().error(text.inside(written, at ? at->column : 1),
                                 expectation.error().message);
      continue;
    }
    expectations.push_back(*std::move(expectation));
  }
  if (expectations.empty()) {
    expectations.push_back(any_success());
  }
  return expectations;
}

// Every value that the request is made of, one after the other.
std::string rendered(const model::RequestSpec& request, const expr::RenderContext& context) {
  std::string text;
  request.path.render(context, text);
  for (const model::Header& header : request.headers) {
    text += '\n';
    header.second.render(context, text);
  }
  if (request.body) {
    text += '\n';
    request.body->render(context, text);
  }
  return text;
}

void check_feeders(const model::RequestSpec& request, Build& build) {
  const auto report = [&](const expr::Template& part) {
    if (!part.unique_feeders().empty()) {
      build.diagnostics.error(
          request.where,
          "rows of a unique feeder run out, and how many operations a verification makes is not "
          "known before: use {{token}}, or a feeder with another order");
      return true;
    }
    return false;
  };
  if (report(request.path) || (request.body && report(*request.body))) {
    return;
  }
  static_cast<void>(std::any_of(request.headers.begin(), request.headers.end(),
                                [&](const auto& header) { return report(header.second); }));
}

}  // namespace

const expr::TableSpec& idempotency_request_spec() {
  static const expr::TableSpec spec = [] {
    expr::TableSpec result{
        .name = "idempotency.operation",
        .help =
            "A request, and what is a success of it. `[idempotency.read]`, `update`, `remove`, "
            "`other`, `consumer.deliver` and `consumer.later` are tables of the same keys. Beside "
            "the usual names they may use `{{token}}`, the unique text of the operation; in "
            "`read`, "
            "`update` and `remove` `{{id}}`, of the resource that the operation made; in `update` "
            "`{{value}}`, what it writes; in `deliver` and `later` `{{event}}`, the event's id. "
            "None carries the idempotency key: squall puts it where `key` says.",
        .keys = request_keys()};
    result.keys.push_back({.name = "expect",
                           .type = ValueType::kStringList,
                           .help = "What makes an answer a success, all together, as of steps; any "
                                   "status from 200 to 299 unless given.",
                           .example = "[\"status == 201\"]"});
    result.keys.push_back({.name = "target",
                           .type = ValueType::kString,
                           .help = "Name of its target; the first one unless given.",
                           .example = "\"shop\""});
    return result;
  }();
  return spec;
}

std::string_view slot_text(std::size_t slot) {
  return kSlots.at(slot).text;
}

bool depends_on(const model::RequestSpec& request, std::size_t slot) {
  std::array<std::string, model::kIdempotencySlots> values;
  std::vector<expr::GeneratedRange> generated;
  const expr::RenderContext context{.extracted = values, .generated = &generated};
  values.at(slot) = "a";
  const std::string one = rendered(request, context);
  values.at(slot) = "b";
  return rendered(request, context) != one;
}

std::string sample_body(const model::RequestSpec& request) {
  std::string body;
  if (request.body) {
    const std::array<std::string, model::kIdempotencySlots> values;
    std::vector<expr::GeneratedRange> generated;
    request.body->render({.extracted = values, .generated = &generated}, body);
  }
  return body;
}

model::IdempotencyRequest read_idempotency_request(const expr::Value& table,
                                                   std::initializer_list<std::size_t> slots,
                                                   Build& build) {
  const expr::Scope scope = scope_for(build.scope, slots);
  expr::TableReader reader(table, idempotency_request_spec(), scope, build.diagnostics);
  const expr::TemplateNames names = names_of_slots(build.plan.feeders);
  model::IdempotencyRequest request;
  request.request = read_request(table, reader, names);
  request.target = read_target_name(reader, build, 0);
  request.expect = read_expectations(reader, names, build.text);
  check_feeders(request.request, build);
  for (const std::string& secret : scope.secrets()) {
    build.scope.add_secret(secret);
  }
  return request;
}

}  // namespace squall::plan
