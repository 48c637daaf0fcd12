// [[feeder]]
#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/plan_file.hpp"
#include "loadgen/plan/csv.hpp"
#include "loadgen/plan/json_rows.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/tables.hpp"

namespace squall::plan {
namespace {

using expr::FeederOrder;
using expr::FeederRows;
using expr::ValueType;

constexpr std::size_t kMaxFeeders = 64;
constexpr std::size_t kMaxRows = 10'000'000;
constexpr std::size_t kMaxBytes = std::size_t{256} * 1024 * 1024;
constexpr std::array<std::string_view, 4> kSources{"file", "values", "directory", "sequence"};

// What {{NAME.COLUMN}} already means for these names.
constexpr std::array<std::string_view, 5> kTakenNames{"var", "port", "proxy", "sink", "env"};

// Rows, or nothing when the problem was reported.
using Rows = std::optional<FeederRows>;

const std::string* given_file(const std::string& path, const LoadOptions& options) {
  if (options.files == nullptr) {
    return nullptr;
  }
  const auto given = options.files->find(path);
  return given == options.files->end() ? nullptr : &given->second;
}

Rows read_file(expr::TableReader& reader, Build& build) {
  const std::string path = reader.string("file");
  const std::string whole = build.scope.resolve_path(path);
  const std::string* given = given_file(path, build.options);
  const Result<std::string> from_disk =
      given == nullptr ? expr::read_plan_file(whole, kMaxBytes) : Result<std::string>();
  if (!from_disk) {
    reader.error("file", from_disk.error().message);
    return std::nullopt;
  }
  const std::string& content = given == nullptr ? *from_disk : *given;
  auto rows = path.ends_with(".csv")    ? parse_csv(content, whole, kMaxRows)
              : path.ends_with(".json") ? parse_json_rows(content, whole, kMaxRows)
              : path.ends_with(".ndjson") || path.ends_with(".jsonl")
                  ? parse_ndjson_rows(content, whole, kMaxRows)
                  : fail(ErrorCode::kInvalidArgument,
                         fmt::format("\"{}\" does not say what it is: write a name that ends with "
                                     ".csv, .json or .ndjson",
                                     printable(path, 60)));
  if (!rows) {
    const Error& error = rows.error();
    build.diagnostics.error(error.where.value_or(reader.where("file")), error.message);
    return std::nullopt;
  }
  return *std::move(rows);
}

// Names of regular files that are not hidden, in order.
Result<std::vector<std::string>> files_of(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  for (std::filesystem::directory_iterator at(folder, problem), end; !problem && at != end;
       at.increment(problem)) {
    const std::string name = at->path().filename().string();
    std::error_code odd;
    if (!name.starts_with('.') && at->is_regular_file(odd)) {
      names.push_back(name);
    }
    if (names.size() > kMaxRows) {
      return fail(ErrorCode::kExhausted,
                  fmt::format("{} has more than {} files", printable(folder), kMaxRows));
    }
  }
  if (problem) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot read {}: {}", printable(folder), problem.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Rows read_directory(expr::TableReader& reader, Build& build) {
  const std::string folder = build.scope.resolve_path(reader.string("directory"));
  const auto names = files_of(folder);
  if (!names) {
    reader.error("directory", names.error().message);
    return std::nullopt;
  }
  FeederRows rows({"file", "content"});
  for (const std::string& name : *names) {
    const std::size_t left = kMaxBytes - std::min(rows.bytes(), kMaxBytes);
    const auto content = expr::read_plan_file(fmt::format("{}/{}", folder, name), left);
    if (!content) {
      reader.error("directory",
                   content.error().code == ErrorCode::kExhausted
                       ? fmt::format("the files of {} are larger than {} together",
                                     printable(folder), format_bytes(ByteCount{kMaxBytes}))
                       : content.error().message);
      return std::nullopt;
    }
    rows.add_cell(name);
    rows.add_cell(*content);
  }
  return rows;
}

Rows read_sequence(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, feeder_sequence_spec(), build.scope, build.diagnostics);
  using Limits = std::numeric_limits<std::int64_t>;
  const std::int64_t from = reader.integer("from", Limits::min(), Limits::max());
  const std::int64_t to = reader.integer("to", Limits::min(), Limits::max());
  const std::int64_t step = reader.integer("step", Limits::min(), Limits::max());
  if (!reader.has("to")) {
    return std::nullopt;
  }
  if (step == 0 || (step > 0 ? to < from : to > from)) {
    reader.error(step == 0 ? "step" : "to",
                 step == 0 ? "\"step\" must not be zero"
                           : fmt::format("no step of {} leads from {} to {}", step, from, to));
    return std::nullopt;
  }
  const auto low = static_cast<std::uint64_t>(std::min(from, to));
  const auto high = static_cast<std::uint64_t>(std::max(from, to));
  const auto width = step > 0 ? static_cast<std::uint64_t>(step)
                              : std::uint64_t{0} - static_cast<std::uint64_t>(step);
  const std::uint64_t steps = (high - low) / width;
  return FeederRows::sequence(from, step, std::min(steps, ~std::uint64_t{0} - 1) + 1);
}

// One value of `values` as text; nothing, and reported, when it cannot be.
std::optional<std::string> cell_of(const expr::Value& value, Build& build) {
  if (value.as_array() != nullptr || value.as_table() != nullptr) {
    build.diagnostics.error(value.where, "a text, a number or true or false was expected here");
    return std::nullopt;
  }
  if (value.as_string() == nullptr) {
    return expr::scalar_text(value);
  }
  auto text = build.scope.substitute(*value.as_string());
  if (!text) {
    build.diagnostics.error(value.where, text.error().message);
    return std::nullopt;
  }
  return *std::move(text);
}

std::vector<std::string> columns_of(const expr::Array& rows) {
  std::vector<std::string> columns;
  for (const expr::Value& row : rows) {
    for (const expr::Entry& entry : row.as_table() != nullptr ? *row.as_table() : expr::Table{}) {
      if (std::find(columns.begin(), columns.end(), entry.key) == columns.end()) {
        columns.push_back(entry.key);
      }
    }
  }
  return columns;
}

Rows read_values(const expr::Value& table, expr::TableReader& reader, Build& build) {
  const expr::Value* values = table.find("values");
  const expr::Array* written = values != nullptr ? values->as_array() : nullptr;
  if (written == nullptr || written->empty()) {
    reader.error("values",
                 "a list was expected, such as [\"a\", \"b\"] or [{ id = 1 }, { id = 2 }]");
    return std::nullopt;
  }
  const bool tables = written->front().as_table() != nullptr;
  const std::vector<std::string> columns =
      tables ? columns_of(*written) : std::vector<std::string>{"value"};
  if (columns.empty()) {
    reader.error("values", "these rows have no values");
    return std::nullopt;
  }
  FeederRows rows(columns);
  for (const expr::Value& row : *written) {
    if ((row.as_table() != nullptr) != tables) {
      build.diagnostics.error(row.where, "rows are all tables, or all plain values");
      return std::nullopt;
    }
    for (const std::string& column : columns) {
      const expr::Value* value = tables ? row.find(column) : &row;
      const auto cell = value != nullptr ? cell_of(*value, build) : std::optional(std::string());
      if (!cell) {
        return std::nullopt;
      }
      rows.add_cell(*cell);
    }
  }
  return rows;
}

FeederOrder order_of(std::string_view word) {
  for (const FeederOrder order :
       {FeederOrder::kRandom, FeederOrder::kShuffled, FeederOrder::kUnique}) {
    if (to_string(order) == word) {
      return order;
    }
  }
  return FeederOrder::kSequential;
}

Rows read_rows(const expr::Value& table, expr::TableReader& reader, Build& build) {
  const auto sources = std::count_if(kSources.begin(), kSources.end(),
                                     [&](std::string_view key) { return reader.has(key); });
  if (sources != 1) {
    build.diagnostics.error(reader.where(),
                            fmt::format("a feeder has one source of rows, not {}: give {}", sources,
                                        join_or({kSources.begin(), kSources.end()})));
    return std::nullopt;
  }
  if (reader.has("file")) {
    return read_file(reader, build);
  }
  if (reader.has("directory")) {
    return read_directory(reader, build);
  }
  if (reader.has("values")) {
    return read_values(table, reader, build);
  }
  const std::vector<const expr::Value*> sequence = reader.tables("sequence");
  return sequence.empty() ? std::nullopt : read_sequence(*sequence.front(), build);
}

void read_feeder(const expr::Value& table, NameSet& names, Build& build) {
  expr::TableReader reader(table, feeder_spec(), build.scope, build.diagnostics);
  const std::string name = reader.string("name");
  if (reader.has("name")) {
    names.add(name, reader.where("name"));
    if (std::find(kTakenNames.begin(), kTakenNames.end(), name) != kTakenNames.end()) {
      reader.error("name",
                   fmt::format("{{{{{}.NAME}}}} already has a meaning; choose another name", name));
    }
  }
  Rows rows = read_rows(table, reader, build);
  const FeederOrder order = order_of(reader.string("order"));
  if (!rows) {
    return;
  }
  if (rows->size() == 0) {
    build.diagnostics.error(reader.where(), fmt::format("feeder \"{}\" has no rows", name));
    return;
  }
  build.plan.feeders.add(
      std::make_shared<const expr::Feeder>(name, *std::move(rows), order, build.plan.seed));
  build.feeder_places.push_back(reader.where("name"));
}

}  // namespace

const expr::TableSpec& feeder_sequence_spec() {
  static const expr::TableSpec spec{.name = "feeder.sequence",
                                    .help = "Integers, in the column `value`.",
                                    .keys = {{.name = "from",
                                              .type = ValueType::kInteger,
                                              .help = "The first one.",
                                              .default_value = "1"},
                                             {.name = "to",
                                              .type = ValueType::kInteger,
                                              .help = "The last one, if a step leads there.",
                                              .required = true,
                                              .example = "100000"},
                                             {.name = "step",
                                              .type = ValueType::kInteger,
                                              .help = "From one to the next.",
                                              .default_value = "1"}}};
  return spec;
}

const expr::TableSpec& feeder_spec() {
  static const expr::TableSpec spec{
      .name = "feeder",
      .help =
          "Rows of data for requests. Each arrival of a scenario has one row for its whole "
          "iteration, retries included; `{{NAME.COLUMN}}` is a value of it. Rows are read once, "
          "while the plan is read, from one of `file`, `values`, `directory`, `sequence`; at most "
          "10,000,000 rows and 256 MiB. Chance comes from the seed: the number of threads changes "
          "nothing.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "For `{{NAME.COLUMN}}`.",
           .required = true,
           .example = "\"users\""},
          {.name = "file",
           .type = ValueType::kString,
           .help = "A CSV file with a header line (`.csv`, RFC 4180), a JSON array of objects "
                   "(`.json`), or one object in each line (`.ndjson`, `.jsonl`); relative to the "
                   "plan's folder.",
           .example = "\"data/users.csv\""},
          {.name = "values",
           .type = ValueType::kJson,
           .help = "Rows written here: a list of tables, or of plain values in the column "
                   "`value`.",
           .example = "[\"EUR\", \"USD\"]"},
          {.name = "directory",
           .type = ValueType::kString,
           .help = "A folder: a row for each file, in the order of their names, with the columns "
                   "`file` and `content`.",
           .example = "\"data/bodies\""},
          {.name = "sequence",
           .type = ValueType::kTable,
           .help = "Integers.",
           .table = &feeder_sequence_spec(),
           .example = "{ from = 1, to = 100000 }"},
          {.name = "order",
           .type = ValueType::kString,
           .help = "`sequential`: row after row, and again from the first; `random`: any row each "
                   "time; `shuffled`: each pass in an order of its own; `unique`: row after row, "
                   "none twice. A unique feeder belongs to one scenario; the preflight takes its "
                   "last row; when it has too few for the arrivals that are expected, or for the "
                   "`iterations` of users, the plan is refused, and an arrival without a row fails "
                   "as `no_data`.",
           .default_value = "sequential",
           .choices = {"sequential", "random", "shuffled", "unique"}},
      }};
  return spec;
}

void read_feeders(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("feeder", build.diagnostics);
  const std::size_t count =
      bounded(tables.size(), kMaxFeeders, "feeder", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    read_feeder(*tables[i], names, build);
  }
}

}  // namespace squall::plan
