// HTTP relay: whatever both sides send, in whatever pieces, every byte goes on in its order and
// little is kept; with faults nothing breaks.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/proxy/http/http_relay.hpp"
#include "faults/proxy/toxic_attributes.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/net/alarm_queue.hpp"

namespace {

using namespace squall;          // NOLINT(google-build-using-namespace)
using namespace squall::faults;  // NOLINT(google-build-using-namespace)

class Place final : public HttpRelayEnds, public HttpRelayHost {
 public:
  explicit Place(bool with_faults) {
    static const ToxicRegistry registry = [] {
      ToxicRegistry all;
      register_http_faults(all);
      return all;
    }();
    for (const ToxicKind& kind : registry.entries()) {
      if (with_faults) {
        add(kind);
      }
    }
    relay = std::make_unique<HttpRelay>(HttpRelay::Deps{clock, alarms, *this, *this, 0});
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { relay.reset(); }

  void add(const ToxicKind& kind) {
    auto entry = std::make_unique<ToxicEntry>(
        ToxicEntry{.name = std::string(kind.name),
                   .kind = &kind,
                   .toxicity = 0.3F,
                   .chance = ToxicEntry::chance_of(1, "fuzz", kind.name)});
    const auto given = expr::parse_toml("", "fuzz");
    entry->attributes = complete_attributes(kind, {expr::Table{}, {}}, *given);
    entry->http = compile_http_toxic(kind, entry->attributes).value();
    entries.push_back(std::move(entry));
  }

  void pass(Direction direction, std::string_view bytes) override {
    out[static_cast<std::size_t>(direction)].append(bytes);
  }
  [[nodiscard]] bool has_room(Direction /*direction*/) override { return true; }
  [[nodiscard]] bool has_left(Direction /*direction*/) override { return false; }
  void end(Direction /*direction*/, EndKind /*kind*/) override { ended = true; }
  void after_alarm() override {}
  std::uint64_t next_request() override { return requests++; }
  const std::vector<std::unique_ptr<ToxicEntry>>& toxics() const override { return entries; }
  HttpCounters& http_counters() override { return counters; }
  std::string send_copies(CopyOrder order) override {
    order.exchange->record.copies.resize(order.copies);
    return requests % 2 == 0 ? "no" : "";
  }
  void forget_copies(const HttpRelay& /*relay*/) override {}
  void on_part_over(OpenExchange& exchange) override {
    SQUALL_CHECK(exchange.open_parts > 0);
    --exchange.open_parts;
    ++over;
  }
  void on_http_fired(ToxicEntry& /*toxic*/, std::uint64_t /*link*/,
                     std::string /*detail*/) override {}

  ManualClock clock;
  net::AlarmQueue alarms;
  std::vector<std::unique_ptr<ToxicEntry>> entries;
  std::string out[2];
  bool ended = false;
  std::uint64_t requests = 0;
  std::uint64_t over = 0;
  HttpCounters counters;
  std::unique_ptr<HttpRelay> relay;
};

// Input: pieces, each a byte of length with the side in its highest bit, then its bytes.
void drive(std::string_view input, bool with_faults) {
  Place place(with_faults);
  std::string sent[2];
  while (!input.empty()) {
    const auto control = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    const auto direction = control < 0x80 ? Direction::kUpstream : Direction::kDownstream;
    const std::string piece(input.substr(0, control % 0x80));
    input.remove_prefix(piece.size());
    place.relay->on_data(direction, piece);
    sent[static_cast<std::size_t>(direction)] += piece;
    if (with_faults) {
      place.clock.advance(std::chrono::milliseconds(20));
      place.alarms.fire(place.clock.now());
      continue;
    }
    for (const std::size_t side : {0U, 1U}) {
      SQUALL_CHECK(sent[side].starts_with(place.out[side]));
    }
  }
  place.relay->on_end(Direction::kUpstream, EndKind::kEnd);
  place.relay->on_end(Direction::kDownstream, EndKind::kEnd);
  place.relay->stop();
  SQUALL_CHECK(place.over == place.counters.exchanges);
  for (const auto& entry : place.entries) {
    SQUALL_CHECK(entry->http->active == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  drive(input, false);
  drive(input, true);
  return 0;
}
