#include "tests/shop/postgres.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <limits>
#include <string_view>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"

namespace squall::shop {
namespace {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

std::optional<TimePoint> deadline_in(Duration timeout) {
  return timeout == Duration::zero() ? std::nullopt : std::optional(monotonic_now() + timeout);
}

int milliseconds_until(std::optional<TimePoint> deadline) {
  if (!deadline) {
    return -1;
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline - monotonic_now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

PostgresReply reply_in(PGresult* result) {
  PostgresReply reply;
  for (int row = 0; row < PQntuples(result); ++row) {
    std::vector<std::optional<std::string>>& values = reply.rows.emplace_back();
    for (int column = 0; column < PQnfields(result); ++column) {
      if (PQgetisnull(result, row, column) == 1) {
        values.emplace_back();
      } else {
        values.emplace_back(
            std::string(PQgetvalue(result, row, column),
                        static_cast<std::size_t>(PQgetlength(result, row, column))));
      }
    }
  }
  const std::string_view changed = PQcmdTuples(result);
  std::from_chars(changed.data(), changed.data() + changed.size(), reply.changed);
  return reply;
}

bool is_done(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

}  // namespace

void PostgresConnection::Closer::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

Error PostgresConnection::error() const {
  return {ErrorCode::kUnavailable,
          "PostgreSQL: " + std::string(trim(PQerrorMessage(connection_.get())))};
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const std::string& url,
                                                                     Duration timeout) {
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectStart(url.c_str())));
  if (PQstatus(connection->connection_.get()) == CONNECTION_BAD) {
    return fail(connection->error());
  }
  const Result<void> connected = connection->finish_connecting(deadline_in(timeout));
  if (!connected) {
    return fail(connected.error());
  }
  PQsetnonblocking(connection->connection_.get(), 1);
  return connection;
}

Result<void> PostgresConnection::finish_connecting(std::optional<TimePoint> deadline) {
  // As libpq's manual has it: wait for writing before the first call.
  short events = POLLOUT;
  while (true) {
    if (const Result<void> ready = wait_for(events, deadline); !ready) {
      return ready;
    }
    const PostgresPollingStatusType status = PQconnectPoll(connection_.get());
    if (status == PGRES_POLLING_OK) {
      return {};
    }
    if (status == PGRES_POLLING_FAILED) {
      return fail(error());
    }
    events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
  }
}

Result<PostgresConnection::Rows> PostgresConnection::query(
    const std::string& sql, const std::vector<std::string>& parameters, Duration timeout) {
  return ask(sql, parameters, timeout).map([](const PostgresReply& reply) {
    Rows rows;
    for (const auto& row : reply.rows) {
      std::vector<std::string>& values = rows.emplace_back();
      for (const std::optional<std::string>& value : row) {
        values.push_back(value.value_or(""));
      }
    }
    return rows;
  });
}

Result<PostgresReply> PostgresConnection::ask(const std::string& sql,
                                              const std::vector<std::string>& parameters,
                                              Duration timeout) {
  const std::optional<TimePoint> deadline = deadline_in(timeout);
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) {
    values.push_back(parameter.c_str());
  }
  pg_conn* const connection = connection_.get();
  if (PQsendQueryParams(connection, sql.c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, 0) != 1) {
    return fail(error());
  }
  for (int unsent = PQflush(connection); unsent != 0; unsent = PQflush(connection)) {
    if (unsent < 0) {
      return fail(error());
    }
    if (const Result<void> ready = wait_for(POLLOUT, deadline); !ready) {
      return fail(ready.error());
    }
  }
  Result<PostgresReply> reply = PostgresReply();
  while (true) {
    while (PQisBusy(connection) == 1) {
      if (const Result<void> ready = wait_for(POLLIN, deadline); !ready) {
        return fail(ready.error());
      }
      if (PQconsumeInput(connection) != 1) {
        return fail(error());
      }
    }
    const ResultPtr result(PQgetResult(connection));
    if (!result) {
      return reply;
    }
    if (is_done(result.get())) {
      reply = reply_in(result.get());
    } else {
      reply = fail(ErrorCode::kMalformed,
                   "PostgreSQL: " + std::string(trim(PQresultErrorMessage(result.get()))));
    }
  }
}

Result<void> PostgresConnection::execute(const std::string& sql) {
  const ResultPtr result(PQexec(connection_.get(), sql.c_str()));
  return is_done(result.get()) ? Result<void>() : fail(error());
}

Result<void> PostgresConnection::wait_for(short events, std::optional<TimePoint> deadline) {
  pollfd socket = {PQsocket(connection_.get()), events, 0};
  while (true) {
    const int ready = ::poll(&socket, 1, milliseconds_until(deadline));
    if (ready > 0) {
      return {};
    }
    if (ready == 0) {
      return fail(ErrorCode::kUnavailable, "PostgreSQL does not answer in time");
    }
    if (errno != EINTR) {
      return fail(ErrorCode::kUnavailable, "PostgreSQL: its socket cannot be waited for");
    }
  }
}

}  // namespace squall::shop
