// An embedded server that receives the target's outbound calls (webhooks, mail, a payment
// provider), counts them by key, and answers slowly, with failures or not at all when the plan says
// so.
#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "loadgen/base/hash.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/call_book.hpp"
#include "loadgen/effects/effect_page.hpp"
#include "loadgen/effects/json_pointer.hpp"
#include "loadgen/effects/reading_doubt.hpp"
#include "loadgen/effects/scripted_sink.hpp"
#include "loadgen/effects/url.hpp"
#include "loadgen/model/oracle.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::effects {
namespace {

using model::OracleReading;
using net::ServerReply;
using net::ServerRequest;

// Where a call carries a value: "json /token", "header Idempotency-Key" or "query token".
struct CallField {
  enum class Place { kJson, kHeader, kQuery } place = Place::kJson;
  std::string name;
};

enum class Counting { kAnswered, kReceived };

struct SinkConfig {
  std::string name;  // tells the draws of two sinks apart
  std::string host;
  std::uint16_t port = 0;
  std::string method;  // of the calls that count
  std::string path;    // their prefix
  CallField key;
  std::optional<CallField> id;  // calls with the same id count once
  Counting counting = Counting::kAnswered;
  int answer = 200;
  std::string body;
  int fail_status = 503;
  std::uint64_t first_n = 0;
  Share fail;
  Share reset;
  Share silent;
  expr::Distribution delay;
};

constexpr std::size_t kMaxKeyBytes = 512;

std::optional<std::string> query_value(std::string_view target, std::string_view name) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) {
    return std::nullopt;
  }
  for (const std::string_view part : split(target.substr(mark + 1), '&')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && percent_decode(part.substr(0, equals)) == name) {
      return percent_decode(part.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::optional<std::string> field_of(const ServerRequest& request, const CallField& field) {
  std::optional<std::string> value;
  switch (field.place) {
    case CallField::Place::kHeader:
      value = std::string(request.header(field.name));
      break;
    case CallField::Place::kQuery:
      value = query_value(request.target, field.name);
      break;
    case CallField::Place::kJson: {
      const Result<nlohmann::json> document = parse_json(request.body);
      const nlohmann::json* found = document ? find_json(*document, field.name) : nullptr;
      value = found == nullptr ? std::nullopt : as_key(*found);
      break;
    }
  }
  if (!value || value->empty() || value->size() > kMaxKeyBytes) {
    return std::nullopt;
  }
  return value;
}

ServerReply status_only(int status) {
  ServerReply reply;
  reply.status = status;
  return reply;
}

class SinkOracle final : public model::Oracle, public TellsDoubt, public ScriptedSink {
 public:
  explicit SinkOracle(SinkConfig config) : config_(std::move(config)) {}

  Result<void> start(const model::OracleContext& context) override {
    stream_ = StreamId(context.seed, "", "sink:" + config_.name);
    net::HttpServer::Options options;
    options.host = config_.host;
    options.port = config_.port;
    auto server = net::HttpServer::start(
        options, [this](const ServerRequest& request) { return handle(request); });
    if (!server) {
      return fail(with_context(server.error(), "sink " + config_.name));
    }
    server_ = std::move(*server);
    return {};
  }

  Result<OracleReading> read(std::span<const std::string> /*keys*/, Duration /*budget*/) override {
    return book_.reading();
  }

  void script(const std::string& key, SinkScript script) override {
    scripts_.add(key, std::move(script));
  }
  void heal(const std::string& key) override { scripts_.heal(key); }
  [[nodiscard]] std::vector<SinkCall> calls_of(const std::string& key) const override {
    return scripts_.calls_of(key);
  }
  [[nodiscard]] bool tells_ids() const override { return config_.id.has_value(); }

  [[nodiscard]] ReadingDoubt doubt() const override {
    const std::uint16_t port = server_ ? server_->port() : config_.port;
    return {
        .incomplete = false,
        .remark = book_.summary(config_.method + " " + config_.path,
                                fmt::format("http://{}:{}{}", config_.host, port, config_.path))};
  }

 private:
  [[nodiscard]] bool counts(const ServerRequest& request) const {
    return request.method == config_.method && request.target.starts_with(config_.path);
  }

  // Server's thread.
  ServerReply handle(const ServerRequest& request) {
    if (!counts(request)) {
      book_.miss(printable(fmt::format("{} {}", request.method, request.target), 100));
      return status_only(404);
    }
    // A call without a key still is one: it shows as unattributed.
    const std::string key = field_of(request, config_.key).value_or("");
    const std::optional<std::uint64_t> nth = book_.receive(key);
    if (!nth) {
      return status_only(507);
    }
    const auto id = config_.id ? field_of(request, *config_.id) : std::nullopt;
    const auto scripted = scripts_.take(key, id.value_or(""), request.headers);
    ServerReply reply = scripted ? as_scripted(*scripted) : decide(key, *nth);
    const bool answered =
        reply.action == ServerReply::Action::kAnswer && reply.status == config_.answer;
    if (answered || config_.counting == Counting::kReceived) {
      book_.count(key, id);
    }
    return reply;
  }

  // By key and number of the call, not by order of arrival: calls that race for the lock draw the
  // same in each run.
  [[nodiscard]] ServerReply decide(const std::string& key, std::uint64_t nth) const {
    const std::uint64_t point = hash_bytes(key);
    const auto draw = [this, point, nth](std::uint64_t role) {
      return stream_.unit_at(point, hash_combine(nth, role));
    };
    const double chance = draw(0);
    ServerReply reply;
    reply.delay = config_.delay.at(draw(1), draw(2));
    if (chance < config_.reset.fraction) {
      reply.action = ServerReply::Action::kReset;
    } else if (chance < config_.reset.fraction + config_.silent.fraction) {
      reply.action = ServerReply::Action::kSilence;
    } else if (book_.calls() <= config_.first_n ||
               chance < config_.reset.fraction + config_.silent.fraction + config_.fail.fraction) {
      reply.status = config_.fail_status;
    } else {
      answer(reply);
    }
    return reply;
  }

  void answer(ServerReply& reply) const {
    reply.status = config_.answer;
    reply.headers = {{"Content-Type", "application/json"}};
    reply.body = config_.body;
  }

  [[nodiscard]] ServerReply as_scripted(const SinkScripts::Decision& decision) const {
    ServerReply reply;
    reply.delay = decision.delay;
    switch (decision.act) {
      case SinkAct::kAnswer:
      case SinkAct::kAnswerLate:
        answer(reply);
        break;
      case SinkAct::kFail:
        reply.status = config_.fail_status;
        break;
      case SinkAct::kSilence:
        reply.action = ServerReply::Action::kSilence;
        break;
      case SinkAct::kReset:
        reply.action = ServerReply::Action::kReset;
        break;
    }
    return reply;
  }

  SinkConfig config_;
  StreamId stream_{0, "", ""};
  CallBook book_;
  SinkScripts scripts_;
  std::unique_ptr<net::HttpServer> server_;  // last: its thread ends before what it uses
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "effects.oracle (sink)",
      .help =
          "Receives the target's outbound calls and counts them by key. `{{sink.NAME}}` is its "
          "host and port: a service that wants a URL is told `http://{{sink.NAME}}/webhooks`.",
      .keys = {
          {.name = "key",
           .type = expr::ValueType::kString,
           .help =
               "Where a call carries the effect's key: `json /pointer`, `header NAME` or `query "
               "NAME`.",
           .required = true,
           .example = "\"json /token\""},
          {.name = "request",
           .type = expr::ValueType::kString,
           .help = "Method and path prefix of the calls that are effects; others get 404.",
           .default_value = "POST /",
           .example = "\"POST /webhooks\""},
          {.name = "id",
           .type = expr::ValueType::kString,
           .help =
               "Where a call carries its own id (event id, downstream idempotency key): calls of "
               "one key with the same id are one effect.",
           .example = "\"header Webhook-Id\""},
          {.name = "count",
           .type = expr::ValueType::kString,
           .help = "`answered`: only calls that got `answer`; `received`: also those that the sink "
                   "failed, reset or left without an answer.",
           .default_value = "answered",
           .choices = {"answered", "received"}},
          {.name = "answer",
           .type = expr::ValueType::kInteger,
           .help = "Status of an answer.",
           .default_value = "200",
           .example = "202"},
          {.name = "body",
           .type = expr::ValueType::kString,
           .help = "Body of an answer.",
           .default_value = "{}"},
          {.name = "delay",
           .type = expr::ValueType::kDistribution,
           .help = "Before each answer, failure or reset.",
           .default_value = "0s"},
          {.name = "first_n",
           .type = expr::ValueType::kInteger,
           .help = "The first n calls fail: an outage that heals.",
           .default_value = "0",
           .example = "100"},
          {.name = "fail",
           .type = expr::ValueType::kShare,
           .help = "Share of calls answered with `fail_status`; decided by seed, key and number of "
                   "the call for that key.",
           .default_value = "0%"},
          {.name = "fail_status",
           .type = expr::ValueType::kInteger,
           .help = "Status of a failure.",
           .default_value = "503",
           .example = "500"},
          {.name = "reset",
           .type = expr::ValueType::kShare,
           .help = "Share of calls that are read and then reset.",
           .default_value = "0%"},
          {.name = "silent",
           .type = expr::ValueType::kShare,
           .help = "Share of calls that are read and never answered.",
           .default_value = "0%"},
          {.name = "listen",
           .type = expr::ValueType::kString,
           .help = "Address to listen on.",
           .default_value = "127.0.0.1"},
          {.name = "port",
           .type = expr::ValueType::kInteger,
           .help = "A fixed port, for a target that squall does not start; else a free one.",
           .example = "9099"},
      }};
  return kKeys;
}

std::optional<CallField> parse_field(const std::string& text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos || blank + 1 == text.size()) {
    return std::nullopt;
  }
  const std::string place = text.substr(0, blank);
  CallField field;
  field.name = text.substr(blank + 1);
  if (place == "json" && is_json_pointer(field.name)) {
    field.place = CallField::Place::kJson;
  } else if (place == "header") {
    field.place = CallField::Place::kHeader;
  } else if (place == "query") {
    field.place = CallField::Place::kQuery;
  } else {
    return std::nullopt;
  }
  return field;
}

CallField read_field(expr::TableReader& reader, std::string_view key) {
  const std::string text = reader.string(key);
  const std::optional<CallField> field = parse_field(text);
  if (!field && reader.has(key)) {
    reader.error(key, "\"" + text +
                          "\" is no place in a call: write \"json /token\", \"header "
                          "Idempotency-Key\" or \"query token\"");
  }
  return field.value_or(CallField{});
}

void read_request(expr::TableReader& reader, SinkConfig& config) {
  const std::string text = reader.string("request");
  const std::size_t blank = text.find(' ');
  config.method = text.substr(0, blank);
  config.path = blank == std::string::npos ? "" : text.substr(blank + 1);
  const bool method_ok =
      !config.method.empty() &&
      config.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
  if (!method_ok || !config.path.starts_with('/')) {
    reader.error("request",
                 "\"" + text + "\" is not a method and a path: write \"POST /webhooks\"");
  }
}

// The port that the loader reserved under this sink's name, from "127.0.0.1:port"; 0 when it did
// not.
std::uint16_t reserved_port(const expr::TableReader& reader, const std::string& name) {
  const Result<std::string> address = reader.scope().substitute("{{sink." + name + "}}");
  if (!address) {
    return 0;
  }
  const std::string_view digits = std::string_view(*address).substr(address->rfind(':') + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size() ? port : std::uint16_t{0};
}

void read_behaviour(expr::TableReader& reader, SinkConfig& config) {
  config.answer = static_cast<int>(reader.integer("answer", 200, 599));
  config.body = reader.string("body");
  config.delay = reader.distribution("delay");
  config.first_n = static_cast<std::uint64_t>(reader.integer("first_n", 0, 1'000'000'000));
  config.fail_status = static_cast<int>(reader.integer("fail_status", 200, 599));
  config.fail = reader.share("fail");
  config.reset = reader.share("reset");
  config.silent = reader.share("silent");
  if (config.fail.fraction + config.reset.fraction + config.silent.fraction > 1.0 + 1e-9) {
    reader.error(
        "fail", "`fail`, `reset` and `silent` are shares of the same calls: together at most 100%");
  }
  if (config.fail_status == config.answer) {
    reader.error("fail_status", "a failure needs another status than `answer`");
  }
}

std::unique_ptr<model::Oracle> compile(expr::TableReader& reader) {
  SinkConfig config;
  config.name = reader.has("name") ? reader.string("name") : "sink";
  config.host = reader.string("listen");
  config.port = reader.has("port") ? static_cast<std::uint16_t>(reader.integer("port", 1, 65535))
                                   : reserved_port(reader, config.name);
  config.key = read_field(reader, "key");
  if (reader.has("id")) {
    config.id = read_field(reader, "id");
  }
  config.counting =
      reader.string("count") == "received" ? Counting::kReceived : Counting::kAnswered;
  read_request(reader, config);
  read_behaviour(reader, config);
  return std::make_unique<SinkOracle>(std::move(config));
}

}  // namespace

void register_oracle_sink(OracleRegistry& registry) {
  registry.add({
      .name = "sink",
      .summary = "receive the target's outbound calls and count them; fail some on request",
      .example = R"([[effects.oracle]]
kind = "sink"
name = "mail"
request = "POST /webhooks"
key = "json /token"
delay = "20ms"
fail = "10%"
)",
      .keys = &keys(),
      .compile = compile,
      .listens = true,
  });
}

}  // namespace squall::effects
