// Tables whose keys depend on a word in them: `kind` of a fault or oracle, `process` of arrivals.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/base/registry.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::plan {

// The common keys, with the registered names as `choices` of `discriminator`, and after them the
// keys of `kind` (if any).
[[nodiscard]] expr::TableSpec with_kind_keys(const expr::TableSpec& common,
                                             std::string_view discriminator,
                                             const std::vector<std::string_view>& names,
                                             const expr::TableSpec* kind_keys);

// A table, the description to read it with, and the kind it names.
template <class Kind>
struct KindTable {
  const Kind* kind = nullptr;  // null: the word is missing or unknown, which reading will report
  expr::TableSpec spec;
  expr::Value table;  // without a kind: only the common keys, since nobody can know the others
};

// The value of `table`'s string `key` with load-time names filled in; empty when it has none.
[[nodiscard]] std::string peek_string(const expr::Value& table, std::string_view key,
                                      const expr::Scope& scope);

// A copy of `table` with only the keys of `spec`.
[[nodiscard]] expr::Value only_keys_of(const expr::Value& table, const expr::TableSpec& spec);

template <class Kind>
[[nodiscard]] KindTable<Kind> resolve_kind(const expr::Value& table, const expr::TableSpec& common,
                                           std::string_view discriminator,
                                           const Registry<Kind>& registry,
                                           const expr::Scope& scope) {
  KindTable<Kind> result;
  result.kind = registry.find(peek_string(table, discriminator, scope));
  result.spec = with_kind_keys(common, discriminator, registry.names(),
                               result.kind != nullptr ? result.kind->keys : nullptr);
  result.table = result.kind != nullptr ? table : only_keys_of(table, common);
  return result;
}

}  // namespace squall::plan
