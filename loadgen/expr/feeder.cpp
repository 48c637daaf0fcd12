#include "loadgen/expr/feeder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/hash.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

constexpr std::size_t kMostNamed = 12;  // columns in a message

class ColumnCall final : public TemplateCall {
 public:
  ColumnCall(std::shared_ptr<const Feeder> feeder, std::size_t column)
      : feeder_(std::move(feeder)), column_(column) {}

  void append(const RenderContext& context, std::uint64_t /*place*/,
              std::string& out) const override {
    if (const auto row = feeder_->row_of(context.sequence)) {
      feeder_->rows().append_cell(*row, column_, out);
    }
  }

 private:
  std::shared_ptr<const Feeder> feeder_;
  std::size_t column_;
};

std::string_view feeder_part(std::string_view column_name) {
  return column_name.substr(0, column_name.find('.'));
}

}  // namespace

FeederRows FeederRows::sequence(std::int64_t from, std::int64_t step, std::uint64_t count) {
  FeederRows rows({"value"});
  rows.sequence_ = {from, step, count};
  return rows;
}

void FeederRows::append_cell(std::uint64_t row, std::size_t column, std::string& out) const {
  if (sequence_) {
    // Modulo 2^64, as the sum may pass an end on its way to a number inside.
    const fmt::format_int digits(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(sequence_->from) +
                                  row * static_cast<std::uint64_t>(sequence_->step)));
    out.append(digits.data(), digits.size());
    return;
  }
  const std::size_t at = row * columns_.size() + column;
  const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
  out.append(text_, begin, ends_[at] - begin);
}

std::string_view to_string(FeederOrder order) {
  switch (order) {
    case FeederOrder::kSequential:
      return "sequential";
    case FeederOrder::kRandom:
      return "random";
    case FeederOrder::kShuffled:
      return "shuffled";
    case FeederOrder::kUnique:
      return "unique";
  }
  return "?";
}

std::uint64_t permuted(std::uint64_t index, std::uint64_t size, std::uint64_t key) {
  constexpr unsigned kRounds = 6;
  const auto half = (static_cast<unsigned>(std::bit_width(size - 1)) + 1) / 2;
  const std::uint64_t mask = half == 0 ? 0 : ~std::uint64_t{0} >> (64 - half);
  // It leaves [0, size) for at most three of four steps on average, and comes back for certain: a
  // permutation's walk from inside ends inside.
  do {
    std::uint64_t left = index >> half;
    std::uint64_t right = index & mask;
    for (unsigned round = 0; round < kRounds; ++round) {
      const std::uint64_t next = left ^ (hash_combine(key + round, right) & mask);
      left = right;
      right = next;
    }
    index = left << half | right;
  } while (index >= size);
  return index;
}

Feeder::Feeder(std::string name, FeederRows rows, FeederOrder order, std::uint64_t seed)
    : name_(std::move(name)),
      rows_(std::move(rows)),
      order_(order),
      stream_(seed, name_, "feeder") {
  SQUALL_CHECK(rows_.size() > 0);
}

std::optional<std::uint64_t> Feeder::row_of(std::uint64_t arrival) const {
  const std::uint64_t rows = rows_.size();
  switch (order_) {
    case FeederOrder::kSequential:
      return arrival % rows;
    case FeederOrder::kRandom: {
      __extension__ using Wide = unsigned __int128;
      return static_cast<std::uint64_t>(static_cast<Wide>(stream_.bits_at(arrival)) * rows >> 64);
    }
    case FeederOrder::kShuffled:
      return permuted(arrival % rows, rows, stream_.bits_at(arrival / rows));
    case FeederOrder::kUnique:
      if (arrival == kPreflight) {
        return rows - 1;
      }
      return arrival < rows ? std::optional(arrival) : std::nullopt;
  }
  return std::nullopt;
}

const std::shared_ptr<const Feeder>* FeederSet::find(std::string_view name) const {
  const auto found = std::find_if(feeders_.begin(), feeders_.end(),
                                  [&](const auto& feeder) { return feeder->name() == name; });
  return found == feeders_.end() ? nullptr : &*found;
}

bool FeederSet::has_feeder_of(std::string_view column_name) const {
  return column_name.find('.') != std::string_view::npos &&
         find(feeder_part(column_name)) != nullptr;
}

Result<FeederSet::Column> FeederSet::column(std::string_view column_name) const {
  const std::string_view name = feeder_part(column_name);
  const auto* feeder = find(name);
  SQUALL_CHECK(feeder != nullptr);
  const std::string_view wanted = column_name.substr(name.size() + 1);
  const auto& columns = (*feeder)->rows().columns();
  const auto found = std::find(columns.begin(), columns.end(), wanted);
  if (found != columns.end()) {
    const auto at = static_cast<std::size_t>(found - columns.begin());
    return Column{std::make_shared<const ColumnCall>(*feeder, at), *feeder};
  }
  std::vector<std::string_view> known(columns.begin(), columns.end());
  std::string message =
      fmt::format("feeder \"{}\" has no column \"{}\"", name, printable(wanted, 60));
  if (const auto nearest = nearest_name(wanted, known)) {
    message += fmt::format("; did you mean {{{{{}.{}}}}}?", name, printable(*nearest, 60));
  } else {
    known.resize(std::min(known.size(), kMostNamed));
    message += "; it has " + printable(join_or(known));
  }
  return fail(ErrorCode::kNotFound, std::move(message));
}

std::vector<std::string> FeederSet::columns() const {
  std::vector<std::string> all;
  for (const auto& feeder : feeders_) {
    for (const std::string& column : feeder->rows().columns()) {
      all.push_back(fmt::format("{}.{}", feeder->name(), column));
    }
  }
  return all;
}

}  // namespace squall::expr
