#include "loadgen/effects/pg_link.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::effects {
namespace {

// Of pg_type.h, which belongs to the server's headers; they never change.
SqlType type_of(Oid type) {
  constexpr Oid kBytea = 17;
  constexpr Oid kInt8 = 20;
  constexpr Oid kInt2 = 21;
  constexpr Oid kInt4 = 23;
  constexpr Oid kFloat4 = 700;
  constexpr Oid kFloat8 = 701;
  constexpr Oid kNumeric = 1700;
  switch (type) {
    case kInt2:
    case kInt4:
    case kInt8:
      return SqlType::kInteger;
    case kNumeric:
      return SqlType::kDecimal;
    case kFloat4:
    case kFloat8:
      return SqlType::kFloat;
    case kBytea:
      return SqlType::kBytes;
    default:
      return SqlType::kText;
  }
}

// The server's notices are nobody's business here, and libpq would print them.
void drop_notice(void* /*argument*/, const PGresult* /*notice*/) {}

}  // namespace

void PgLink::CloseConnection::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

void PgLink::ClearResult::operator()(pg_result* result) const {
  PQclear(result);
}

Result<PgLink> PgLink::connect(const Settings& settings, TimePoint deadline) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : settings) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* connection = PQconnectStartParams(names.data(), values.data(), 0);
  if (connection == nullptr) {
    return fail(ErrorCode::kExhausted, "no memory for a connection");
  }
  PgLink link(connection, deadline);
  PQsetNoticeReceiver(connection, drop_notice, nullptr);
  if (Result<void> connected = link.finish_connect(); !connected) {
    return fail(connected.error());
  }
  PQsetnonblocking(connection, 1);
  return link;
}

Result<void> PgLink::finish_connect() {
  // As libpq has it: before the first call of PQconnectPoll() the socket is waited for as if it had
  // asked for writing.
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (PQstatus(connection_.get()) != CONNECTION_BAD) {
    if (status == PGRES_POLLING_OK) {
      return {};
    }
    if (status == PGRES_POLLING_FAILED) {
      break;
    }
    if (Result<void> ready = wait(status == PGRES_POLLING_WRITING); !ready) {
      return ready;
    }
    status = PQconnectPoll(connection_.get());
  }
  return fail(broken());
}

Result<void> PgLink::wait(bool for_write) {
  pollfd polled{PQsocket(connection_.get()), POLLIN, 0};
  polled.events = static_cast<short>(for_write ? POLLIN | POLLOUT : POLLIN);
  for (;;) {
    const int left = milliseconds_left(deadline_);
    if (left == 0) {
      return fail(out_of_time());
    }
    const int ready = ::poll(&polled, 1, left);
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return fail(ErrorCode::kIo, "poll() failed on the database connection");
    }
  }
}

Result<void> PgLink::flush() {
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent == 0) {
      return {};
    }
    if (unsent < 0) {
      return fail(broken());
    }
    if (Result<void> ready = wait(true); !ready) {
      return ready;
    }
    // What the server says meanwhile has to be read, or both may wait for each other.
    if (PQconsumeInput(connection_.get()) == 0) {
      return fail(broken());
    }
  }
}

Result<PgLink::ResultPtr> PgLink::next_result() {
  while (PQisBusy(connection_.get()) != 0) {
    if (Result<void> ready = wait(false); !ready) {
      return fail(ready.error());
    }
    if (PQconsumeInput(connection_.get()) == 0) {
      return fail(broken());
    }
  }
  ResultPtr result(PQgetResult(connection_.get()));
  const ExecStatusType status =
      result == nullptr ? PGRES_EMPTY_QUERY : PQresultStatus(result.get());
  if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
    return fail(refused(*result));
  }
  if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
    return fail(ErrorCode::kMalformed, "the query is a COPY: it must be a SELECT");
  }
  return result;
}

Result<std::vector<PgLink::ResultPtr>> PgLink::results_of(int sent) {
  if (sent == 0) {
    return fail(broken());
  }
  if (Result<void> flushed = flush(); !flushed) {
    return fail(flushed.error());
  }
  std::vector<ResultPtr> results;
  for (;;) {
    Result<ResultPtr> result = next_result();
    if (!result) {
      return fail(result.error());
    }
    if (*result == nullptr) {
      return results;
    }
    results.push_back(std::move(*result));
  }
}

Result<void> PgLink::run(const std::string& statements) {
  const auto results = results_of(PQsendQuery(connection_.get(), statements.c_str()));
  return results ? Result<void>() : fail(results.error());
}

Result<std::string> PgLink::value_of(const std::string& query) {
  const auto results = results_of(PQsendQuery(connection_.get(), query.c_str()));
  if (!results) {
    return fail(results.error());
  }
  if (results->empty() || PQntuples(results->front().get()) < 1 ||
      PQnfields(results->front().get()) < 1) {
    return fail(ErrorCode::kMalformed, "the database does not answer as PostgreSQL does");
  }
  return std::string(PQgetvalue(results->front().get(), 0, 0));
}

Result<PgLink::Prepared> PgLink::prepare(const std::string& query) {
  const auto prepared = results_of(PQsendPrepare(connection_.get(), "", query.c_str(), 0, nullptr));
  if (!prepared) {
    return fail(prepared.error());
  }
  const auto described = results_of(PQsendDescribePrepared(connection_.get(), ""));
  if (!described) {
    return fail(described.error());
  }
  if (described->empty()) {
    return fail(ErrorCode::kMalformed, "the database does not answer as PostgreSQL does");
  }
  const PGresult* description = described->front().get();
  Prepared result;
  result.parameters = static_cast<std::size_t>(PQnparams(description));
  result.first_type = PQparamtype(description, 0);
  result.columns = static_cast<std::size_t>(PQnfields(description));
  return result;
}

Result<void> PgLink::rows(const std::optional<std::string>& parameter, const SqlRow& on_row) {
  const char* const value = parameter ? parameter->c_str() : nullptr;
  const int sent =
      PQsendQueryPrepared(connection_.get(), "", parameter ? 1 : 0, &value, nullptr, nullptr, 0);
  // Row by row, so that an answer without end is not collected before anyone looks at it.
  if (sent == 0 || PQsetSingleRowMode(connection_.get()) == 0) {
    return fail(broken());
  }
  if (Result<void> flushed = flush(); !flushed) {
    return flushed;
  }
  std::size_t count = 0;
  for (;;) {
    const Result<ResultPtr> result = next_result();
    if (!result) {
      return fail(result.error());
    }
    if (*result == nullptr) {
      return {};
    }
    const Result<std::size_t> given = give_rows(**result, on_row);
    if (!given) {
      return fail(given.error());
    }
    count += *given;
    if (count > kMostSqlRows) {
      return fail(too_many_rows());
    }
    if (monotonic_now() >= deadline_) {
      return fail(out_of_time());
    }
  }
}

Result<std::size_t> PgLink::give_rows(const pg_result& result, const SqlRow& on_row) {
  const int row_count = PQntuples(&result);
  const int column_count = PQnfields(&result);
  std::vector<SqlCell> cells(static_cast<std::size_t>(std::max(column_count, 0)));
  for (int row = 0; row < row_count; ++row) {
    for (int column = 0; column < column_count; ++column) {
      SqlCell& cell = cells[static_cast<std::size_t>(column)];
      cell = {};
      if (PQgetisnull(&result, row, column) == 0) {
        cell.type = type_of(PQftype(&result, column));
        cell.text = std::string_view(PQgetvalue(&result, row, column),
                                     static_cast<std::size_t>(PQgetlength(&result, row, column)));
      }
    }
    if (Result<void> taken = on_row(cells); !taken) {
      return fail(taken.error());
    }
  }
  return static_cast<std::size_t>(row_count);
}

std::string PgLink::told(const char* message) const {
  std::string text(trim(message == nullptr ? "" : message));
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) {
    const std::size_t next = std::min(text.find_first_not_of("\n\t ", at), text.size());
    text.replace(at, next - at, "; ");
  }
  const char* const password = PQpass(connection_.get());
  return model::safe_to_show(text, {password == nullptr ? "" : password}, 400);
}

Error PgLink::broken() const {
  const std::string text = told(PQerrorMessage(connection_.get()));
  return {ErrorCode::kUnavailable, text.empty() ? "the connection to the database broke" : text};
}

Error PgLink::refused(const pg_result& result) const {
  const char* const state_text = PQresultErrorField(&result, PG_DIAG_SQLSTATE);
  if (state_text == nullptr) {  // libpq's own: the connection broke, or what came makes no sense
    return broken();
  }
  const std::string_view state = state_text;
  const std::string message = told(PQresultErrorField(&result, PG_DIAG_MESSAGE_PRIMARY));
  if (state == "25006") {
    return {ErrorCode::kMalformed, "the query must only read: " + message};
  }
  if (state == "57014") {
    return out_of_time();
  }
  // A table may be missing because the service has not made it yet.
  const bool final = state != "42P01" && (state.starts_with("42") || state.starts_with("22") ||
                                          state.starts_with("0A"));
  return {final ? ErrorCode::kMalformed : ErrorCode::kUnavailable,
          "the database refuses: " + message};
}

}  // namespace squall::effects
