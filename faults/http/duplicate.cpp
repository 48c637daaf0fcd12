// The upstream gets a request more than once.
#include <cstdint>
#include <memory>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

class Duplicate final : public HttpFault {
 public:
  explicit Duplicate(std::uint32_t copies) : copies_(copies) {}

  [[nodiscard]] bool needs_request_body() const override { return true; }
  void on_request(HttpRequestTurn& turn) override {
    if (turn.body() == nullptr) {
      turn.preempt("the request is too long to be kept, or did not come whole");
    } else {
      turn.send_copies(copies_ - 1);
    }
  }

 private:
  const std::uint32_t copies_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_duplicate)",
       .help = "Sends a request upstream several times at once, with all that other faults have "
               "changed in it; each copy has a connection of its own. The client gets the answer "
               "that is there first: that of the link's own connection from its first byte, that "
               "of a copy when it is whole. The counter `executed` counts the upstream's answers "
               "to copies, also when the client has left.",
       .keys = {{.name = "copies",
                 .type = expr::ValueType::kInteger,
                 .help = "requests that the upstream gets in all, 2 to 100",
                 .default_value = "2"}}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  return std::make_unique<Duplicate>(static_cast<std::uint32_t>(reader.integer("copies", 2, 100)));
}

}  // namespace

void register_http_fault_duplicate(ToxicRegistry& registry);

void register_http_fault_duplicate(ToxicRegistry& registry) {
  registry.add({.name = "http_duplicate",
                .summary = "the upstream gets a request several times",
                .production_cause = "retries of gateways, meshes and client libraries",
                .example = "copies = 2\nmethods = [\"POST\"]\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
