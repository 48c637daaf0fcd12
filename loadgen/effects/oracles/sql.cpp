// Counts effects with a query: the strongest oracle, for it asks where the effects are kept.
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/utf8.hpp"
#include "loadgen/effects/counts_by_hand.hpp"
#include "loadgen/effects/effect_page.hpp"
#include "loadgen/effects/json_pointer.hpp"
#include "loadgen/effects/sql_count.hpp"
#include "loadgen/effects/sql_source.hpp"
#include "loadgen/model/endpoint.hpp"
#include "loadgen/model/oracle.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;

struct SqlOracleConfig {
  std::unique_ptr<SqlSource> source;
  SqlQuestion question;
  Duration timeout{};
};

bool is_askable(const std::string& key) {
  return is_utf8(key) && key.find('\0') == std::string::npos;
}

Error bad_row(std::size_t row, const std::string& what) {
  return {ErrorCode::kMalformed, fmt::format("row {}: {}", row, what)};
}

Result<std::string> key_of(const SqlCell& cell, std::size_t row) {
  if (cell.type == SqlType::kNull) {
    return fail(bad_row(row, "it has no key (NULL): leave such rows out, \"where … is not null\""));
  }
  if (cell.type == SqlType::kFloat || cell.type == SqlType::kBytes) {
    return fail(bad_row(row, fmt::format("its key, the first column, is of type {}: it must be "
                                         "text or a whole number",
                                         to_string(cell.type))));
  }
  return std::string(cell.text);
}

Result<std::uint64_t> count_of(const SqlCell& cell, std::size_t row) {
  if (cell.type != SqlType::kInteger && cell.type != SqlType::kDecimal) {
    return fail(bad_row(
        row, fmt::format("its number of effects, the second column, is of type {}: select for "
                         "example count(*)",
                         to_string(cell.type))));
  }
  std::uint64_t value = 0;
  const char* const last = cell.text.data() + cell.text.size();
  const auto [end, error] = std::from_chars(cell.text.data(), last, value);
  if (error != std::errc{} || end != last || value > kLargestCount) {
    return fail(bad_row(row, fmt::format("\"{}\" is no number of effects: a whole number from 0 on",
                                         printable(cell.text, 60))));
  }
  return value;
}

class SqlOracle final : public model::Oracle, public CountsByHand {
 public:
  explicit SqlOracle(SqlOracleConfig config) : config_(std::move(config)) {}

  Result<void> start(const model::OracleContext& context) override {
    for (const model::OracleHost& host : config_.source->hosts()) {
      if (!model::may_send_to(host.host, host.port, context.allowed_hosts)) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("the database's host {0} is neither loopback nor allowed: name it "
                                "in `allow` or with --allow {0}",
                                printable(host.host)));
      }
    }
    return config_.source->start(context.working_directory);
  }

  Result<OracleReading> read(std::span<const std::string> keys, Duration budget) override {
    OracleReading reading;
    std::vector<std::string> asked;
    for (const std::string& key : keys) {
      if (is_askable(key)) {
        asked.push_back(key);
      } else if (config_.question.asks_keys) {
        reading.undecided.insert(key);
        reading.undecided_reason = "no database can be asked for a key that is not text in UTF-8";
      }
    }
    std::size_t row_number = 0;
    const TimePoint deadline = monotonic_now() + std::min(budget, config_.timeout);
    const Result<void> answered = config_.source->ask(
        config_.question, asked, deadline,
        [&](std::span<const SqlCell> row) { return take(row, ++row_number, reading); });
    if (!answered) {
      return fail(answered.error());
    }
    return reading;
  }

  [[nodiscard]] bool counts_asked_keys_only() const override { return config_.question.asks_keys; }
  [[nodiscard]] std::vector<model::OracleHost> hosts() const override {
    return config_.source->hosts();
  }

  [[nodiscard]] std::optional<ShellCount> count_by_hand(std::string_view token,
                                                        const Quote& quote) const override {
    return sql_count({.dialect = config_.source->dialect(),
                      .place = config_.source->place(),
                      .query = config_.question.query},
                     token, quote);
  }

 private:
  static Result<void> take(std::span<const SqlCell> row, std::size_t number,
                           OracleReading& reading) {
    Result<std::string> key = key_of(row[0], number);
    if (!key) {
      return fail(key.error());
    }
    const Result<std::uint64_t> count = count_of(row[1], number);
    if (!count) {
      return fail(count.error());
    }
    std::uint64_t& total = reading.counts[std::move(*key)];
    total = add_counts(total, *count);
    return {};
  }

  SqlOracleConfig config_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "effects.oracle (sql)",
      .help = "Counts effects with a query to the database that holds them.",
      .keys = {
          {.name = "url",
           .type = expr::ValueType::kString,
           .help = "PostgreSQL as libpq has it, `postgresql://user@host:5432/database` (TLS by "
                   "`sslmode`, a Unix socket by `host=/var/run/postgresql`), or a file of SQLite: "
                   "`sqlite:shop.db`, from the plan's folder on, or `sqlite:///var/lib/shop.db`. "
                   "A password is printed nowhere; give it as `${env:NAME}`, or the whole URL.",
           .required = true,
           .example = "\"${env:STAGING_DB}\""},
          {.name = "query",
           .type = expr::ValueType::kString,
           .help =
               "One SELECT of two columns, key and number of effects; a key without a row has "
               "none. It runs in a transaction that only reads. With the parameter `$1` it gets "
               "the keys asked for: in PostgreSQL as an array, `where memo = any($1)`, in SQLite "
               "as a JSON array, `where memo in (select value from json_each($1))`; before the "
               "load it is asked for a sample of the run's keys, which must have no effects yet. "
               "Without, it lists all effects.",
           .required = true,
           .example = "\"select memo, count(*) from charges where memo = any($1) group by memo\""},
          {.name = "timeout",
           .type = expr::ValueType::kDuration,
           .help = "Of one reading: connecting, waiting for locks and the query.",
           .default_value = "10s"},
      }};
  return kKeys;
}

std::unique_ptr<model::Oracle> compile(expr::TableReader& reader) {
  SqlOracleConfig config;
  const std::string url = reader.string("url");
  config.question.query = reader.string("query");
  config.question.columns = 2;
  config.timeout = reader.duration("timeout");
  Result<std::unique_ptr<SqlSource>> source = make_sql_source(url);
  const bool known = source.has_value();
  if (!known) {
    if (reader.has("url")) {
      reader.error("url", source.error().message);
    }
    source = make_sql_source("sqlite:none");
  }
  config.source = std::move(*source);
  reader.scope().add_secret(config.source->password());
  if (known && reader.has("query")) {
    const Result<bool> by_key = asks_keys(config.question.query, config.source->dialect());
    if (!by_key) {
      reader.error("query", by_key.error().message);
    }
    config.question.asks_keys = by_key.value_or(false);
  }
  return std::make_unique<SqlOracle>(std::move(config));
}

}  // namespace

void register_oracle_sql(OracleRegistry& registry) {
  registry.add({
      .name = "sql",
      .summary = "count effects with a query to PostgreSQL or SQLite",
      .example = R"([[effects.oracle]]
kind = "sql"
url = "sqlite:shop.db"
query = "select token, count(*) from payments group by token"
)",
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::effects
