// Reads the request and hangs up.
#include <memory>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

class EmptyReply final : public HttpFault {
 public:
  void on_request(HttpRequestTurn& turn) override { turn.close_after_request(HttpClose::kFin); }
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_empty_reply)",
       .help = "Reads the whole request and closes the connection in order, without a byte of an "
               "answer; the upstream is not asked.",
       .keys = {}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& /*reader*/) {
  return std::make_unique<EmptyReply>();
}

}  // namespace

void register_http_fault_empty_reply(ToxicRegistry& registry);

void register_http_fault_empty_reply(ToxicRegistry& registry) {
  registry.add({.name = "http_empty_reply",
                .summary = "read the request and close without answering",
                .production_cause = "a worker that is killed while it works, a proxy without peers",
                .example = "first_n = 3\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
