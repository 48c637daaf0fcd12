// Plans loaded with registries of the test's own, so that a plan's rules are tested without the
// real faults and oracles.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/model/wire_composition.hpp"
#include "loadgen/plan/loader.hpp"

namespace squall::plan::test {

class FakeArrivals final : public model::ArrivalProcess {
 public:
  explicit FakeArrivals(Rate rate) : rate_(rate) {}
  std::unique_ptr<model::ArrivalCursor> open(const model::LoadSpan& /*span*/,
                                             StreamId /*stream*/) const override {
    return nullptr;
  }
  double expected_count(const model::LoadSpan& span) const override {
    return to_seconds(span.length()) * rate_.per_second;
  }
  Rate peak_rate(const model::LoadSpan& /*span*/) const override { return rate_; }

 private:
  Rate rate_;
};

// Cuts, copies or moves the clock, as its constructor says.
class FakeFault final : public model::ClientFault {
 public:
  enum class What { kCut, kCutHeaders, kCopies, kClock, kHold };
  explicit FakeFault(What what) : what_(what) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& draw) const override {
    static_cast<void>(draw.unit());
    switch (what_) {
      case What::kCut:
        return model::add_cut(script, {}, 0);
      case What::kCutHeaders:
        return model::add_cut(script, {.at = model::WirePoint::kHeaders}, 0);
      case What::kCopies:
        return model::add_copies(script, {.count = 3});
      case What::kClock:
        model::add_wall_offset(script, std::chrono::minutes(5));
        return {};
      case What::kHold:
        model::add_hold(script, model::WirePoint::kSend, std::chrono::milliseconds(1));
        return {};
    }
    return {};
  }

 private:
  What what_;
};

class FakeOracle final : public model::Oracle {
 public:
  explicit FakeOracle(std::string address) : address_(std::move(address)) {}
  Result<void> start(const model::OracleContext& /*context*/) override { return {}; }
  Result<model::OracleReading> read(std::span<const std::string> /*keys*/,
                                    Duration /*budget*/) override {
    return model::OracleReading{};
  }
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  std::string address_;
};

inline const expr::TableSpec& no_keys() {
  static const expr::TableSpec spec{"none", "", {}};
  return spec;
}

template <FakeFault::What kWhat>
std::unique_ptr<model::ClientFault> make_fault(expr::TableReader& /*reader*/) {
  return std::make_unique<FakeFault>(kWhat);
}

// The registries and what a loader needs from outside: ports from 40001 on, an environment, entropy
// that counts.
struct World {
  World() {
    static const expr::TableSpec arrival_keys{
        "arrivals",
        "",
        {{.name = "rate", .type = expr::ValueType::kRate, .help = "", .required = true}}};
    static const expr::TableSpec oracle_keys{
        "oracle",
        "",
        {{.name = "request", .type = expr::ValueType::kString, .help = ""},
         {.name = "port", .type = expr::ValueType::kInteger, .help = ""}}};
    arrivals.add(
        {.name = "even",
         .summary = "",
         .example = "",
         .keys = &arrival_keys,
         .compile = [](expr::TableReader& reader) -> std::unique_ptr<model::ArrivalProcess> {
           return std::make_unique<FakeArrivals>(reader.rate("rate"));
         }});
    add_fault<FakeFault::What::kCut>("cut", {.cuts = true});
    add_fault<FakeFault::What::kCutHeaders>("cut_headers", {.cuts = true});
    add_fault<FakeFault::What::kCopies>("copies", {.sends_copies = true});
    add_fault<FakeFault::What::kClock>("clock", {.moves_clock = true});
    add_fault<FakeFault::What::kHold>("hold", {});
    const auto compile_oracle = [](expr::TableReader& reader) -> std::unique_ptr<model::Oracle> {
      const std::string name = reader.has("name") ? reader.string("name") : "ear";
      return std::make_unique<FakeOracle>(
          reader.scope().substitute("{{sink." + name + "}}").value_or("none"));
    };
    oracles.add({.name = "books",
                 .summary = "",
                 .example = "",
                 .keys = &oracle_keys,
                 .compile = compile_oracle});
    oracles.add({.name = "ear",
                 .summary = "",
                 .example = "",
                 .keys = &oracle_keys,
                 .compile = compile_oracle,
                 .listens = true});
    detectors.add(
        {.name = "double-charge", .summary = "", .needs = "effects", .needs_effects = true});
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    options.free_port = [this] { return Result<std::uint16_t>(++last_port); };
    options.entropy = [this] { return ++entropy << 32; };
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Loaded load(std::string_view text) {
    return plan::load(text, "plan.toml", registries(), options);
  }
  // The plan, which must load.
  std::shared_ptr<const model::Plan> plan(std::string_view text) {
    const Loaded loaded = load(text);
    EXPECT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
    return loaded.plan;
  }
  // Its problems, one in each line.
  std::string problems(std::string_view text) { return load(text).diagnostics.to_text(); }
  [[nodiscard]] Registries registries() const {
    return {arrivals, faults, oracles, detectors, proxy_faults, actions};
  }

  model::ArrivalRegistry arrivals;
  model::ClientFaultRegistry faults;
  model::OracleRegistry oracles;
  model::DetectorRegistry detectors;
  model::ProxyFaultRegistry proxy_faults;
  model::ActionRegistry actions;
  std::map<std::string, std::string> environment;
  std::uint16_t last_port = 40000;
  std::uint64_t entropy = 0;
  LoadOptions options;

 private:
  template <FakeFault::What kWhat>
  void add_fault(std::string_view name, model::ClientFaultTraits traits) {
    faults.add({.name = name,
                .summary = "",
                .production_cause = "",
                .example = "",
                .traits = traits,
                .keys = &no_keys(),
                .compile = make_fault<kWhat>});
  }
};

// A plan with one target, one scenario "buy" with the effect step "charge", and an oracle; `more`
// goes behind it.
inline std::string small_plan(std::string_view more = "", std::string_view top = "") {
  return R"(format = 1
name = "small"
)" + std::string(top) +
         R"(
[[target]]
name = "shop"
urls = ["http://127.0.0.1:8080"]
[load]
duration = "30s"
[[scenario]]
name = "buy"
arrivals = { process = "even", rate = "100/s" }
  [[scenario.step]]
  name = "charge"
  request = "POST /payments"
  headers = { Idempotency-Key = "{{key}}" }
  json = { at = "{{now}}" }
  effect = "{{key}}"
[[effects.oracle]]
kind = "books"
)" + std::string(more);
}

}  // namespace squall::plan::test
