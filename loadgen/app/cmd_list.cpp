// squall list WHAT
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/diagnostics.hpp"
#include "loadgen/model/profile_file.hpp"
#include "loadgen/plan/shipped_profiles.hpp"
#include "reports/history/export.hpp"

namespace squall::app {
namespace {

template <class Entry>
void print_entries(std::string_view title, const Registry<Entry>& registry) {
  print("{}\n", title);
  for (const Entry& entry : registry.entries()) {
    print("  {:<16} {}\n", entry.name, entry.summary);
  }
}

void print_profiles() {
  print("Profiles of idempotency dialects ([idempotency] profile = …)\n");
  for (const plan::ShippedProfile& shipped : plan::shipped_profiles()) {
    Diagnostics problems;
    const auto profile = model::read_profile(shipped.text, std::string(shipped.file), problems);
    SQUALL_CHECK(profile.has_value());  // compiled in: a contract test reads each
    print("  {:<16} {}\n", profile->name, profile->summary);
  }
}

void print_properties() {
  print("Properties of idempotency (squall idempotency PLAN --only …)\n");
  for (const verify::PropertyKind* kind : verify::by_number(registries().properties)) {
    print("  {:>2} {:<26} {}\n", kind->number, kind->name, kind->provocation);
  }
}

model::ExitCode act(const std::string& what) {
  const AllRegistries& all = registries();
  const auto wanted = [&](std::string_view name) { return what == "all" || what == name; };
  if (wanted("faults")) {
    print_entries("Faults ([[fault]] kind = …)", all.faults);
    print_entries("Faults on a proxy ([[fault]] proxy = …, kind = …)", all.proxy_faults);
  }
  if (wanted("toxics")) {
    print_entries("Toxics (squall proxy toxic add -t …)", all.toxics);
  }
  if (wanted("arrivals")) {
    print_entries("Arrival processes (arrivals = { process = … })", all.arrivals);
  }
  if (wanted("oracles")) {
    print_entries("Oracles ([[effects.oracle]] kind = …)", all.oracles);
  }
  if (wanted("detectors")) {
    print_entries("Detectors ([checks] findings = […])", all.detectors);
  }
  if (wanted("properties")) {
    print_properties();
  }
  if (wanted("profiles")) {
    print_profiles();
  }
  if (wanted("formats")) {
    print_entries("Report formats (squall report DIR --as …)", all.formats);
    for (const reports::HistoryExport& one : reports::history_exports()) {
      print("  {:<16} {}\n", one.name, one.summary);
    }
  }
  return model::ExitCode::kPass;
}

}  // namespace

void add_list_command(CLI::App& tree, Cli& cli) {
  auto what = std::make_shared<std::string>("all");
  CLI::App* list = tree.add_subcommand("list",
                                       "What this squall knows: faults, toxics, arrivals, oracles, "
                                       "detectors, properties, profiles, formats");
  list->add_option("WHAT", *what, "One of them, or all")
      ->check(CLI::IsMember({"all", "faults", "toxics", "arrivals", "oracles", "detectors",
                             "properties", "profiles", "formats"}))
      ->capture_default_str();
  list->callback([what, &cli] { cli.action = [what] { return act(*what); }; });
}

}  // namespace squall::app
