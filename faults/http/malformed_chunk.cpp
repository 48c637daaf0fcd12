// The answer's body breaks off in a chunk header that is none.
#include <memory>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

class MalformedChunk final : public HttpFault {
 public:
  [[nodiscard]] bool needs_answer_body() const override { return true; }
  void on_answer(HttpAnswerTurn& turn) override {
    if (turn.body() == nullptr) {
      turn.preempt(turn.has_body() ? "the body is too long to be kept" : "the answer has no body");
      return;
    }
    HttpHead head = turn.head();
    head.remove("Content-Length");
    head.set("Transfer-Encoding", "chunked");
    std::string bytes = head.wire();
    // At least one right chunk, so that the client has begun to believe.
    const std::string half = turn.body()->substr(0, (turn.body()->size() + 1) / 2);
    if (!half.empty()) {
      bytes += fmt::format("{:x}\r\n{}\r\n", half.size(), half);
    }
    bytes += "squall\r\n";
    turn.send_instead(std::move(bytes), HttpClose::kFin);
  }
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_malformed_chunk)",
       .help = "Sends the answer in chunks: half of its body, then a chunk header that is no "
               "number, then the end of the connection.",
       .keys = {}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& /*reader*/) {
  return std::make_unique<MalformedChunk>();
}

}  // namespace

void register_http_fault_malformed_chunk(ToxicRegistry& registry);

void register_http_fault_malformed_chunk(ToxicRegistry& registry) {
  registry.add({.name = "http_malformed_chunk",
                .summary = "the answer breaks off in a wrong chunk header",
                .production_cause = "a server that prints an error into a body under way",
                .example = "every_nth = 10\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
