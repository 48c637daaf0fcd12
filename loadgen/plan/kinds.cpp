#include "loadgen/plan/kinds.hpp"

namespace squall::plan {

expr::TableSpec with_kind_keys(const expr::TableSpec& common, std::string_view discriminator,
                               const std::vector<std::string_view>& names,
                               const expr::TableSpec* kind_keys) {
  expr::TableSpec merged = common;
  for (expr::KeySpec& key : merged.keys) {
    if (key.name == discriminator) {
      key.choices.assign(names.begin(), names.end());
    }
  }
  if (kind_keys != nullptr) {
    for (const expr::KeySpec& key : kind_keys->keys) {
      SQUALL_CHECK(merged.find(key.name) == nullptr);
      merged.keys.push_back(key);
    }
  }
  return merged;
}

std::string peek_string(const expr::Value& table, std::string_view key, const expr::Scope& scope) {
  const expr::Value* value = table.find(key);
  const std::string* text = value != nullptr ? value->as_string() : nullptr;
  if (text == nullptr) {
    return {};
  }
  return scope.substitute(*text).value_or(std::string());
}

expr::Value only_keys_of(const expr::Value& table, const expr::TableSpec& spec) {
  const expr::Table* entries = table.as_table();
  if (entries == nullptr) {
    return table;
  }
  expr::Table kept;
  for (const expr::Entry& entry : *entries) {
    if (spec.find(entry.key) != nullptr) {
      kept.push_back(entry);
    }
  }
  return {kept, table.where};
}

}  // namespace squall::plan
