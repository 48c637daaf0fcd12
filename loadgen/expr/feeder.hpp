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

// A table of texts in one piece of memory, or the numbers of a sequence, which take none. Filled
// once, then read by any thread.
class FeederRows {
 public:
  // REQUIRES: at least one column.
  explicit FeederRows(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  // The column "value": from, from + step, … `count` of them. REQUIRES: the last one is an integer
  // of 64 bits.
  [[nodiscard]] static FeederRows sequence(std::int64_t from, std::int64_t step,
                                           std::uint64_t count);

  // The next cell, from left to right; a row is whole after as many as there are columns.
  void add_cell(std::string_view text) {
    text_.append(text);
    ends_.push_back(text_.size());
  }

  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] std::uint64_t size() const {
    return sequence_ ? sequence_->count : ends_.size() / columns_.size();
  }
  // Bytes of all cells and of what finds them.
  [[nodiscard]] std::size_t bytes() const {
    return text_.size() + ends_.size() * sizeof(std::size_t);
  }
  // Appends a cell. REQUIRES: row < size(), column < columns().size().
  void append_cell(std::uint64_t row, std::size_t column, std::string& out) const;

 private:
  struct Sequence {
    std::int64_t from = 0;
    std::int64_t step = 1;
    std::uint64_t count = 0;
  };

  std::vector<std::string> columns_;
  std::optional<Sequence> sequence_;
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

  // The preflight, which is no arrival of the load: a unique feeder gives it its last row.
  static constexpr std::uint64_t kPreflight = ~std::uint64_t{0};

  // The row of an arrival: made of the seed, the feeder's name and the arrival alone. Nothing when
  // a unique feeder has run out.
  [[nodiscard]] std::optional<std::uint64_t> row_of(std::uint64_t arrival) const;

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
  struct Column {
    std::shared_ptr<const TemplateCall> call;
    std::shared_ptr<const Feeder> feeder;
  };
  [[nodiscard]] Result<Column> column(std::string_view column_name) const;
  // "users.email"…, of every feeder.
  [[nodiscard]] std::vector<std::string> columns() const;

 private:
  [[nodiscard]] const std::shared_ptr<const Feeder>* find(std::string_view name) const;

  std::vector<std::shared_ptr<const Feeder>> feeders_;
};

}  // namespace squall::expr
