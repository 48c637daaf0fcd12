#include "faults/proxy/planned_toxics.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "faults/proxy/toxic_attributes.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/distribution_value.hpp"

namespace squall::faults {
namespace {

const expr::TableSpec& no_keys() {
  static const expr::TableSpec kNone{
      .name = "fault", .help = "A fault on a proxy without keys of its own.", .keys = {}};
  return kNone;
}

// What stands under a key, in a form that reads back as the same.
expr::Value value_of(const expr::KeySpec& key, expr::TableReader& reader) {
  using expr::ValueType;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const SourceRef where = reader.where(key.name);
  if (key.type == ValueType::kInteger) {
    return {reader.integer(key.name, -kMost, kMost), where};
  }
  if (key.type == ValueType::kDuration) {
    return {format_duration(reader.duration(key.name)), where};
  }
  if (key.type == ValueType::kShare) {
    return {format_share(reader.share(key.name)), where};
  }
  if (key.type == ValueType::kBytes) {
    return {std::to_string(reader.bytes(key.name).bytes) + "B", where};
  }
  if (key.type == ValueType::kDistribution) {
    return expr::distribution_value(reader.distribution(key.name), where);
  }
  if (key.type == ValueType::kStringList) {
    expr::Array list;
    for (expr::LocatedText& one : reader.string_list(key.name)) {
      list.push_back({std::move(one.text), one.where});
    }
    return {std::move(list), where};
  }
  SQUALL_CHECK(key.type == ValueType::kString);
  return {reader.string(key.name), where};
}

// HTTP faults have the same keys in plans and in the control API.
expr::Table as_written(const ToxicKind& toxic, expr::TableReader& reader) {
  expr::Table attributes;
  for (const expr::KeySpec& key : toxic.attributes->keys) {
    if (reader.has(key.name)) {
      attributes.push_back({key.name, reader.where(key.name), value_of(key, reader)});
    }
  }
  return attributes;
}

const expr::TableSpec& keys_of(const ToxicKind& toxic) {
  if (toxic.acts_on_http()) {
    return *toxic.attributes;
  }
  return toxic.plan_keys != nullptr ? *toxic.plan_keys : no_keys();
}

expr::Value attributes_of(const ToxicKind& toxic, expr::TableReader& reader) {
  expr::Value attributes{expr::Table{}, reader.where()};
  if (toxic.acts_on_http()) {
    attributes.data = as_written(toxic, reader);
  } else if (toxic.from_plan != nullptr) {
    attributes.data = toxic.from_plan(reader);
  }
  attributes = complete_attributes(toxic, {expr::Table{}, {}}, attributes);
  Diagnostics problems;
  check_attributes(toxic, attributes, problems);
  for (const Diagnostic& one : problems.sorted()) {
    // What comes from a default or was worked out stands nowhere.
    reader.diagnostics().error(one.where.line > 0 ? one.where : reader.where(), one.message);
  }
  return attributes;
}

}  // namespace

void add_planned_toxics(const ToxicRegistry& toxics, model::ProxyFaultRegistry& kinds) {
  for (const ToxicKind& toxic : toxics.entries()) {
    SQUALL_CHECK((toxic.plan_keys == nullptr) == (toxic.from_plan == nullptr));
    kinds.add(
        {.name = toxic.name,
         .summary = toxic.summary,
         .production_cause = toxic.production_cause,
         .example = toxic.acts_on_http() ? toxic.example : toxic.plan_example,
         .unit =
             toxic.acts_on_http() ? model::ProxyFaultUnit::kRequest : model::ProxyFaultUnit::kLink,
         .counts_nothing = toxic.traits.idle,
         .keys = &keys_of(toxic),
         .read = [&toxic](expr::TableReader& reader) { return attributes_of(toxic, reader); }});
  }
}

}  // namespace squall::faults
