// Changes bytes on their way.
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

// Which bytes are changed depends on their place in the stream and the seed, not on how the stream
// came in chunks.
class Corrupt final : public Toxic {
 public:
  explicit Corrupt(double rate) : rate_(rate) {}

  Action on_chunk(Chunk& front, Passage& passage) override {
    if (!begun_) {
      begun_ = true;
      left_ = gap(passage.rng);
    }
    const std::size_t size = front.size();
    std::uint64_t at = 0;
    while (left_ < size - at) {
      at += left_;
      // Never the same byte again.
      const auto change = static_cast<unsigned char>(1 + passage.rng.next_below(255));
      front.data()[at] = static_cast<char>(static_cast<unsigned char>(front.data()[at]) ^ change);
      passage.fired = true;
      ++at;
      left_ = gap(passage.rng);
    }
    left_ -= size - at;
    return Action::pass();
  }

 private:
  // Bytes to leave alone before the next one that is changed: geometric, by inversion.
  [[nodiscard]] std::uint64_t gap(Rng& rng) const {
    constexpr auto kNever = std::uint64_t{1} << 62;
    if (rate_ <= 0) {
      return kNever;
    }
    if (rate_ >= 1) {
      return 0;
    }
    const double bytes = std::floor(std::log1p(-rng.next_unit()) / std::log1p(-rate_));
    return bytes < static_cast<double>(kNever) ? static_cast<std::uint64_t>(bytes) : kNever;
  }

  const double rate_;
  bool begun_ = false;
  std::uint64_t left_ = 0;  // bytes to leave alone
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (corrupt)",
      .help = "Changes single bytes; their number stays the same.",
      .keys = {{.name = "rate",
                .type = expr::ValueType::kNumber,
                .help = "probability, 0 to 1, that a byte is changed",
                .default_value = "0"}}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const double rate = reader.number("rate", 0, 1);
  return [rate] { return std::make_unique<Corrupt>(rate); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{.name = "fault (corrupt)",
                                     .help = "Keys of the toxic corrupt in a plan.",
                                     .keys = {{.name = "rate",
                                               .type = expr::ValueType::kShare,
                                               .help = "Of the bytes that are changed.",
                                               .required = true,
                                               .example = "\"0.1%\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_probability(reader, "rate")};
}

}  // namespace

void register_toxic_corrupt(ToxicRegistry& registry);

void register_toxic_corrupt(ToxicRegistry& registry) {
  registry.add(
      {.name = "corrupt",
       .summary = "change single bytes on their way",
       .production_cause = "bad memory, a faulty network card or middlebox behind its checksum",
       .example = "rate = 0.001\n",
       .traits = {.keeps_bytes = false},
       .attributes = &attributes(),
       .compile = compile,
       .plan_example = "rate = \"0.1%\"\n",
       .plan_keys = &plan_keys(),
       .from_plan = from_plan});
}

}  // namespace squall::faults
