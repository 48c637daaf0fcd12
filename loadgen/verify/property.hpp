// The seam of idempotency properties: each provokes one situation and says what was wrong with how
// it went. One file each in loadgen/verify/properties; the numbers are those of the table in
// plans/profiles/README.md and never change.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/registry.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/verify/trial.hpp"

namespace squall::verify {

class Lab;

// What a property does with its rounds. Made by the verification for each property that is tested.
// Borrows the lab.
class PropertyTest {
 public:
  explicit PropertyTest(Lab& lab) : lab_(lab) {}

  // Does `one` that many times, each with a trial of its own. A spoiled trial is repeated after a
  // growing wait, at most a few times in a row, then the rest is given up and told. Ends early when
  // the run is stopped, which spoils the trial that it stops, and when a few trials have shown a
  // key that stays unusable: each of them costs the lock time.
  void rounds(unsigned count, const std::function<void(Trial& trial)>& one);

  // No more rounds: what there is says it all.
  void enough() { enough_ = true; }

  // What was done, for the table: "2, 5 and 20 at once by last byte, 300 rounds".
  void provoked(std::string text) { provocation_ = std::move(text); }
  // A line of evidence, whatever the verdict.
  void note(std::string line) { notes_.push_back(std::move(line)); }
  // Nothing could be tried: why. The verdict is "not tested".
  void not_tested(std::string why) { not_tested_ = std::move(why); }

  [[nodiscard]] std::vector<Trial>& trials() { return trials_; }
  [[nodiscard]] const std::vector<Trial>& trials() const { return trials_; }
  // What effects are expected under, of all trials; in their order.
  [[nodiscard]] std::vector<std::string> tokens() const;
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  [[nodiscard]] const std::string& provocation() const { return provocation_; }
  [[nodiscard]] const std::string& why_not_tested() const { return not_tested_; }
  // Why rounds were left out, when they were; empty otherwise.
  [[nodiscard]] const std::string& why_given_up() const { return given_up_; }

 private:
  Lab& lab_;
  std::vector<Trial> trials_;
  std::vector<std::string> notes_;
  std::string provocation_;
  std::string not_tested_;
  std::string given_up_;
  bool enough_ = false;
};

struct PropertyKind {
  std::string_view name;         // "concurrent-twins"; stable
  unsigned number = 0;           // of IDEMPOTENCY §3.4; stable
  std::string_view title;        // "Concurrent twins"
  std::string_view provocation;  // one clause, for the reference: "2, 5 and 20 at once"
  std::string_view promise;      // one sentence
  // Which key of the plan would make it testable: "[idempotency.read]: a request that shows the
  // resource"; empty: the plan has all it needs.
  std::string (*lacks)(const model::Plan& plan) = nullptr;
  void (*test)(Lab& lab, PropertyTest& test) = nullptr;
  // What mends a failure, the most important first. Literals.
  std::span<const std::string_view> remedies = {};
  // Needs no operation of the plan: another of its requests is what it is about.
  bool without_operation = false;
  // Judges answers alone: decided without an oracle.
  bool answers_only = false;
};

using PropertyRegistry = Registry<PropertyKind>;

// By number ("4") or by name ("concurrent-twins"); nullptr when there is none. Valid as long as the
// registry.
[[nodiscard]] const PropertyKind* find_property(const PropertyRegistry& registry,
                                                std::string_view text);

// In order of their numbers. Valid as long as the registry.
[[nodiscard]] std::vector<const PropertyKind*> by_number(const PropertyRegistry& registry);

// Generated from the files in loadgen/verify/properties.
void register_property_kinds(PropertyRegistry& registry);

}  // namespace squall::verify
