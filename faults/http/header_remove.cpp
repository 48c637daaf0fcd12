// Takes fields out of a head.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

class HeaderRemove final : public HttpFault {
 public:
  HeaderRemove(std::vector<std::string> names, bool request)
      : names_(std::move(names)), request_(request) {}

  void on_request(HttpRequestTurn& turn) override {
    if (request_) {
      remove(turn, turn.request());
    }
  }
  void on_answer(HttpAnswerTurn& turn) override {
    if (!request_) {
      remove(turn, turn.head());
    }
  }

 private:
  template <class Turn>
  void remove(Turn& turn, const HttpHead& head) const {
    bool any = false;
    for (const std::string& name : names_) {
      any = any || head.find(name).has_value();
    }
    if (!any) {
      turn.preempt("there is no such field");
      return;
    }
    for (const std::string& name : names_) {
      turn.change_head().remove(name);
    }
  }

  const std::vector<std::string> names_;
  const bool request_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_header_remove)",
       .help = "Takes fields out of the answer or the request.",
       .keys = {{.name = "names",
                 .type = expr::ValueType::kStringList,
                 .help = "of the fields; not those that say how long the message is",
                 .example = R"(["ETag"])"},
                message_key()}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  std::vector<std::string> names;
  for (const expr::LocatedText& name : reader.string_list("names")) {
    if (!is_token(name.text) || is_framing(name.text)) {
      reader.error("names", "names: \"" + printable(name.text, 40) +
                                "\" cannot be removed; an example: \"ETag\"");
    }
    names.push_back(name.text);
  }
  return std::make_unique<HeaderRemove>(std::move(names), read_is_request(reader));
}

}  // namespace

void register_http_fault_header_remove(ToxicRegistry& registry);

void register_http_fault_header_remove(ToxicRegistry& registry) {
  registry.add({.name = "http_header_remove",
                .summary = "take fields out of requests or answers",
                .production_cause = "a gateway that drops what it does not know",
                .example = "names = [\"ETag\"]\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
