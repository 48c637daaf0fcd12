#include "tests/shop/postgres_database.hpp"

#include <cctype>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "tests/shop/postgres.hpp"

namespace squall::shop {
namespace {

constexpr Duration kAnswerTimeout = std::chrono::seconds(5);

class PostgresDatabaseConnection;

// Asks at the first step and hands out the rows.
class PostgresStatement final : public StatementBackend {
 public:
  PostgresStatement(PostgresDatabaseConnection& connection, const char* sql)
      : connection_(connection), sql_(sql) {}

  void bind(std::string_view text) override { parameters_.emplace_back(text); }
  void bind(std::int64_t number) override { parameters_.push_back(std::to_string(number)); }
  Result<bool> step() override;
  [[nodiscard]] std::int64_t integer(int column) const override {
    const std::string digits = text(column);
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }
  [[nodiscard]] std::string text(int column) const override { return value(column).value_or(""); }
  [[nodiscard]] bool is_null(int column) const override { return !value(column); }

 private:
  [[nodiscard]] const std::optional<std::string>& value(int column) const {
    return reply_->rows.at(next_row_ - 1).at(static_cast<std::size_t>(column));
  }

  PostgresDatabaseConnection& connection_;
  const char* sql_;
  std::vector<std::string> parameters_;
  std::optional<PostgresReply> reply_;
  std::size_t next_row_ = 0;
};

class PostgresDatabaseConnection final : public Connection {
 public:
  explicit PostgresDatabaseConnection(std::string url)
      : Connection(Dialect::kPostgres), url_(std::move(url)) {}

  Statement prepare(const char* sql) override {
    return Statement(std::make_unique<PostgresStatement>(*this, sql));
  }
  Result<void> execute(const char* sql) override {
    return connection_ ? connection_->execute(sql) : fail(lost_);
  }
  [[nodiscard]] std::int64_t changes() const override { return changes_; }
  [[nodiscard]] std::int64_t last_id() override {
    Statement statement = prepare("SELECT lastval()");
    return statement.step().value_or(false) ? statement.integer(0) : 0;
  }
  void make_ready() override {
    if (!connection_) {
      static_cast<void>(connect());
    }
  }

  Result<void> connect() {
    Result<std::unique_ptr<PostgresConnection>> opened =
        PostgresConnection::open(url_, kAnswerTimeout);
    if (!opened) {
      lost_ = opened.error();
      return fail(lost_);
    }
    connection_ = std::move(*opened);
    return {};
  }

  Result<PostgresReply> ask(const char* sql, const std::vector<std::string>& parameters) {
    if (!connection_) {
      return fail(lost_);
    }
    Result<PostgresReply> reply =
        connection_->ask(with_numbered_parameters(sql), parameters, kAnswerTimeout);
    if (reply) {
      changes_ = reply->changed;
      return reply;
    }
    if (reply.error().code == ErrorCode::kMalformed) {
      return fail(ErrorCode::kIo, reply.error().message);
    }
    lost_ = reply.error();
    connection_.reset();
    return reply;
  }

 private:
  std::string url_;
  std::unique_ptr<PostgresConnection> connection_;  // null when it was lost
  Error lost_{ErrorCode::kUnavailable, "PostgreSQL: not connected"};
  std::int64_t changes_ = 0;
};

Result<bool> PostgresStatement::step() {
  if (!reply_) {
    Result<PostgresReply> reply = connection_.ask(sql_, parameters_);
    if (!reply) {
      return fail(reply.error());
    }
    reply_ = std::move(*reply);
  }
  if (next_row_ == reply_->rows.size()) {
    return false;
  }
  ++next_row_;
  return true;
}

}  // namespace

bool is_postgres_url(std::string_view place) {
  return place.starts_with("postgres://") || place.starts_with("postgresql://");
}

Result<std::unique_ptr<Connection>> open_postgres(const std::string& url) {
  auto connection = std::make_unique<PostgresDatabaseConnection>(url);
  if (const Result<void> connected = connection->connect(); !connected) {
    return fail(connected.error());
  }
  return connection;
}

std::string with_numbered_parameters(std::string_view sql) {
  std::string numbered;
  unsigned next = 1;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '?') {
      numbered += sql[i];
      continue;
    }
    numbered += '$';
    const bool has_number =
        i + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i + 1])) != 0;
    if (!has_number) {
      numbered += std::to_string(next++);
    }
  }
  return numbered;
}

}  // namespace squall::shop
