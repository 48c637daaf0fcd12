// Changes what processes of a service may use.
#include <sys/resource.h>
#include <unistd.h>

#include <map>
#include <memory>

#include "loadgen/model/action_kind.hpp"
#include "loadgen/model/limit_keys.hpp"

namespace squall::faults {
namespace {

using model::ActionContext;

class Limit final : public model::ServiceAction {
 public:
  explicit Limit(const model::ResourceLimits& limits) : limits_(limits) {}

  Result<void> start(const ActionContext& context) override {
    Result<void> done;
    for (const std::string& process : context.processes) {
      if (Result<model::ResourceLimits> before = context.services.change_limits(process, limits_)) {
        before_[process] = *before;
      } else {
        done = fail(before.error());
      }
    }
    return done;
  }

  Result<void> undo(const ActionContext& context) override {
    Result<void> done;
    for (const auto& [process, limits] : before_) {
      if (!context.services.is_running(process)) {
        continue;
      }
      if (const auto back = context.services.change_limits(process, limits); !back) {
        done = fail(back.error());
      }
    }
    return done;
  }

 private:
  model::ResourceLimits limits_;
  std::map<std::string, model::ResourceLimits> before_;  // of what start() changed
};

class Recipe final : public model::ActionRecipe {
 public:
  explicit Recipe(const model::ResourceLimits& limits) : limits_(limits) {}
  [[nodiscard]] std::unique_ptr<model::ServiceAction> occurrence() const override {
    return std::make_unique<Limit>(limits_);
  }
  [[nodiscard]] std::string text() const override { return limits_.text(); }

 private:
  model::ResourceLimits limits_;
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "action (limit)",
      .help =
          "Changes the soft limits of a running service and of everything that stems from it, "
          "up to the hard limits that they were started with; they are put back after `for`, or "
          "when the load is over. A service that is started again meanwhile has the limits of "
          "its own table.",
      .keys = model::limit_keys()};
  return kKeys;
}

// Who is not root may as a rule be nicer, but not take that back.
bool can_take_nice_back() {
  constexpr rlim_t kNotNice = 20;  // the kernel counts backwards: 20 - nice
  rlimit limit{};
  return ::geteuid() == 0 || (::getrlimit(RLIMIT_NICE, &limit) == 0 && limit.rlim_cur >= kNotNice);
}

std::unique_ptr<model::ActionRecipe> compile(expr::TableReader& reader) {
  const model::ResourceLimits limits = model::read_limit_keys(reader);
  if (limits.is_empty()) {
    reader.diagnostics().error(reader.where(),
                               "it limits nothing: write for example open_files = 64");
  }
  if (limits.nice && !can_take_nice_back()) {
    reader.error("nice",
                 "only root can take this back: run squall as root, raise its RLIMIT_NICE to 20, "
                 "or give the service itself this limit");
  }
  return std::make_unique<Recipe>(limits);
}

}  // namespace

void register_action_limit(ActionRegistry& registry) {
  registry.add({.name = "limit",
                .summary = "changes what a running service may use, and back after `for`",
                .production_cause = "a leak of descriptors, a container that is too small, a noisy "
                                    "neighbour",
                .example = R"([[action]]
name = "out-of-descriptors"
kind = "limit"
service = "shop"
open_files = 32
at = "10s"
for = "5s"
)",
                .traits = {.needs_service = true, .lasts = true},
                .keys = &keys(),
                .compile = compile});
}

}  // namespace squall::faults
