// One value of a JSON body changed.
#include <memory>
#include <string>
#include <utility>

#include "faults/http/keys.hpp"
#include "loadgen/expr/json_answer.hpp"
#include "loadgen/expr/json_place.hpp"

namespace squall::faults {
namespace {

struct BodyPatchConfig {
  bool request = false;
  std::string pointer;
  std::string value;  // JSON
};

class BodyPatch final : public HttpFault {
 public:
  explicit BodyPatch(BodyPatchConfig config) : config_(std::move(config)) {}

  [[nodiscard]] bool needs_request_body() const override { return config_.request; }
  [[nodiscard]] bool needs_answer_body() const override { return !config_.request; }
  void on_request(HttpRequestTurn& turn) override {
    if (config_.request) {
      patch(turn);
    }
  }
  void on_answer(HttpAnswerTurn& turn) override {
    if (!config_.request) {
      patch(turn);
    }
  }

 private:
  template <class Turn>
  void patch(Turn& turn) const {
    if (turn.body() == nullptr) {
      turn.preempt("there is no body, or it is too long to be kept");
      return;
    }
    const std::string& body = *turn.body();
    const auto place = expr::find_json(body, config_.pointer);
    if (!place.has_value()) {
      turn.preempt("the body has no JSON value at " + config_.pointer);
      return;
    }
    std::string patched = body;
    patched.replace(static_cast<std::size_t>(place->data() - body.data()), place->size(),
                    config_.value);
    turn.change_body(std::move(patched));
  }

  const BodyPatchConfig config_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_body_patch)",
       .help = "Replaces one value of a JSON body and leaves every other byte as it is; "
               "Content-Length follows. Bodies up to 1 MiB.",
       .keys = {{.name = "pointer",
                 .type = expr::ValueType::kString,
                 .help = "where: a JSON pointer to a value that is there; empty is the whole body",
                 .example = "\"/status\""},
                {.name = "value",
                 .type = expr::ValueType::kString,
                 .help = "the new value as JSON text",
                 .default_value = "null",
                 .example = "'\"pending\"'"},
                message_key()}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  BodyPatchConfig config{.request = read_is_request(reader),
                         .pointer = reader.string("pointer"),
                         .value = reader.string("value")};
  if (!config.pointer.empty() && config.pointer.front() != '/') {
    reader.error("pointer", "pointer: a JSON pointer begins with \"/\"; an example: \"/status\"");
  }
  expr::JsonAnswer value;
  value.begin(config.value);
  if (!value.valid()) {
    reader.error("value", "value: \"" + printable(config.value, 60) +
                              "\" is no JSON; a text needs quotes of its own: '\"pending\"'");
  }
  return std::make_unique<BodyPatch>(std::move(config));
}

}  // namespace

void register_http_fault_body_patch(ToxicRegistry& registry);

void register_http_fault_body_patch(ToxicRegistry& registry) {
  registry.add({.name = "http_body_patch",
                .summary = "change one value of a JSON body",
                .production_cause =
                    "a dependency's new version, a field that is null for the first "
                    "time",
                .example = "pointer = \"/status\"\nvalue = '\"pending\"'\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
