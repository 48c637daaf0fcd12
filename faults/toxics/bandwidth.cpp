// Limits how fast data passes.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "faults/toxics/attribute.hpp"
#include "loadgen/base/byte_rate.hpp"

namespace squall::faults {
namespace {

constexpr double kMostKilobytes = 1e12;
constexpr Duration kPieceTime = std::chrono::milliseconds(100);

// A chunk passes when its bytes have had their time; a large one in pieces of 100 ms. Pieces follow
// each other at exact instants, however late the timer is.
class Bandwidth final : public Toxic {
 public:
  explicit Bandwidth(std::int64_t rate) : rate_(rate) {}

  Action on_chunk(Chunk& front, Passage& passage) override {
    if (rate_ == 0) {
      passage.fired = !std::exchange(stalled_, true);
      return Action::hold();
    }
    if (!due_.has_value()) {
      piece_ = std::min(front.size(), piece_bytes());
      due_ = busy_until_.value_or(passage.now) + time_of(piece_);
      passage.fired = true;
    }
    if (*due_ > passage.now) {
      return Action::wait(*due_);
    }
    busy_until_ = std::exchange(blocked_, false) ? passage.now : *due_;
    due_.reset();
    return Action::pass(piece_);
  }

  // The line is free, or what is behind it is slower: no time is made up for.
  Action on_idle(Passage& /*passage*/) override {
    busy_until_.reset();
    blocked_ = due_.has_value();
    return Action::hold();
  }

 private:
  [[nodiscard]] std::size_t piece_bytes() const {
    const auto ms = static_cast<std::uint64_t>(kPieceTime / std::chrono::milliseconds(1));
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(static_cast<std::uint64_t>(rate_), Chunk::kMaxBytes) * ms);
  }
  // 1 KB/s is one byte a millisecond.
  [[nodiscard]] Duration time_of(std::size_t bytes) const {
    return std::chrono::milliseconds(1) * static_cast<std::int64_t>(bytes) / rate_;
  }

  const std::int64_t rate_;
  std::size_t piece_ = 0;
  std::optional<TimePoint> due_;         // of the piece
  std::optional<TimePoint> busy_until_;  // with pieces before it, if they are just done
  bool blocked_ = false;                 // the piece was not let out when it could have been
  bool stalled_ = false;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes{
      .name = "toxic (bandwidth)",
      .help = "Limits how fast data passes.",
      .keys = {
          integer_attribute("rate", "kilobytes (1000 bytes) per second; 0 lets nothing pass")}};
  return kAttributes;
}

ToxicFactory compile(expr::TableReader& reader) {
  const std::int64_t rate = read_integer(reader, "rate");
  return [rate] { return std::make_unique<Bandwidth>(rate); };
}

const expr::TableSpec& plan_keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (bandwidth)",
      .help = "Keys of the toxic bandwidth in a plan.",
      .keys = {
          {.name = "rate",
           .type = expr::ValueType::kString,
           .help =
               "Bytes that pass in a time, in whole kilobytes (1000 bytes) a second: `100KB/s`.",
           .required = true,
           .example = "\"100KB/s\""}}};
  return kKeys;
}

expr::Table from_plan(expr::TableReader& reader) {
  constexpr double kKilobyte = 1000;
  std::int64_t rate = 1;
  if (reader.has("rate")) {
    const Result<double> bytes_per_s = parse_byte_rate(reader.string("rate"));
    const double kilobytes = bytes_per_s ? *bytes_per_s / kKilobyte : 1;
    if (!bytes_per_s) {
      reader.error("rate", bytes_per_s.error().message);
    } else if (kilobytes != std::trunc(kilobytes) || kilobytes > kMostKilobytes) {
      reader.error("rate",
                   "the pace of a link is counted in whole kilobytes (1000 bytes) a second, such "
                   "as \"64KB/s\"");
    } else {
      rate = static_cast<std::int64_t>(kilobytes);
    }
  }
  return {planned(reader, "rate", "rate", rate)};
}

}  // namespace

void register_toxic_bandwidth(ToxicRegistry& registry);

void register_toxic_bandwidth(ToxicRegistry& registry) {
  registry.add({.name = "bandwidth",
                .summary = "limit how many bytes pass in a second",
                .production_cause = "a thin or shared line, a throttled disk or instance",
                .example = "rate = 100\n",
                .attributes = &attributes(),
                .compile = compile,
                .plan_example = "rate = \"100KB/s\"\n",
                .plan_keys = &plan_keys(),
                .from_plan = from_plan});
}

}  // namespace squall::faults
