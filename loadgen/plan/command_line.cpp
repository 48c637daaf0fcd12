#include "loadgen/plan/command_line.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {
namespace {

using expr::Array;
using expr::Entry;
using expr::Table;
using expr::Value;

std::uint64_t random_bits(const LoadOptions& options) {
  if (options.entropy) {
    return options.entropy();
  }
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

SourceRef option(std::string_view name, unsigned ordinal = 1) {
  return {std::string(name), ordinal, 1};
}

// Sets a key, before the first [table] when it is new: keys of the document itself stand at its
// top.
void put(Table& table, std::string_view key, Value value) {
  const auto there = std::find_if(table.begin(), table.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (there != table.end()) {
    there->value = std::move(value);
    return;
  }
  const auto first_table = std::find_if(table.begin(), table.end(), [](const Entry& entry) {
    return entry.value.as_table() != nullptr || entry.value.as_array() != nullptr;
  });
  const SourceRef where = value.where;
  table.insert(first_table, Entry{std::string(key), where, std::move(value)});
}

void put_seed(Table& document, const LoadOptions& options, Diagnostics& diagnostics) {
  constexpr auto kMaxSeed = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool in_plan = std::any_of(document.begin(), document.end(),
                                   [](const Entry& entry) { return entry.key == "seed"; });
  if (in_plan && !options.seed) {
    return;
  }
  const std::uint64_t seed = options.seed ? *options.seed : random_bits(options) >> 32;
  if (seed > kMaxSeed) {
    diagnostics.error(option(kSeedOption), fmt::format("a seed is at most {}", kMaxSeed));
    return;
  }
  put(document, "seed", Value{static_cast<std::int64_t>(seed), option(kSeedOption)});
}

std::string_view word(model::PaceMode pace) {
  switch (pace) {
    case model::PaceMode::kAuto:
      return "auto";
    case model::PaceMode::kSpin:
      return "spin";
    case model::PaceMode::kTimer:
      return "timer";
  }
  return "auto";
}

void put_load(Value& document, const LoadOptions& options) {
  Value* load = document.find("load");
  auto* table = load != nullptr ? std::get_if<Table>(&load->data) : nullptr;
  if (table == nullptr) {
    return;  // a plan without [load] is reported when it is read
  }
  if (options.threads) {
    put(*table, "threads", Value{std::int64_t{*options.threads}, option(kThreadsOption)});
  }
  if (options.pace) {
    put(*table, "pace", Value{std::string(word(*options.pace)), option(kPaceOption)});
  }
}

struct NamedUrl {
  std::string_view name;  // empty: the first target
  std::string_view url;
};

// "shop=http://…" or "http://…", whose path may hold '=' too.
NamedUrl split_target(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string_view::npos && is_plain_name(text.substr(0, equals))) {
    return {text.substr(0, equals), text.substr(equals + 1)};
  }
  return {{}, text};
}

Value* find_target(Array& targets, std::string_view name) {
  if (name.empty()) {
    return targets.empty() ? nullptr : &targets.front();
  }
  const auto found = std::find_if(targets.begin(), targets.end(), [&](const Value& target) {
    const Value* own = target.find("name");
    return own != nullptr && own->as_string() != nullptr && *own->as_string() == name;
  });
  return found == targets.end() ? nullptr : &*found;
}

std::vector<std::string_view> names_of(const Array& targets) {
  std::vector<std::string_view> names;
  for (const Value& target : targets) {
    const Value* name = target.find("name");
    if (name != nullptr && name->as_string() != nullptr) {
      names.emplace_back(*name->as_string());
    }
  }
  return names;
}

void put_targets(Value& document, const LoadOptions& options, Diagnostics& diagnostics) {
  Value* list = document.find("target");
  auto* targets = list != nullptr ? std::get_if<Array>(&list->data) : nullptr;
  std::vector<const Value*> replaced;
  unsigned ordinal = 0;
  for (const std::string& text : options.targets) {
    const SourceRef where = option(kTargetOption, ++ordinal);
    const NamedUrl asked = split_target(text);
    Value* target = targets != nullptr ? find_target(*targets, asked.name) : nullptr;
    auto* table = target != nullptr ? std::get_if<Table>(&target->data) : nullptr;
    if (table == nullptr) {
      const auto known = targets != nullptr ? names_of(*targets) : std::vector<std::string_view>{};
      diagnostics.error(where, asked.name.empty() ? "the plan has no [[target]] to replace"
                                                  : unknown_name("target", asked.name, known));
      continue;
    }
    // The first one replaces what the plan says, further ones of the same target add replicas.
    const bool first = std::find(replaced.begin(), replaced.end(), target) == replaced.end();
    replaced.push_back(target);
    Array urls;
    if (const Value* before = target->find("urls"); !first && before->as_array() != nullptr) {
      urls = *before->as_array();
    }
    urls.push_back(Value{std::string(asked.url), where});
    put(*table, "urls", Value{std::move(urls), where});
  }
}

bool is_run_id(std::string_view text) {
  constexpr std::size_t kMaxLength = 64;
  return !text.empty() && text.size() <= kMaxLength &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

void apply_command_line(Value& document, const LoadOptions& options, Diagnostics& diagnostics) {
  put_seed(std::get<Table>(document.data), options, diagnostics);
  put_load(document, options);
  put_targets(document, options, diagnostics);
}

std::string choose_run_id(const LoadOptions& options, Diagnostics& diagnostics) {
  if (options.run_id) {
    if (!is_run_id(*options.run_id)) {
      diagnostics.error(
          option(kRunIdOption),
          fmt::format("\"{}\" cannot be a run id: up to 64 letters, digits, '-', '_' and "
                      "'.', for example \"night-42\"",
                      printable(*options.run_id)));
    }
    return *options.run_id;
  }
  constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr int kLength = 10;
  std::uint64_t bits = mix64(random_bits(options));
  std::string id;
  for (int i = 0; i < kLength; ++i) {
    id += kDigits[bits & 31];
    bits >>= 5;
  }
  return id;
}

}  // namespace squall::plan
