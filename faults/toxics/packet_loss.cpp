// Drops chunks out of the stream.
#include <algorithm>
#include <memory>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

struct PacketLossConfig {
  double loss_rate = 0;
  double correlation = 0;
};

// What it drops is missing in the stream, which TCP never does: the name is Toxiproxy's.
class PacketLoss final : public Toxic {
 public:
  explicit PacketLoss(const PacketLossConfig& config) : config_(config) {}

  Action on_chunk(Chunk& /*front*/, Passage& passage) override {
    const double chance = config_.loss_rate + (lost_last_ ? config_.correlation : 0);
    lost_last_ = passage.rng.next_unit() < chance;
    passage.fired = lost_last_;
    return lost_last_ ? Action::drop() : Action::pass();
  }

  // The end is lost, too, as in Toxiproxy.
  Action on_end(Passage& /*passage*/) override { return Action::hold(); }

 private:
  const PacketLossConfig config_;
  bool lost_last_ = false;
};

expr::KeySpec share(std::string name, std::string help) {
  return {.name = std::move(name),
          .type = expr::ValueType::kNumber,
          .help = std::move(help),
          .default_value = "0"};
}

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (packet_loss)",
      .help =
          "Drops whole chunks of the stream (as they were read, up to 32 KiB), which corrupts "
          "it; the end of the connection does not pass either.",
      .keys = {share("loss_rate", "probability, 0 to 1, that a chunk is dropped"),
               share("correlation",
                     "added to that after a chunk that was dropped: losses come in bursts")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const PacketLossConfig config{.loss_rate = reader.number("loss_rate", 0, 1),
                                .correlation = reader.number("correlation", 0, 1)};
  return [config] { return std::make_unique<PacketLoss>(config); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (packet_loss)",
      .help = "Keys of the toxic packet_loss in a plan.",
      .keys = {{.name = "loss_rate",
                .type = expr::ValueType::kShare,
                .help = "Of the chunks that are dropped.",
                .required = true,
                .example = "\"10%\""},
               {.name = "correlation",
                .type = expr::ValueType::kShare,
                .help = "Added to that after a chunk that was dropped: losses come in bursts.",
                .default_value = "0%",
                .example = "\"25%\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_probability(reader, "loss_rate"), planned_probability(reader, "correlation")};
}

}  // namespace

void register_toxic_packet_loss(ToxicRegistry& registry);

void register_toxic_packet_loss(ToxicRegistry& registry) {
  registry.add(
      {.name = "packet_loss",
       .summary = "drop chunks of the stream, as Toxiproxy's toxic of that name",
       .production_cause = "a broken middlebox; loss on a network delays TCP but never drops data",
       .example = "loss_rate = 0.1\ncorrelation = 0.25\n",
       .traits = {.keeps_bytes = false},
       .attributes = &attributes(),
       .compile = compile,
       .plan_example = "loss_rate = \"10%\"\ncorrelation = \"25%\"\n",
       .plan_keys = &plan_keys(),
       .from_plan = from_plan});
}

}  // namespace squall::faults
