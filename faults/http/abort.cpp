// Closes the connection instead of answering: before the upstream was asked, or after it has done
// its work.
#include <memory>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

class Abort final : public HttpFault {
 public:
  Abort(bool after, HttpClose how) : after_(after), how_(how) {}

  void on_request(HttpRequestTurn& turn) override {
    if (!after_) {
      turn.close_now(how_);
    }
  }
  void on_answer(HttpAnswerTurn& turn) override {
    if (!turn.from_upstream()) {
      turn.preempt("the upstream was not asked");
    } else {
      turn.send_instead("", how_);
    }
  }

 private:
  const bool after_;
  const HttpClose how_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_abort)",
       .help = "Closes the client's connection instead of answering. `after`: the upstream has "
               "executed the request and answered it to the end, and the answer is lost; its "
               "counter `executed` is the proof.",
       .keys = {{.name = "at",
                 .type = expr::ValueType::kString,
                 .help = "before the upstream is asked, or after it has answered",
                 .default_value = "after",
                 .choices = {"before", "after"}},
                close_key("reset")}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  const bool after = reader.string("at") == "after";
  return std::make_unique<Abort>(after, read_close(reader));
}

}  // namespace

void register_http_fault_abort(ToxicRegistry& registry);

void register_http_fault_abort(ToxicRegistry& registry) {
  registry.add({.name = "http_abort",
                .summary = "close instead of answering, before or after the upstream executed",
                .production_cause = "a gateway or pod that dies between a request and its answer",
                .example = "at = \"after\"\nmethods = [\"POST\"]\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
