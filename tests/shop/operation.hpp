// What a request asks the shop to do, whatever becomes of its Idempotency-Key.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "tests/shop/problem.hpp"

namespace squall::shop {

class Connection;

// What is known of a call to another service that gave nothing.
enum class Failure {
  kUnknown,  // it may have been carried out
  kRefused,  // it was not
};

// A call's value, such as the id of a charge; or what to tell the customer instead.
struct StepResult {
  std::optional<std::string> value;
  Answer answer = {};
  Failure failure = Failure::kUnknown;
};

// How far an operation is.
struct Progress {
  std::string operation;             // its id; empty when no key protects it
  std::vector<std::string> results;  // of the steps that are done, in order
};

//   step 1 ──► step 2 ──► … ──► record, in one transaction ──► after_commit
struct Operation {
  // A call to another service. `key`: sent as its Idempotency-Key, and the same whenever this
  // operation is tried again; empty: none is sent.
  using Step = std::function<StepResult(const std::string& key)>;
  std::vector<Step> steps = {};
  // Writes down what was done, inside a transaction of `writer`, and makes the answer: the same one
  // when an operation with this id has been written down before. An answer from 400 on writes
  // nothing.
  std::function<Result<Answer>(Connection& writer, const Progress& done)> record;
  std::function<void()> after_commit = [] {};
};

}  // namespace squall::shop
