// What every importer takes and gives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/import/draft.hpp"
#include "loadgen/import/secrets.hpp"

namespace squall::import {

struct ImportOptions {
  std::string file = {};  // where the text comes from, for positions and comments
  std::string url = {};   // of the target, instead of what the text says; empty: none given
  SecretPolicy secrets = SecretPolicy::kVariables;
  std::vector<std::string> include = {};  // HAR: types and hosts
  std::vector<std::string> exclude = {};
  std::string stem = "squall";       // names of files beside the plan begin with it
  bool include_destructive = false;  // DELETE and other methods that may do harm
};

// A file that the plan reads, beside the plan.
struct SideFile {
  std::string name;
  std::string content;
};

struct Imported {
  PlanDraft draft;
  std::vector<SideFile> files = {};
  std::vector<std::string> notes = {};  // what was left out or needs a look, for whoever imports
};

// Rate, duration and further defaults that every imported plan begins with.
void add_default_load(PlanDraft& draft, std::string_view rate);
// arrivals = { process = "poisson", rate = "{{var.rate}}" }
[[nodiscard]] expr::Table poisson_arrivals();

}  // namespace squall::import
