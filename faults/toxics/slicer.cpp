// Cuts data into small pieces.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "faults/toxics/attribute.hpp"

namespace squall::faults {
namespace {

struct SlicerConfig {
  std::int64_t average_size = 0;
  std::int64_t size_variation = 0;
  Duration delay{};
};

// Halves a chunk, each cut moved by up to the variation, until a piece is no longer than average
// and variation together. A pause follows each piece, the last one included.
class Slicer final : public Toxic {
 public:
  explicit Slicer(const SlicerConfig& config) : config_(config) {}

  Action on_chunk(Chunk& front, Passage& passage) override {
    if (const auto pause = pause_at(passage.now)) {
      return *pause;
    }
    if (sizes_.empty()) {
      slice(static_cast<std::int64_t>(front.size()), passage.rng);
      passage.fired = sizes_.size() > 1;
    }
    const std::int64_t size = sizes_.back();
    sizes_.pop_back();
    resumes_at_ = passage.now + config_.delay;
    return Action::pass(static_cast<std::size_t>(size));
  }

  Action on_end(Passage& passage) override { return pause_at(passage.now).value_or(Action::end()); }

 private:
  [[nodiscard]] std::optional<Action> pause_at(TimePoint now) const {
    const bool pauses = resumes_at_.has_value() && *resumes_at_ > now;
    return pauses ? std::optional(Action::wait(*resumes_at_)) : std::nullopt;
  }

  // Fills sizes_, the first piece last.
  void slice(std::int64_t size, Rng& rng) {
    std::vector<std::int64_t> todo{size};
    while (!todo.empty()) {
      const std::int64_t whole = todo.back();
      todo.pop_back();
      if (config_.average_size == 0 || whole <= 1 ||
          whole - config_.average_size <= config_.size_variation) {
        sizes_.push_back(whole);
        continue;
      }
      std::int64_t cut = whole / 2;
      // A variation above the chunk moves the cut to its ends, no further.
      const std::int64_t variation = std::min(config_.size_variation, whole);
      if (variation > 0) {
        cut +=
            static_cast<std::int64_t>(rng.next_below(static_cast<std::uint64_t>(2 * variation))) -
            variation;
      }
      cut = std::clamp<std::int64_t>(cut, 1, whole - 1);
      todo.push_back(cut);
      todo.push_back(whole - cut);
    }
  }

  const SlicerConfig config_;
  std::vector<std::int64_t> sizes_;      // of the pieces of the chunk in front, the next one last
  std::optional<TimePoint> resumes_at_;  // after the pause
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (slicer)",
      .help = "Cuts data into pieces that are sent one by one.",
      .keys = {integer_attribute("average_size", "bytes of a piece; 0 does not cut"),
               integer_attribute("size_variation",
                                 "bytes by which that varies; less than `average_size`"),
               integer_attribute("delay", "microseconds of pause after each piece")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const SlicerConfig config{.average_size = read_integer(reader, "average_size"),
                            .size_variation = read_integer(reader, "size_variation"),
                            .delay = read_time(reader, "delay", std::chrono::microseconds(1))};
  return [config] { return std::make_unique<Slicer>(config); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (slicer)",
      .help = "Keys of the toxic slicer in a plan.",
      .keys = {{.name = "average_size",
                .type = expr::ValueType::kBytes,
                .help = "Of a piece.",
                .required = true,
                .example = "\"64B\""},
               {.name = "size_variation",
                .type = expr::ValueType::kBytes,
                .help = "By which that varies; less than `average_size`.",
                .default_value = "0",
                .example = "\"32B\""},
               {.name = "delay",
                .type = expr::ValueType::kDuration,
                .help = "Pause after each piece, in whole microseconds.",
                .default_value = "0",
                .example = "\"10us\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  return {planned_bytes(reader, "average_size"), planned_bytes(reader, "size_variation"),
          planned_time(reader, "delay", std::chrono::microseconds(1), "microseconds")};
}

}  // namespace

void register_toxic_slicer(ToxicRegistry& registry);

void register_toxic_slicer(ToxicRegistry& registry) {
  registry.add(
      {.name = "slicer",
       .summary = "cut data into small pieces, with pauses",
       .production_cause =
           "segments of a slow or odd network: readers that take a read for a message",
       .example = "average_size = 64\nsize_variation = 32\ndelay = 10\n",
       .attributes = &attributes(),
       .compile = compile,
       .plan_example = "average_size = \"64B\"\nsize_variation = \"32B\"\ndelay = \"10us\"\n",
       .plan_keys = &plan_keys(),
       .from_plan = from_plan});
}

}  // namespace squall::faults
