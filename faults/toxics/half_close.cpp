// One direction ends, the other goes on.
#include <algorithm>
#include <memory>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

class HalfClose final : public Toxic {
 public:
  explicit HalfClose(std::int64_t bytes) : bytes_(static_cast<std::uint64_t>(bytes)) {}

  Action on_chunk(Chunk& front, Passage& passage) override {
    const std::uint64_t left = bytes_ - std::min(bytes_, passage.passed);
    if (left == 0) {
      return half_end(passage);
    }
    return Action::pass(static_cast<std::size_t>(std::min<std::uint64_t>(left, front.size())));
  }

  Action on_idle(Passage& passage) override {
    return passage.passed < bytes_ ? Action::hold() : half_end(passage);
  }

 private:
  static Action half_end(Passage& passage) {
    passage.fired = true;
    return Action::half_end();
  }

  const std::uint64_t bytes_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (half_close)",
      .help =
          "The receiver gets the end of the stream (FIN) after so many bytes and may go on "
          "sending; what the sender sends after that is read and dropped.",
      .keys = {integer_attribute("bytes", "bytes that pass; 0: none, the end comes at once")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const std::int64_t bytes = read_integer(reader, "bytes");
  return [bytes] { return std::make_unique<HalfClose>(bytes); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{.name = "fault (half_close)",
                                     .help = "Keys of the toxic half_close in a plan.",
                                     .keys = {{.name = "bytes",
                                               .type = expr::ValueType::kBytes,
                                               .help = "That pass before the end comes; 0: none.",
                                               .default_value = "0",
                                               .example = "\"100B\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_bytes(reader, "bytes")};
}

}  // namespace

void register_toxic_half_close(ToxicRegistry& registry);

void register_toxic_half_close(ToxicRegistry& registry) {
  registry.add(
      {.name = "half_close",
       .summary = "end one direction (FIN) while the other goes on",
       .production_cause = "a peer that shuts its sending side down early; half-open pools",
       .example = "bytes = 100\n",
       .traits = {.keeps_bytes = false},
       .attributes = &attributes(),
       .compile = compile,
       .plan_example = "bytes = \"100B\"\n",
       .plan_keys = &plan_keys(),
       .from_plan = from_plan});
}

}  // namespace squall::faults
