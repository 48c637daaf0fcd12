// Bytes that are no answer.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

class Garbage final : public HttpFault {
 public:
  Garbage(std::uint64_t bytes, HttpClose how) : bytes_(bytes), how_(how) {}

  void on_answer(HttpAnswerTurn& turn) override {
    std::string bytes(bytes_, '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(turn.rng().next_below(256));
    }
    turn.send_instead(std::move(bytes), how_);
  }

 private:
  const std::uint64_t bytes_;
  const HttpClose how_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_garbage)",
       .help = "Sends random bytes instead of the answer, then closes the connection; the upstream "
               "has done its work.",
       .keys = {{.name = "bytes",
                 .type = expr::ValueType::kBytes,
                 .help = "how many, at most 1 MiB",
                 .default_value = "256B"},
                close_key("fin")}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  const std::uint64_t bytes = reader.bytes("bytes").bytes;
  if (bytes > HttpFault::kMaxKeptBody) {
    reader.error("bytes", "bytes: at most 1 MiB");
  }
  return std::make_unique<Garbage>(bytes, read_close(reader));
}

}  // namespace

void register_http_fault_garbage(ToxicRegistry& registry);

void register_http_fault_garbage(ToxicRegistry& registry) {
  registry.add({.name = "http_garbage",
                .summary = "random bytes instead of an answer",
                .production_cause = "a port that another program took, a broken proxy in between",
                .example = "bytes = \"256B\"\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
