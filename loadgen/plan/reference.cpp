#include "loadgen/plan/reference.hpp"

#include <set>

#include <fmt/core.h>

#include "loadgen/expr/condition.hpp"
#include "loadgen/expr/distribution.hpp"
#include "loadgen/expr/flow_condition.hpp"
#include "loadgen/expr/key_markdown.hpp"
#include "loadgen/expr/template_filter.hpp"
#include "loadgen/expr/template_function.hpp"
#include "loadgen/plan/key_tables.hpp"

namespace squall::plan {
namespace {

using expr::KeySpec;
using expr::TableSpec;

// Begins with a capital letter and ends with a full stop.
std::string sentence(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out.front() >= 'a' && out.front() <= 'z') {
    out.front() = static_cast<char>(out.front() - 'a' + 'A');
  }
  if (!out.ends_with('.')) {
    out += '.';
  }
  return out;
}

std::string keys_of(const TableSpec& table) {
  const std::string rows = expr::key_table(table);
  return rows.empty() ? rows : rows + "\n";
}

// The tables in a kind's keys, such as the steps of a rate.
std::string inner_tables(const TableSpec& keys) {
  std::string out;
  for (const KeySpec& key : keys.keys) {
    if (key.table != nullptr) {
      out += fmt::format("Each of `{}`:\n\n{}", key.name, keys_of(*key.table));
    }
  }
  return out;
}

template <class Kind>
std::string kind_section(std::string_view word, const Kind& kind) {
  return fmt::format("#### {} = \"{}\"\n\n{}\n\n{}{}```toml\n{}{}```\n\n", word, kind.name,
                     sentence(kind.summary), keys_of(*kind.keys), inner_tables(*kind.keys),
                     kind.example, kind.example.ends_with('\n') ? "" : "\n");
}

template <class Kind>
std::string kind_sections(std::string_view word, const Registry<Kind>& registry) {
  std::string out;
  for (const Kind& kind : registry.entries()) {
    out += kind_section(word, kind);
  }
  return out;
}

// A whole table: the kinds' own keys would not stand alone.
std::string proxy_fault_section(const model::ProxyFaultKind& kind) {
  return fmt::format(
      "#### proxy = …, kind = \"{0}\"\n\n{1}\n\n{2}{3}```toml\n[[fault]]\nname = \"{0}\"\n"
      "kind = \"{0}\"\nproxy = \"psp\"\n{4}```\n\n",
      kind.name, sentence(kind.summary), keys_of(*kind.keys), inner_tables(*kind.keys),
      kind.example);
}

std::string proxy_faults(const model::ProxyFaultRegistry& registry) {
  const TableSpec& common = proxy_fault_spec();
  std::string out =
      fmt::format("### [[fault]] on a proxy\n\n{}\n\n{}", common.help, keys_of(common));
  for (const model::ProxyFaultKind& kind : registry.entries()) {
    out += proxy_fault_section(kind);
  }
  return out;
}

std::string kinds_of(const TableSpec& table, const Registries& registries) {
  if (&table == &step_spec()) {
    return fmt::format("#### A step that has steps: a group\n\n{}\n\n{}", group_spec().help,
                       keys_of(group_spec()));
  }
  if (&table == &arrivals_spec()) {
    return kind_sections("process", registries.arrivals);
  }
  if (&table == &fault_spec()) {
    return kind_sections("kind", registries.faults) + proxy_faults(registries.proxy_faults);
  }
  if (&table == &action_spec()) {
    return kind_sections("kind", registries.actions);
  }
  if (&table == &oracle_spec()) {
    return kind_sections("kind", registries.oracles);
  }
  return {};
}

std::string heading(const KeySpec& key) {
  return key.type == expr::ValueType::kTableList ? fmt::format("[[{}]]", key.table->name)
                                                 : fmt::format("[{}]", key.table->name);
}

// The tables below `table`, each before those below it, each once.
void add_tables(const TableSpec& table, const Registries& registries,
                std::set<const TableSpec*>& done, std::string& out) {
  for (const KeySpec& key : table.keys) {
    if (key.table == nullptr || !done.insert(key.table).second) {
      continue;
    }
    out += fmt::format("### {}\n\n{}\n\n{}{}", heading(key), key.table->help, keys_of(*key.table),
                       kinds_of(*key.table, registries));
    add_tables(*key.table, registries, done, out);
  }
}

std::string distributions() {
  std::string out =
      "### Distributions\n\nA delay is a duration, which is always the same, or a table that is "
      "drawn "
      "from anew each time.\n\n";
  for (const TableSpec& spec : expr::distribution_specs()) {
    out +=
        fmt::format("#### distribution = \"{}\"\n\n{}\n\n{}",
                    spec.name.substr(spec.name.find('.') + 1), sentence(spec.help), keys_of(spec));
  }
  return out;
}

std::string detectors(const model::DetectorRegistry& registry) {
  std::string out =
      "### Detectors\n\nFor `findings` of [checks].\n\n" + detector_table(registry) + "\n";
  for (const model::DetectorKind& kind : registry.entries()) {
    if (kind.settings != nullptr) {
      out += fmt::format("#### [detector.{}]\n\n{}", kind.name, keys_of(*kind.settings));
    }
  }
  return out;
}

std::string templates() {
  std::string out =
      "### Templates\n\nBetween two pairs of braces stands a name, a text in quotes, or a function "
      "with its arguments, and behind each `|` a filter. Arguments are numbers, durations "
      "(`+5m`, `-30s`) and texts in quotes: `\"…\"`, where `\\` escapes, or `'…'`, where nothing "
      "does. A text may hold `{{…}}` and `${env:NAME}` itself. What is drawn is made of (seed, "
      "step, arrival, place in the request), so retries and copies of an operation repeat it and "
      "the number of threads changes nothing.\n\n"
      "In a header, what would end the line becomes a blank; in a path, what a request line cannot "
      "carry becomes `%XX`.\n\n"
      "| name | what it is |\n|---|---|\n"
      "| `{{key}}` | The operation's idempotency key. |\n"
      "| `{{seq}}` | The number of the arrival in its scenario, from 0. |\n"
      "| `{{index}}` | The pass of the innermost `repeat` or `while`, from 0. |\n"
      "| `{{run}}` | The run id. |\n"
      "| `{{caller}}` | The caller's name. |\n"
      "| `{{now}}`, `{{now +5m}}`, `{{now -30s \\| iso}}` | The time, with an offset and a "
      "format: `unix` (the default), `unix_ms`, `iso`, `http`, or `strftime \"%Y-%m-%d\"`. |\n"
      "| `{{body}}` | In a header: the request's body, for signatures. |\n"
      "| `{{NAME}}` | What an earlier step extracted. |\n\n"
      "| function | what it gives | example |\n|---|---|---|\n";
  for (const expr::TemplateFunction& function : expr::template_functions().entries()) {
    out += fmt::format("| `{}{}{}` | {} | `{{{{{}}}}}` |\n", function.name,
                       function.arguments.empty() ? "" : " ", function.arguments,
                       expr::markdown_cell(function.summary), function.example);
  }
  out += "\n| filter | what it makes | example |\n|---|---|---|\n";
  for (const expr::TemplateFilter& filter : expr::template_filters()) {
    out += fmt::format("| `{}` | {} | `{}` |\n", filter.name, expr::markdown_cell(filter.summary),
                       expr::markdown_cell(filter.example));
  }
  return out + "\n";
}

}  // namespace

std::string detector_table(const model::DetectorRegistry& registry) {
  std::string out = "| name | finds | needs |\n|---|---|---|\n";
  for (const model::DetectorKind& kind : registry.entries()) {
    out += fmt::format("| `{}` | {} | {} |\n", kind.name, expr::markdown_cell(kind.summary),
                       expr::markdown_cell(kind.needs));
  }
  return out;
}

std::string reference(const Registries& registries) {
  const TableSpec& plan = plan_spec();
  std::string out = fmt::format("### The document\n\n{}\n\n{}", plan.help, keys_of(plan));
  std::set<const TableSpec*> done;
  add_tables(plan, registries, done, out);
  out += templates();
  out += distributions();
  out += detectors(registries.detectors);
  out += fmt::format("### Grammar of conditions\n\n```ebnf\n{}\n{}```\n", expr::condition_grammar(),
                     expr::flow_condition_grammar());
  return out;
}

}  // namespace squall::plan
