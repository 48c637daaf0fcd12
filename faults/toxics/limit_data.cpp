// Closes a connection after so many bytes.
#include <algorithm>
#include <memory>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

// Counts from when it came to the link, also over changes of the limit.
class LimitData final : public Toxic {
 public:
  explicit LimitData(std::int64_t bytes) : bytes_(static_cast<std::uint64_t>(bytes)) {}

  Action on_chunk(Chunk& front, Passage& passage) override {
    const std::uint64_t left = bytes_ - std::min(bytes_, passage.passed);
    if (left == 0) {
      passage.fired = true;
      return Action::end();
    }
    return Action::pass(static_cast<std::size_t>(std::min<std::uint64_t>(left, front.size())));
  }

  // Ends as soon as the last byte has passed; with a limit of 0 not before there is one.
  Action on_idle(Passage& passage) override {
    if (bytes_ == 0 || passage.passed < bytes_) {
      return Action::hold();
    }
    passage.fired = true;
    return Action::end();
  }

 private:
  const std::uint64_t bytes_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (limit_data)",
      .help = "Closes the connection when so many bytes have passed in this direction.",
      .keys = {integer_attribute("bytes", "bytes that pass; 0 closes at the first one")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const std::int64_t bytes = read_integer(reader, "bytes");
  return [bytes] { return std::make_unique<LimitData>(bytes); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (limit_data)",
      .help = "Keys of the toxic limit_data in a plan.",
      .keys = {{.name = "bytes",
                .type = expr::ValueType::kBytes,
                .help = "That pass; the connection is closed behind them.",
                .required = true,
                .example = "\"4KiB\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_bytes(reader, "bytes")};
}

}  // namespace

void register_toxic_limit_data(ToxicRegistry& registry);

void register_toxic_limit_data(ToxicRegistry& registry) {
  registry.add({.name = "limit_data",
                .summary = "close after so many bytes",
                .production_cause = "a peer or balancer that dies in the middle of an answer",
                .example = "bytes = 4096\n",
                .traits = {.keeps_bytes = false},
                .attributes = &attributes(),
                .compile = compile,
                .plan_example = "bytes = \"4KiB\"\n",
                .plan_keys = &plan_keys(),
                .from_plan = from_plan});
}

}  // namespace squall::faults
