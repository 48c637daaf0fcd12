// Answers in the upstream's place.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

struct StatusConfig {
  int status = 503;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

class Status final : public HttpFault {
 public:
  explicit Status(StatusConfig config) : config_(std::move(config)) {}

  void on_request(HttpRequestTurn& turn) override {
    HttpHead head = HttpHead::answer(config_.status);
    for (const auto& [name, value] : config_.headers) {
      head.set(name, value);
    }
    turn.answer(std::move(head), config_.body);
  }

 private:
  const StatusConfig config_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_status)",
       .help = "Answers with a status of its own; the upstream is not asked.",
       .keys = {{.name = "status",
                 .type = expr::ValueType::kInteger,
                 .help = "200 to 599",
                 .default_value = "503"},
                {.name = "body", .type = expr::ValueType::kString, .help = "of the answer"},
                {.name = "headers",
                 .type = expr::ValueType::kStringList,
                 .help = "further fields of the answer; its length is added",
                 .example = R"(["Content-Type: application/json"])"}}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  StatusConfig config{.status = static_cast<int>(reader.integer("status", 200, 599)),
                      .body = reader.string("body"),
                      .headers = read_fields(reader, "headers")};
  const bool has_no_body = config.status == 204 || config.status == 304;
  if (has_no_body && !config.body.empty()) {
    reader.error("body", "body: an answer with status 204 or 304 has none");
  }
  for (const auto& [name, value] : config.headers) {
    if (is_framing(name)) {
      reader.error("headers", "headers: " + name + " follows from the body");
    }
  }
  return std::make_unique<Status>(std::move(config));
}

}  // namespace

void register_http_fault_status(ToxicRegistry& registry);

void register_http_fault_status(ToxicRegistry& registry) {
  registry.add({.name = "http_status",
                .summary = "answer with a status without asking the upstream",
                .production_cause = "an overloaded or broken dependency, a gateway's own errors",
                .example = "status = 503\nbody = \"busy\"\nroute = \"/payments/**\"\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
