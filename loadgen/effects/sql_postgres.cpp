// PostgreSQL as a source: its URL, and a question in a transaction that only reads.
#include <libpq-fe.h>

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/pg_link.hpp"
#include "loadgen/effects/sql_source.hpp"

namespace squall::effects {
namespace {

constexpr std::string_view kDefaultPort = "5432";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::string option(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* one = options.get(); one != nullptr && one->keyword != nullptr;
       ++one) {
    if (one->keyword == keyword) {
      return one->val == nullptr ? "" : one->val;
    }
  }
  return {};
}

// libpq's own words quote the URL, of which a password must not be shown.
bool may_hold_password(std::string_view url) {
  const std::size_t at = url.rfind('@');
  const std::size_t names = url.find("//");
  const bool in_names = at != std::string_view::npos && names != std::string_view::npos &&
                        names < at && url.substr(names, at - names).find(':') != std::string::npos;
  return in_names || to_lower(url).find("passw") != std::string::npos;
}

Result<Options> parse(const std::string& url) {
  char* message = nullptr;
  Options options(PQconninfoParse(url.c_str(), &message));
  const std::unique_ptr<char, decltype(&PQfreemem)> freed(message, &PQfreemem);
  if (options == nullptr) {
    const std::string why = may_hold_password(url) || message == nullptr
                                ? std::string("is a character in it not percent-encoded?")
                                : printable(trim(message));
    return fail(ErrorCode::kInvalidArgument,
                "it is no URL of a PostgreSQL database (" + why +
                    "); write for example \"postgresql://user@host:5432/database\"");
  }
  return options;
}

// libpq's lists: one port stands for all hosts.
std::string_view nth(const std::vector<std::string_view>& list, std::size_t index) {
  if (list.size() == 1) {
    return list.front();
  }
  return index < list.size() ? list[index] : std::string_view();
}

Result<std::vector<model::OracleHost>> hosts_of(const std::string& hosts,
                                                const std::string& addresses,
                                                const std::string& ports) {
  const std::vector<std::string_view> names = split(hosts, ',');
  const std::vector<std::string_view> numbers = split(addresses, ',');
  const std::vector<std::string_view> port_list = split(ports, ',');
  std::vector<model::OracleHost> result;
  for (std::size_t i = 0; i < std::max(names.size(), numbers.size()); ++i) {
    // An address is where it goes; the name beside it is only for the certificate.
    const std::string_view address = i < numbers.size() ? numbers[i] : std::string_view();
    const std::string_view name = i < names.size() ? names[i] : std::string_view();
    const std::string_view place = address.empty() ? name : address;
    if (place.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "the URL names no host: write for example "
                  "\"postgresql://user@127.0.0.1:5432/database\", or "
                  "\"postgresql:///database?host=/var/run/postgresql\" for a Unix socket");
    }
    if (place.front() == '/' || place.front() == '@') {
      continue;
    }
    std::string_view port_text = nth(port_list, i);
    port_text = port_text.empty() ? kDefaultPort : port_text;
    std::uint16_t port = 0;
    const auto [end, error] =
        std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    if (error != std::errc{} || end != port_text.data() + port_text.size() || port == 0) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("\"{}\" is not a port", printable(port_text, 40)));
    }
    result.push_back({"url", to_lower(place), port});
  }
  return result;
}

// A text array as PostgreSQL reads it.
std::string array_of(std::span<const std::string> keys) {
  std::string text = "{";
  for (const std::string& key : keys) {
    text += text.size() == 1 ? "\"" : ",\"";
    for (const char c : key) {
      if (c == '"' || c == '\\') {
        text += '\\';
      }
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

class PostgresSource final : public SqlSource {
 public:
  PostgresSource(std::string url, PgLink::Settings settings, std::vector<model::OracleHost> hosts,
                 std::string password)
      : url_(std::move(url)),
        settings_(std::move(settings)),
        hosts_(std::move(hosts)),
        password_(std::move(password)) {}

  [[nodiscard]] std::vector<model::OracleHost> hosts() const override { return hosts_; }
  [[nodiscard]] std::string password() const override { return password_; }

  [[nodiscard]] SqlDialect dialect() const override { return SqlDialect::kPostgres; }
  [[nodiscard]] std::string place() const override { return url_; }

  // What stands in the environment (PGHOSTADDR, PGSERVICE) would lead elsewhere than the plan says,
  // and what it says is what was allowed.
  [[nodiscard]] Result<void> start(const std::string& /*folder*/) override {
    const Options defaults(PQconndefaults());
    if (defaults == nullptr || !option(defaults, "hostaddr").empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "PGHOSTADDR or a service of PGSERVICE says where PostgreSQL is; only the plan's "
                  "`url` may: unset it");
    }
    return {};
  }

  [[nodiscard]] Result<void> ask(const SqlQuestion& question, std::span<const std::string> keys,
                                 TimePoint deadline, const SqlRow& on_row) override {
    Result<PgLink> link = PgLink::connect(settings_, deadline);
    if (!link) {
      return fail(link.error());
    }
    const int left = milliseconds_left(deadline);
    if (left == 0) {
      return fail(out_of_time());
    }
    // The transaction's own settings: a pool between squall and the server would keep a session's
    // and give them to the next client.
    Result<void> begun =
        link->run("begin isolation level read committed read only; set local statement_timeout = " +
                  std::to_string(left));
    if (!begun) {
      return begun;
    }
    if (Result<void> checked = prepare(question, *link); !checked) {
      return checked;
    }
    return link->rows(question.asks_keys ? std::optional(array_of(keys)) : std::nullopt, on_row);
  }

 private:
  static Result<void> prepare(const SqlQuestion& question, PgLink& link) {
    const Result<PgLink::Prepared> prepared = link.prepare(question.query);
    if (!prepared) {
      return fail(prepared.error());
    }
    if (prepared->columns != question.columns) {
      return fail(wrong_columns(question.columns, prepared->columns));
    }
    if (prepared->parameters != (question.asks_keys ? 1U : 0U)) {
      return fail(
          ErrorCode::kMalformed,
          fmt::format("PostgreSQL sees {} parameters in the query: write the keys asked for "
                      "as $1, or none",
                      prepared->parameters));
    }
    if (!question.asks_keys) {
      return {};
    }
    if (Result<void> checked = check_type(prepared->first_type, link); !checked) {
      return checked;
    }
    // Asking for the type made the server forget the unnamed statement. One with a name would stay
    // in the session, which a pool may give to others.
    const Result<PgLink::Prepared> again = link.prepare(question.query);
    return again ? Result<void>() : fail(again.error());
  }

  // A parameter that is one text would be given the list as one text, and no key would be found.
  static Result<void> check_type(unsigned type, PgLink& link) {
    const Result<std::string> told = link.value_of(fmt::format(
        "select typcategory::text || format_type(oid, null) from pg_catalog.pg_type where oid = {}",
        type));
    if (!told) {
      return fail(told.error());
    }
    if (!told->starts_with('A')) {
      return fail(
          ErrorCode::kMalformed,
          fmt::format(
              "the parameter $1 is of type {}, not a list: write for example "
              "\"where memo = any($1)\"",
              printable(std::string_view(*told).substr(std::min<std::size_t>(1, told->size())),
                        60)));
    }
    return {};
  }

  std::string url_;
  PgLink::Settings settings_;
  std::vector<model::OracleHost> hosts_;
  std::string password_;
};

}  // namespace

Result<std::unique_ptr<SqlSource>> make_postgres_source(const std::string& url) {
  Result<Options> options = parse(url);
  if (!options) {
    return fail(options.error());
  }
  if (!option(*options, "service").empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "a service file says where the database is; name the host in the URL");
  }
  const std::string port = option(*options, "port");
  auto hosts = hosts_of(option(*options, "host"), option(*options, "hostaddr"), port);
  if (!hosts) {
    return fail(hosts.error());
  }
  PgLink::Settings settings;
  for (const PQconninfoOption* one = options->get(); one->keyword != nullptr; ++one) {
    if (one->val != nullptr && *one->val != '\0') {
      settings.emplace_back(one->keyword, one->val);
    }
  }
  if (port.empty()) {  // or PGPORT would choose it
    settings.emplace_back("port", kDefaultPort);
  }
  settings.emplace_back("client_encoding", "UTF8");
  settings.emplace_back("fallback_application_name", "squall");
  return std::make_unique<PostgresSource>(url, std::move(settings), std::move(*hosts),
                                          option(*options, "password"));
}

}  // namespace squall::effects
