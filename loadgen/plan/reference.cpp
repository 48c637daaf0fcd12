#include "loadgen/plan/reference.hpp"

#include <fmt/core.h>

#include "loadgen/expr/condition.hpp"
#include "loadgen/expr/distribution.hpp"
#include "loadgen/plan/key_tables.hpp"

namespace squall::plan {
namespace {

using expr::KeySpec;
using expr::TableSpec;
using expr::ValueType;

// Text for a cell: bars and line breaks would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') {
      out += "\\|";
    } else {
      out += c == '\n' ? ' ' : c;
    }
  }
  return out;
}

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

// The key table holds defaults without quotes.
std::string default_in_toml(const KeySpec& key) {
  const bool bare = key.type == ValueType::kInteger || key.type == ValueType::kNumber ||
                    key.type == ValueType::kBoolean || key.type == ValueType::kStringList;
  return bare ? key.default_value : fmt::format("\"{}\"", key.default_value);
}

std::string example_of(const KeySpec& key) {
  if (!key.example.empty()) {
    return key.example;
  }
  if (!key.default_value.empty()) {
    return default_in_toml(key);
  }
  if (!key.choices.empty()) {
    return fmt::format("\"{}\"", key.choices.front());
  }
  return std::string(expr::example_of(key.type));
}

std::string value_of(const KeySpec& key) {
  if (key.choices.empty()) {
    return std::string(expr::to_string(key.type));
  }
  std::string words;
  for (const std::string& choice : key.choices) {
    words += fmt::format("{}`{}`", words.empty() ? "" : ", ", choice);
  }
  return words;
}

std::string default_of(const KeySpec& key) {
  if (key.required) {
    return "required";
  }
  return key.default_value.empty() ? "" : fmt::format("`{}`", cell(key.default_value));
}

bool is_nested(const KeySpec& key) {
  return key.type == ValueType::kTable || key.type == ValueType::kTableList;
}

std::string key_rows(const TableSpec& table) {
  if (table.keys.empty()) {
    return {};
  }
  std::string out = "| key | value | default | example | meaning |\n|---|---|---|---|---|\n";
  for (const KeySpec& key : table.keys) {
    const bool plain_table = is_nested(key) && key.example.empty();
    out +=
        fmt::format("| `{}` | {} | {} | {} | {} |\n", key.name, value_of(key), default_of(key),
                    plain_table ? "" : fmt::format("`{}`", cell(example_of(key))), cell(key.help));
  }
  return out + "\n";
}

template <class Kind>
std::string kind_section(std::string_view word, const Kind& kind) {
  return fmt::format("#### {} = \"{}\"\n\n{}\n\n{}```toml\n{}{}```\n\n", word, kind.name,
                     sentence(kind.summary), key_rows(*kind.keys), kind.example,
                     kind.example.ends_with('\n') ? "" : "\n");
}

template <class Kind>
std::string kind_sections(std::string_view word, const Registry<Kind>& registry) {
  std::string out;
  for (const Kind& kind : registry.entries()) {
    out += kind_section(word, kind);
  }
  return out;
}

std::string kinds_of(const TableSpec& table, const Registries& registries) {
  if (&table == &arrivals_spec()) {
    return kind_sections("process", registries.arrivals);
  }
  if (&table == &fault_spec()) {
    return kind_sections("kind", registries.faults);
  }
  if (&table == &oracle_spec()) {
    return kind_sections("kind", registries.oracles);
  }
  return {};
}

std::string heading(const KeySpec& key) {
  return key.type == ValueType::kTableList ? fmt::format("[[{}]]", key.table->name)
                                           : fmt::format("[{}]", key.table->name);
}

// The tables below `table`, each before those below it.
void add_tables(const TableSpec& table, const Registries& registries, std::string& out) {
  for (const KeySpec& key : table.keys) {
    if (key.table == nullptr) {
      continue;
    }
    out += fmt::format("### {}\n\n{}\n\n{}{}", heading(key), key.table->help, key_rows(*key.table),
                       kinds_of(*key.table, registries));
    add_tables(*key.table, registries, out);
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
                    spec.name.substr(spec.name.find('.') + 1), sentence(spec.help), key_rows(spec));
  }
  return out;
}

std::string detectors(const model::DetectorRegistry& registry) {
  std::string out =
      "### Detectors\n\nFor `findings` of [checks].\n\n| name | finds | needs |\n|---|---|---|\n";
  for (const model::DetectorKind& kind : registry.entries()) {
    out += fmt::format("| `{}` | {} | {} |\n", kind.name, cell(kind.summary), cell(kind.needs));
  }
  return out + "\n";
}

}  // namespace

std::string reference(const Registries& registries) {
  const TableSpec& plan = plan_spec();
  std::string out = fmt::format("### The document\n\n{}\n\n{}", plan.help, key_rows(plan));
  add_tables(plan, registries, out);
  out += distributions();
  out += detectors(registries.detectors);
  out += fmt::format("### Grammar of conditions\n\n```ebnf\n{}{}```\n", expr::condition_grammar(),
                     expr::condition_grammar().ends_with('\n') ? "" : "\n");
  return out;
}

Result<std::string> with_reference(std::string_view readme, const Registries& registries) {
  const std::size_t begin = readme.find(kReferenceBegin);
  const std::size_t end =
      begin == std::string_view::npos ? begin : readme.find(kReferenceEnd, begin);
  if (end == std::string_view::npos) {
    return fail(ErrorCode::kMalformed, fmt::format("the text has no part between \"{}\" and \"{}\"",
                                                   kReferenceBegin, kReferenceEnd));
  }
  const std::size_t after_begin = begin + kReferenceBegin.size();
  return fmt::format("{}\n\n{}\n{}", readme.substr(0, after_begin), reference(registries),
                     readme.substr(end));
}

}  // namespace squall::plan
