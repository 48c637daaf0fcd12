// The plan loader with the real registries: whatever comes, there is a plan or a problem with a
// place; no message holds a secret or control bytes; and the text that a plan stands for loads to
// the same plan. What follows a line "%%" in the input are overrides, one in each line.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/plan/estimate.hpp"
#include "loadgen/plan/loader.hpp"
#include "tests/support/all_registries.hpp"

namespace {

using namespace squall;

constexpr std::string_view kSecret = "hidden-from-all";

struct World {
  World() {
    options.environment = [](const std::string& name) {
      return name == "SECRET" ? std::optional<std::string>(kSecret) : std::nullopt;
    };
    options.free_port = [] { return Result<std::uint16_t>(std::uint16_t{40000}); };
    options.entropy = [] { return std::uint64_t{7} << 32; };
    options.run_id = "fuzz";
  }
  [[nodiscard]] plan::Loaded load(std::string_view text) const {
    return plan::load(text, "plan.toml", test::all_registries().for_plans(), options);
  }

  plan::LoadOptions options;
};

bool is_printable(std::string_view message) {
  return message.find_first_of(std::string_view("\x00\x1b\n\r\x7f", 5)) == std::string_view::npos;
}

void check_messages(const plan::Loaded& loaded, bool secret_in_input) {
  for (const Diagnostic& item : loaded.diagnostics.sorted()) {
    SQUALL_CHECK(item.where.line > 0);
    SQUALL_CHECK(is_printable(item.message));
    SQUALL_CHECK(secret_in_input || item.message.find(kSecret) == std::string::npos);
  }
}

void check_plan(const model::Plan& loaded, bool secret_in_input) {
  SQUALL_CHECK(!loaded.targets.empty());
  SQUALL_CHECK(loaded.idempotency != nullptr || !loaded.scenarios.empty());
  SQUALL_CHECK(loaded.steps.empty() == loaded.scenarios.empty());
  SQUALL_CHECK(secret_in_input || loaded.effective_text.find(kSecret) == std::string::npos);
  static_cast<void>(plan::estimate(loaded, plan::HostLimits{}));
  const World plain;  // without overrides
  const plan::Loaded again = plain.load(loaded.effective_text);
  SQUALL_CHECK(again.plan != nullptr);
  SQUALL_CHECK(again.plan->effective_text == loaded.effective_text);
  SQUALL_CHECK(again.plan->seed == loaded.seed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t mark = input.find("\n%%\n");
  World world;
  if (mark != std::string::npos) {
    const std::string_view overrides = std::string_view(input).substr(mark + 4);
    for (const std::string_view line : split(overrides, '\n')) {
      const std::size_t equals = line.find('=');
      if (equals != std::string_view::npos) {
        world.options.set.emplace_back(line.substr(0, equals), line.substr(equals + 1));
      }
    }
  }
  // Nested far enough, any text can be put together from pieces of the plan and of the secret.
  const bool secret_in_input = input.find("hidden") != std::string::npos;
  const plan::Loaded loaded = world.load(std::string_view(input).substr(0, mark));
  check_messages(loaded, secret_in_input);
  SQUALL_CHECK((loaded.plan != nullptr) != loaded.diagnostics.has_errors());
  if (loaded.plan != nullptr) {
    check_plan(*loaded.plan, secret_in_input);
  }
  return 0;
}
