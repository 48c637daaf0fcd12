// The action "clock": its keys, and what it does to a service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "faults/process/planned_actions.hpp"
#include "faults/process/services.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/expr/value.hpp"
#include "tests/paths.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"

namespace squall::faults {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

const model::ActionKind& kind() {
  static const model::ActionRegistry registry = [] {
    model::ActionRegistry filled;
    register_actions(filled);
    return filled;
  }();
  return *registry.find("clock");
}

struct Read {
  std::unique_ptr<model::ActionRecipe> recipe;
  std::string problems;
};

Read read(const std::string& keys) {
  const expr::Value document = expr::parse_toml(keys, "plan.toml").value();
  const expr::Scope scope({});
  Diagnostics diagnostics;
  expr::TableReader reader(document, *kind().keys, scope, diagnostics);
  Read result{kind().compile(reader), {}};
  result.problems = diagnostics.has_errors() ? diagnostics.to_text() : "";
  return result;
}

TEST(ActionClock, SaysWhatItWillDo) {
  const std::pair<const char*, const char*> cases[] = {
      {"offset = \"1h\"", "1h ahead"},
      {"offset = \"+1h\"", "1h ahead"},
      {"offset = \"-5m\"\nfreeze = true", "5m behind, standing still"},
      {"rate = \"-200ppm\"", "gaining -200ppm"},
      {"to = \"midnight\"\noffset = \"-2s\"", "to 2s before midnight"},
      {"to = \"2038-01-19T03:14:05Z\"", "to 2038-01-19T03:14:05.000Z"},
      {"offset = \"5s\"\nstrobe = \"200ms\"", "5s ahead and back every 200ms"},
  };
  for (const auto& [keys, text] : cases) {
    const Read made = read(keys);
    EXPECT_EQ(made.problems, "") << keys;
    EXPECT_EQ(made.recipe->text(), text);
  }
}

TEST(ActionClock, WrongKeysAreTold) {
  const std::pair<const char*, const char*> cases[] = {
      {"offset = \"soon\"", "soon"},
      {"offset = \"0s\"", "an offset is not zero and at most 100 years"},
      {"to = \"noon\"", "\"noon\" is no instant"},
      {"rate = \"fast\"", "\"fast\" is no rate"},
      {"rate = \"5ppm\"\nfreeze = true", "leave out `rate` or `freeze`"},
      {"strobe = \"1s\"\nrate = \"5ppm\"", "there and back is a jump by `offset`"},
      {"offset = \"1s\"\nto = \"midnight\"\nstrobe = \"1s\"", "without `to`"},
      {"ofset = \"1s\"", "offset"},
  };
  for (const auto& [keys, problem] : cases) {
    EXPECT_THAT(read(keys).problems, HasSubstr(problem)) << keys;
  }
}

// One replica of two, whose logs show what they see.
TEST(ActionClock, MovesOneReplicaAndPutsItBack) {
  const test::TestDirectory directory;
  Services services({directory / "services", SQUALL_BIN_DIR, {}, {}});
  std::vector<model::Service> replicas(2);
  for (unsigned i = 0; i < 2; ++i) {
    replicas[i].name = "ticker";
    replicas[i].replica = i + 1;
    replicas[i].replicas = 2;
    replicas[i].command = {std::string(SQUALL_BIN_DIR) + "/squall_clock_probe", "tick"};
    replicas[i].ready_timeout = seconds(10);
    replicas[i].moves_clock = true;
  }
  ASSERT_TRUE(services.start_all(replicas));
  const auto tells_about = [&](const char* label, Duration ahead) {
    return test::eventually([&] {
      const std::string log = test::read_file(services.log_path(label));
      const std::size_t end = log.rfind('\n');
      const std::size_t begin = end == std::string::npos ? end : log.rfind(' ', end);
      if (begin == std::string::npos) {
        return false;
      }
      const WallTime told(Duration(std::atoll(log.c_str() + begin)));
      return std::chrono::abs(told - wall_clock_now() - ahead) < minutes(1);
    });
  };
  ASSERT_TRUE(tells_about("ticker-1", Duration::zero()));
  ASSERT_TRUE(tells_about("ticker-2", Duration::zero()));
  model::PlannedAction planned;
  planned.name = "slow";
  planned.kind = &kind();
  planned.recipe = read("offset = \"-1h\"").recipe;
  planned.service = "ticker";
  planned.processes = {"ticker-2"};
  const std::vector<model::PlannedAction> actions{planned};
  const auto timeline = make_timeline_actions(actions, services);
  const auto started = timeline.front()->start();
  ASSERT_TRUE(started) << to_string(started.error());
  EXPECT_TRUE(tells_about("ticker-2", -hours(1)));
  EXPECT_TRUE(tells_about("ticker-1", Duration::zero()));
  const auto undone = timeline.front()->undo();
  ASSERT_TRUE(undone) << to_string(undone.error());
  EXPECT_TRUE(tells_about("ticker-2", Duration::zero()));
}

}  // namespace
}  // namespace squall::faults
