// Holds a request, or its answer.
#include <memory>
#include <utility>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

class Delay final : public HttpFault {
 public:
  Delay(expr::Distribution delay, bool before_request)
      : delay_(std::move(delay)), before_request_(before_request) {}

  void on_request(HttpRequestTurn& turn) override {
    if (before_request_) {
      turn.hold(draw(turn.rng()));
    }
  }
  void on_answer(HttpAnswerTurn& turn) override {
    if (!before_request_) {
      turn.hold(draw(turn.rng()));
    }
  }

 private:
  [[nodiscard]] Duration draw(Rng& rng) const {
    // Two statements: the order in which arguments are evaluated is the compiler's choice.
    const double unit = rng.next_unit();
    const double unit2 = rng.next_unit();
    return delay_.at(unit, unit2);
  }

  const expr::Distribution delay_;
  const bool before_request_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_delay)",
       .help = "Holds a request before it goes upstream, or its answer when the upstream has done "
               "its work.",
       .keys = {{.name = "delay",
                 .type = expr::ValueType::kDistribution,
                 .help = "how long",
                 .default_value = "100ms"},
                {.name = "at",
                 .type = expr::ValueType::kString,
                 .help = "where: before the upstream is asked, or before the client is answered",
                 .default_value = "request",
                 .choices = {"request", "answer"}}}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  expr::Distribution delay = reader.distribution("delay");
  return std::make_unique<Delay>(std::move(delay), reader.string("at") == "request");
}

}  // namespace

void register_http_fault_delay(ToxicRegistry& registry);

void register_http_fault_delay(ToxicRegistry& registry) {
  registry.add({.name = "http_delay",
                .summary = "hold requests or answers, by route",
                .production_cause = "one slow endpoint of a dependency, a lock, a cold cache",
                .example = "delay = \"250ms\"\nroute = \"/reports/*\"\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
