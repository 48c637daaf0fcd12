// json: the record itself. Schema: reports/README.md.

#include "loadgen/model/report_format.hpp"

namespace squall::reports {
namespace {

std::string render(const model::RunRecord& record, const model::FormatOptions& /*options*/) {
  return model::to_json(record);
}

}  // namespace

void register_format_json(model::FormatRegistry& registry);
void register_format_json(model::FormatRegistry& registry) {
  registry.add(
      {.name = "json",
       .summary = "the run record: everything, for programs; also the baseline of later runs",
       .file_name = "record.json",
       .render = render});
}

}  // namespace squall::reports
