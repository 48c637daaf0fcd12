// Sets fields of a head.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

class HeaderSet final : public HttpFault {
 public:
  HeaderSet(Fields fields, bool request) : fields_(std::move(fields)), request_(request) {}

  void on_request(HttpRequestTurn& turn) override {
    if (request_) {
      set(turn.change_head());
    }
  }
  void on_answer(HttpAnswerTurn& turn) override {
    if (!request_) {
      set(turn.change_head());
    }
  }

 private:
  void set(HttpHead& head) const {
    for (const auto& [name, value] : fields_) {
      head.set(name, value);
    }
  }

  const Fields fields_;
  const bool request_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_header_set)",
       .help = "Sets fields of the answer or of the request; those of the same name are replaced.",
       .keys = {{.name = "headers",
                 .type = expr::ValueType::kStringList,
                 .help = "the fields; not those that say how long the message is",
                 .example = R"(["Cache-Control: max-age=31536000"])"},
                message_key()}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  Fields fields = read_fields(reader, "headers");
  for (const auto& [name, value] : fields) {
    if (is_framing(name)) {
      reader.error("headers", "headers: " + name + " belongs to the message's body");
    }
  }
  return std::make_unique<HeaderSet>(std::move(fields), read_is_request(reader));
}

}  // namespace

void register_http_fault_header_set(ToxicRegistry& registry);

void register_http_fault_header_set(ToxicRegistry& registry) {
  registry.add({.name = "http_header_set",
                .summary = "set fields of requests or answers",
                .production_cause = "a gateway's new rule, a wrong cache or content type",
                .example = "headers = [\"Cache-Control: max-age=31536000\"]\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
