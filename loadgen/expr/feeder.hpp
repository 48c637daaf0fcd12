// Rows of data for templates: {{users.email}}. Loaded once, shared by every thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/rng.hpp"

namespace squall::expr {

class TemplateCall;

// A table of texts in one piece of memory. Filled once, then read by any thread.
class FeederRows {
 public:
  // REQUIRES: at least one column.
  explicit FeederRows(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  // The next cell, from left to right; a row is whole after as many as there are columns.
  void add_cell(std::string_view text) {
    text_.append(text);
    ends_.push_back(text_.size());
  }

  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] std::size_t size() const { return ends_.size() / columns_.size(); }
  // Bytes of all cells and of what finds them.
  [[nodiscard]] std::size_t bytes() const {
    return text_.size() + ends_.size() * sizeof(std::size_t);
  }
  // REQUIRES: row < size(), column < columns().size(). Valid as long as the rows are.
  [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
    const std::size_t at = row * columns_.size() + column;
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
    return std::string_view(text_).substr(begin, ends_[at] - begin);
  }

 private:
  std::vector<std::string> columns_;
  std::string text_;
  std::vector<std::size_t> ends_;  // of each cell in text_
};

enum class FeederOrder {
  kSequential,  // row n modulo rows
  kRandom,      // any row, drawn for each arrival
  kShuffled,    // each pass over the rows in an order of its own
  kUnique,      // row n, never one twice: it can run out
};

// "sequential", "random", "shuffled", "unique".
[[nodiscard]] std::string_view to_string(FeederOrder order);

// Rows with a name and an order. Immutable; any thread.
class Feeder {
 public:
  // REQUIRES: at least one row.
  Feeder(std::string name, FeederRows rows, FeederOrder order, std::uint64_t seed);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const FeederRows& rows() const { return rows_; }
  [[nodiscard]] FeederOrder order() const { return order_; }

  // The row of an arrival: made of the seed, the feeder's name and the arrival alone. Nothing when
  // a unique feeder has run out.
  [[nodiscard]] std::optional<std::size_t> row_of(std::uint64_t arrival) const;

 private:
  std::string name_;
  FeederRows rows_;
  FeederOrder order_;
  StreamId stream_;
};

// Position `index` of a permutation of [0, size) that `key` names: a Feistel network over the next
// power of four, walked until it is back inside (Black, Rogaway: "Ciphers with Arbitrary Finite
// Domains", 2002). Nothing is stored, however large it is. REQUIRES: index < size.
[[nodiscard]] std::uint64_t permuted(std::uint64_t index, std::uint64_t size, std::uint64_t key);

// The feeders of a plan, by name.
class FeederSet {
 public:
  // REQUIRES: no feeder of that name yet.
  void add(std::shared_ptr<const Feeder> feeder) { feeders_.push_back(std::move(feeder)); }

  [[nodiscard]] const std::vector<std::shared_ptr<const Feeder>>& all() const { return feeders_; }
  // Whether "users.email" begins with the name of a feeder.
  [[nodiscard]] bool has_feeder_of(std::string_view column_name) const;
  // What renders {{users.email}}. Fails with kNotFound, naming the nearest column.
  [[nodiscard]] Result<std::shared_ptr<const TemplateCall>> column(
      std::string_view column_name) const;
  // "users.email"…, of every feeder.
  [[nodiscard]] std::vector<std::string> columns() const;

 private:
  [[nodiscard]] const std::shared_ptr<const Feeder>* find(std::string_view name) const;

  std::vector<std::shared_ptr<const Feeder>> feeders_;
};

}  // namespace squall::expr
