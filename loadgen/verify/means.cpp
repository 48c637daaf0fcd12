#include "loadgen/verify/means.hpp"

#include <utility>

namespace squall::verify {

using model::Plan;

std::string first_of(std::string a, std::string b) {
  return a.empty() ? std::move(b) : std::move(a);
}

std::string lacks_nothing(const Plan& /*plan*/) {
  return {};
}

std::string lacks_operation(const Plan& plan) {
  return plan.idempotency->has_operation
             ? ""
             : "[idempotency.operation]: what is done once, however often it is asked for";
}

std::string lacks_mutation(const Plan& plan) {
  return plan.idempotency->mutate ? ""
                                  : "idempotency.mutate: what \"same key, other payload\" changes";
}

std::string lacks_invalid(const Plan& plan) {
  return plan.idempotency->invalid ? ""
                                   : "idempotency.invalid: a payload that is refused with a 4xx";
}

std::string lacks_second_caller(const Plan& plan) {
  return plan.idempotency->callers.size() >= 2 ? ""
                                               : "two [[caller]] tables: customers of their own";
}

std::string lacks_other_endpoint(const Plan& plan) {
  return plan.idempotency->other ? "" : "[idempotency.other]: another endpoint that takes keys";
}

std::string lacks_header_carrier(const Plan& plan) {
  return plan.idempotency->carrier.in == model::KeyCarrier::In::kHeader
             ? ""
             : "idempotency.key = { header = … }: only headers can be this wrong";
}

std::string lacks_json_body(const Plan& plan) {
  return plan.idempotency->operation.request.json
             ? ""
             : "idempotency.operation.json: a body that can be written in several ways";
}

std::string lacks_dependencies(const Plan& plan) {
  return plan.idempotency->dependencies.empty()
             ? "idempotency.dependencies: [[proxy]] names between the target and what it calls"
             : "";
}

std::string lacks_restart(const Plan& plan) {
  return plan.idempotency->restart.empty()
             ? "idempotency.restart: [[service]] names that may be killed and started again"
             : "";
}

std::string lacks_crash(const Plan& plan) {
  const model::IdempotencyPlan& idempotency = *plan.idempotency;
  return idempotency.key_store || !idempotency.dependencies.empty() ? "" : lacks_restart(plan);
}

std::string lacks_replicas(const Plan& plan) {
  const model::IdempotencyPlan& idempotency = *plan.idempotency;
  return plan.targets[idempotency.operation.target].replicas.size() >= 2 ||
                 !idempotency.restart.empty()
             ? ""
             : "target.urls: the addresses of two replicas; or idempotency.restart: services that "
               "may be killed and started again";
}

std::string lacks_key_store(const Plan& plan) {
  return plan.idempotency->key_store
             ? ""
             : "idempotency.key_store: the [[proxy]] in front of where keys are kept";
}

std::string lacks_window(const Plan& plan) {
  const model::IdempotencyPlan& idempotency = *plan.idempotency;
  if (!idempotency.window) {
    return "idempotency.window: how long keys are remembered";
  }
  return idempotency.clock || *idempotency.window <= kLongestWindowWaited
             ? ""
             : "idempotency.clock: the [[service]] whose clock may be moved, since the window is "
               "longer than a minute";
}

std::string lacks_load(const Plan& plan) {
  return plan.idempotency->under_load > Duration::zero()
             ? ""
             : "idempotency.under_load: how long operations are sent at idempotency.load_rate";
}

std::string lacks_consumer(const Plan& plan) {
  return plan.idempotency->consumer ? ""
                                    : "[idempotency.consumer]: how the target is told of an event";
}

std::string lacks_read(const Plan& plan) {
  return plan.idempotency->read ? "" : "[idempotency.read]: a request that shows the resource";
}

std::string lacks_id(const Plan& plan) {
  return plan.idempotency->id ? "" : "idempotency.id: where answers name the resource";
}

std::string lacks_update(const Plan& plan) {
  return plan.idempotency->update ? "" : "[idempotency.update]: a request that writes the resource";
}

std::string lacks_remove(const Plan& plan) {
  return plan.idempotency->remove ? ""
                                  : "[idempotency.remove]: a request that deletes the resource";
}

}  // namespace squall::verify
