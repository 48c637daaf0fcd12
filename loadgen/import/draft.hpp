// A plan that is still being written: what importers make and the plan writer turns into TOML.
// Values only. Comments and names of files are text for people; everything that came from outside
// and reaches a key of the plan is a PlanText, an escaped TOML value, or a name that
// import/names.hpp made.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/expr/value.hpp"
#include "loadgen/import/plan_text.hpp"

namespace squall::import {

// key = value   # comment
struct DraftSetting {
  std::string key;
  expr::Value value;
  std::string comment = {};
};

struct DraftHeader {
  std::string name;
  PlanText value;
};

// Nothing, exact bytes, or a value that is sent as JSON.
using DraftBody = std::variant<std::monostate, PlanText, expr::Value>;

struct DraftStep {
  std::vector<std::string> comments = {};
  std::string name;
  std::string method = "GET";
  PlanText path = {};  // with query
  std::vector<DraftHeader> headers = {};
  DraftBody body = {};
  std::vector<std::string> expect = {};  // in the plan's language
  Duration think{};
  std::string target = {};  // name of a DraftTarget; empty: the first
  std::size_t group = 0;    // steps of one number follow one another and start together; 0: alone
  std::vector<DraftSetting> settings = {};  // further keys
};

// Steps that start together.
struct DraftGroup {
  std::vector<std::string> comments = {};
  unsigned at_once = 0;  // under way at a time; 0: all
};

struct DraftScenario {
  std::vector<std::string> comments = {};
  std::string name;
  expr::Table arrivals = {};  // empty: a weight in those of [load]
  std::vector<DraftSetting> settings = {};
  std::vector<DraftStep> steps = {};
  std::vector<DraftGroup> groups = {};  // number n of a step is the nth, from 1
};

struct DraftTarget {
  std::vector<std::string> comments = {};
  std::string name;
  std::string url;
  std::vector<DraftHeader> headers = {};
  std::vector<DraftSetting> settings = {};
};

// A table of another kind, as it stands: [[feeder]].
struct DraftTable {
  std::vector<std::string> comments = {};
  std::string header;  // "[[feeder]]"
  std::vector<DraftSetting> settings = {};
};

// A variable of the environment that the plan reads.
struct DraftSecret {
  std::string variable;
  std::string meaning;  // "the value of the header Authorization"
};

struct PlanDraft {
  std::vector<std::string> heading = {};
  std::string name;
  std::vector<DraftSecret> secrets = {};
  std::vector<DraftSetting> vars = {};
  std::vector<DraftTarget> targets = {};
  std::vector<DraftTable> tables = {};
  std::vector<DraftSetting> load = {};
  std::vector<DraftScenario> scenarios = {};
  std::vector<std::string> require = {};
};

// Shorthands for values.
[[nodiscard]] inline expr::Value toml_value(std::string_view text) {
  return {std::string(text), {}};
}
[[nodiscard]] inline expr::Value toml_value(const char* text) {
  return {std::string(text), {}};
}
[[nodiscard]] inline expr::Value toml_value(bool value) {
  return {value, {}};
}
[[nodiscard]] inline expr::Value toml_value(std::int64_t value) {
  return {value, {}};
}

}  // namespace squall::import
