// Holds a request back until later ones of its step have passed it.
#include <memory>

#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

constexpr std::int64_t kMostPassing = 1000;

class Reorder final : public model::ClientFault {
 public:
  explicit Reorder(const model::WireReorder& reorder) : reorder_(reorder) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& /*draw*/) const override {
    return model::add_reorder(script, reorder_);
  }

 private:
  model::WireReorder reorder_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (reorder)",
      .help = "Holds a request back until later ones of its step have passed it.",
      .keys = {
          {.name = "passed_by",
           .type = expr::ValueType::kInteger,
           .help = "Requests of later arrivals of the same step, on the same worker, that are sent "
                   "whole before it leaves: 1 to 1000.",
           .default_value = "1",
           .example = "3"},
          {.name = "wait",
           .type = expr::ValueType::kDuration,
           .help =
               "It leaves after this time however many have passed, and at the end of the load. "
               "Its timeout begins when it leaves.",
           .default_value = "1s",
           .example = "\"1s\""},
      }};
  return kKeys;
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  model::WireReorder reorder;
  reorder.passed_by = static_cast<unsigned>(reader.integer("passed_by", 1, kMostPassing));
  reorder.wait = reader.duration("wait");
  if (reorder.wait <= Duration::zero()) {
    reader.error("wait", "nobody can pass in no time: write for example \"1s\"");
    reorder.wait = std::chrono::seconds(1);
  }
  return std::make_unique<Reorder>(reorder);
}

}  // namespace

void register_client_fault_reorder(ClientFaultRegistry& registry) {
  registry.add({
      .name = "reorder",
      .summary = "hold the request back until later ones of its step have passed it",
      .production_cause =
          "a message that takes another path or another partition, a retry queue, a proxy that "
          "stalls on one connection",
      .example = R"([[fault]]
name = "overtaken"
kind = "reorder"
passed_by = 3
wait = "1s"
on = ["buy.charge"]
share = "5%"
)",
      .traits = {},
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
