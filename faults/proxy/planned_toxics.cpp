#include "faults/proxy/planned_toxics.hpp"

#include <utility>

#include "faults/proxy/toxic_attributes.hpp"
#include "loadgen/base/check.hpp"

namespace squall::faults {
namespace {

const expr::TableSpec& no_keys() {
  static const expr::TableSpec kNone{
      .name = "fault", .help = "A fault on a proxy without keys of its own.", .keys = {}};
  return kNone;
}

expr::Value attributes_of(const ToxicKind& toxic, expr::TableReader& reader) {
  expr::Value attributes{expr::Table{}, reader.where()};
  if (toxic.from_plan != nullptr) {
    attributes.data = toxic.from_plan(reader);
  }
  attributes = complete_attributes(*toxic.attributes, {expr::Table{}, {}}, attributes);
  if (const auto compiled = compile_toxic(toxic, attributes); !compiled) {
    reader.diagnostics().error(reader.where(), compiled.error().message);
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
         .example = toxic.plan_example,
         .counts_nothing = toxic.traits.idle,
         .keys = toxic.plan_keys != nullptr ? toxic.plan_keys : &no_keys(),
         .read = [&toxic](expr::TableReader& reader) { return attributes_of(toxic, reader); }});
  }
}

}  // namespace squall::faults
