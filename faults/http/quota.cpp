// So many requests per window, then 429.
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "faults/http/keys.hpp"

namespace squall::faults {
namespace {

// Fixed windows from the first request on.
class Quota final : public HttpFault {
 public:
  Quota(std::uint64_t requests, Duration window) : requests_(requests), window_(window) {}

  void on_request(HttpRequestTurn& turn) override {
    if (!began_.has_value() || turn.now() - *began_ >= window_) {
      const Duration over =
          began_.has_value() ? (turn.now() - *began_) % window_ : Duration::zero();
      began_ = turn.now() - over;
      used_ = 0;
    }
    if (used_ < requests_) {
      ++used_;
      turn.spare();
      return;
    }
    const Duration left = *began_ + window_ - turn.now();
    const auto seconds = (left + std::chrono::seconds(1) - Duration(1)) / std::chrono::seconds(1);
    HttpHead head = HttpHead::answer(429);
    head.set("Retry-After", std::to_string(seconds));
    turn.answer(std::move(head), "");
  }

 private:
  const std::uint64_t requests_;
  const Duration window_;
  std::optional<TimePoint> began_;
  std::uint64_t used_ = 0;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_quota)",
       .help = "Lets so many requests through per window, and answers the others with 429 and "
               "Retry-After.",
       .keys = {{.name = "requests",
                 .type = expr::ValueType::kInteger,
                 .help = "in each window, of those that fit the other keys",
                 .default_value = "100"},
                {.name = "per",
                 .type = expr::ValueType::kDuration,
                 .help = "length of a window; the first one begins with the first request",
                 .default_value = "1s"}}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  const auto requests = static_cast<std::uint64_t>(
      reader.integer("requests", 0, std::numeric_limits<std::int64_t>::max()));
  const Duration window = reader.duration("per");
  if (window <= Duration::zero()) {
    reader.error("per", "per: has to be longer than nothing; an example: \"1s\"");
  }
  return std::make_unique<Quota>(requests, window);
}

}  // namespace

void register_http_fault_quota(ToxicRegistry& registry);

void register_http_fault_quota(ToxicRegistry& registry) {
  registry.add({.name = "http_quota",
                .summary = "so many requests per window, then 429 with Retry-After",
                .production_cause = "rate limits of paid and shared interfaces",
                .example = "requests = 10\nper = \"1s\"\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
