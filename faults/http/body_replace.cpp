// Another body, or other words in it.
#include <memory>
#include <string>
#include <utility>

#include <re2/re2.h>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

struct BodyReplaceConfig {
  bool request = false;
  std::string body;                      // without `find`: the whole new body
  std::shared_ptr<const re2::RE2> find;  // what is replaced
  std::string with;                      // \1 is what its first group has found
};

class BodyReplace final : public HttpFault {
 public:
  explicit BodyReplace(BodyReplaceConfig config) : config_(std::move(config)) {}

  [[nodiscard]] bool needs_request_body() const override { return config_.request; }
  [[nodiscard]] bool needs_answer_body() const override { return !config_.request; }
  void on_request(HttpRequestTurn& turn) override {
    if (config_.request) {
      replace(turn, turn.request());
    }
  }
  void on_answer(HttpAnswerTurn& turn) override {
    if (!config_.request) {
      replace(turn, turn.head());
    }
  }

 private:
  template <class Turn>
  void replace(Turn& turn, const HttpHead& head) const {
    if (turn.body() == nullptr || turn.body()->empty()) {
      turn.preempt("there is no body, or it is too long to be kept");
    } else if (config_.find == nullptr) {
      turn.change_head().remove("Content-Encoding");
      turn.change_body(config_.body);
    } else if (head.find("Content-Encoding").value_or("identity") != "identity") {
      turn.preempt("the body is compressed");
    } else {
      std::string body = *turn.body();
      if (re2::RE2::GlobalReplace(&body, *config_.find, config_.with) == 0) {
        turn.preempt("nothing in the body fits");
      } else {
        turn.change_body(std::move(body));
      }
    }
  }

  const BodyReplaceConfig config_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_body_replace)",
       .help = "Puts another body in the place of one that is there, or replaces what a regular "
               "expression finds in it; Content-Length follows. Bodies up to 1 MiB.",
       .keys = {{.name = "body",
                 .type = expr::ValueType::kString,
                 .help = "the whole new body, unless there is `find`"},
                {.name = "find",
                 .type = expr::ValueType::kString,
                 .help = "a regular expression (RE2); everything that it finds is replaced",
                 .example = R"('"amount":\s*(\d+)')"},
                {.name = "with",
                 .type = expr::ValueType::kString,
                 .help = "what stands there instead; `\\\\1` is what the first group has found",
                 .example = R"('"amount": "\1"')"},
                message_key()}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  constexpr std::int64_t kMaxMemory = 1 << 20;  // of the compiled expression, bytes
  BodyReplaceConfig config{.request = read_is_request(reader),
                           .body = reader.string("body"),
                           .find = {},
                           .with = reader.string("with")};
  if (const std::string find = reader.string("find"); !find.empty()) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaxMemory);
    config.find = std::make_shared<const re2::RE2>(find, options);
    std::string problem;
    if (!config.find->ok()) {
      reader.error("find", "find: \"" + printable(find, 60) + "\" is not a regular expression: " +
                               printable(config.find->error(), 100));
    } else if (!config.find->CheckRewriteString(config.with, &problem)) {
      reader.error("with", "with: " + printable(problem, 100));
    }
  }
  return std::make_unique<BodyReplace>(std::move(config));
}

}  // namespace

void register_http_fault_body_replace(ToxicRegistry& registry);

void register_http_fault_body_replace(ToxicRegistry& registry) {
  registry.add({.name = "http_body_replace",
                .summary = "another body, or other words in it",
                .production_cause = "a new version with another format, a page of a captive portal",
                .example = "find = '\"status\": *\"[a-z]+\"'\nwith = '\"status\":\"unknown\"'\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
