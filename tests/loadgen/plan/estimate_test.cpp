#include "loadgen/plan/estimate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/plan/plan_fixture.hpp"

namespace squall::plan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

HostLimits roomy_host() {
  return {.descriptors = 1'000'000,
          .descriptors_hard = 1'000'000,
          .ephemeral_ports = 28'232,
          .memory = {std::uint64_t{16} << 30},
          .cores = 8};
}

Estimate estimate_of(const std::string& text, const HostLimits& host = roomy_host()) {
  World world;
  const auto plan = world.plan(text);
  return plan ? estimate(*plan, host) : Estimate{};
}

TEST(Estimate, CountsOperationsOverWarmupAndLoad) {
  std::string text = small_plan();
  text.replace(text.find("duration = \"30s\""), 16, "duration = \"30s\"\nwarmup = \"10s\"\n");
  const Estimate result = estimate_of(text);
  EXPECT_DOUBLE_EQ(result.arrivals, 4000);
  EXPECT_DOUBLE_EQ(result.operations, 4000);
  EXPECT_DOUBLE_EQ(result.peak_operations.per_second, 100);
  EXPECT_DOUBLE_EQ(result.requests_most, 4000);
  EXPECT_THAT(result.reasons, IsEmpty());
  EXPECT_THAT(result.notes, IsEmpty());
}

TEST(Estimate, EachStepIsAnOperation) {
  const Estimate result = estimate_of(small_plan(
      "[[scenario]]\nname = \"browse\"\narrivals = { process = \"even\", rate = \"10/s\" }\n"
      "[[scenario.step]]\nname = \"a\"\nrequest = \"GET /a\"\n"
      "[[scenario.step]]\nname = \"b\"\nrequest = \"GET /b\"\n"));
  EXPECT_DOUBLE_EQ(result.arrivals, 3300);
  EXPECT_DOUBLE_EQ(result.operations, 3600);
  EXPECT_DOUBLE_EQ(result.peak_operations.per_second, 120);
}

TEST(Estimate, CopiesAndRetriesAreRequests) {
  std::string text = small_plan("[[fault]]\nname = \"t\"\nkind = \"copies\"\nshare = \"10%\"\n");
  // Three copies on 10%: 1.2 requests for each attempt.
  EXPECT_NEAR(estimate_of(text).requests_most, 3600, 1e-6);
  text.insert(text.find("  effect ="),
              "  retry = { on = [\"5xx\"], attempts = 3, budget = \"50%\" }\n");
  EXPECT_NEAR(estimate_of(text).requests_most, 5400, 1e-6);
}

TEST(Estimate, HoldsDescriptorsAgainstTheHardLimitToWhichARunRaisesItsOwn) {
  HostLimits host = roomy_host();
  host.descriptors = 100;
  host.descriptors_hard = 4096;
  EXPECT_THAT(estimate_of(small_plan(), host).reasons, IsEmpty());
  host.descriptors_hard = 100;
  EXPECT_THAT(estimate_of(small_plan(), host).reasons,
              ElementsAre(HasSubstr("lower load.connections")));
}

TEST(Estimate, PortsCountConnectionsThatFaultsClosed) {
  const Estimate calm = estimate_of(small_plan());
  EXPECT_EQ(calm.ports, 64u);
  const Estimate cut =
      estimate_of(small_plan("[[fault]]\nname = \"c\"\nkind = \"cut\"\nshare = \"50%\"\n"));
  EXPECT_EQ(cut.ports, 64u + 1500u) << "50 a second for 30 seconds";
  HostLimits host = roomy_host();
  host.ephemeral_ports = 1000;
  EXPECT_THAT(
      estimate_of(small_plan("[[fault]]\nname = \"c\"\nkind = \"cut\"\nshare = \"50%\"\n"), host)
          .reasons,
      ElementsAre(HasSubstr("1564 local ports")));
  host.ephemeral_ports = 10;
  EXPECT_THAT(estimate_of(small_plan(), host).reasons,
              ElementsAre(HasSubstr("64 connections need")));
}

TEST(Estimate, MemoryGrowsWithWhatIsKept) {
  std::string text = small_plan();
  const Estimate plain = estimate_of(text);
  text.insert(text.find("  effect ="), "  expect = [\"json /ok == true\"]\n");
  EXPECT_GE(estimate_of(text).memory.bytes, plain.memory.bytes + 64 * 1024 * 1024);
  HostLimits host = roomy_host();
  host.memory = {1024 * 1024};
  EXPECT_THAT(estimate_of(text, host).reasons, ElementsAre(HasSubstr("of memory may be needed")));
}

TEST(Estimate, NotesWorkersWithoutCores) {
  World world;
  world.options.threads = 4;
  const auto plan = world.plan(small_plan());
  ASSERT_NE(plan, nullptr);
  HostLimits host = roomy_host();
  host.cores = 2;
  EXPECT_THAT(estimate(*plan, host).notes, ElementsAre(HasSubstr("4 workers share 2 cores")));
}

TEST(Estimate, UnknownLimitsAreNotHeldAgainstThePlan) {
  EXPECT_THAT(estimate_of(small_plan(), HostLimits{}).reasons, IsEmpty());
}

TEST(Estimate, TextNamesEveryFigureAndReason) {
  HostLimits host = roomy_host();
  host.descriptors = 100;
  host.descriptors_hard = 100;
  const Estimate result = estimate_of(small_plan(), host);
  const std::string text = to_text(result, host);
  EXPECT_THAT(text, HasSubstr("operations   3000 expected"));
  EXPECT_THAT(text, HasSubstr("this host cannot honour the plan: "));
}

std::string plan_with_traffic(const std::string& traffic, const std::string& more = "");

TEST(Estimate, OfUsersWithoutIterationsExpectsNoNumber) {
  const std::string text = to_text(estimate_of(plan_with_traffic("users = 50")), roomy_host());
  EXPECT_THAT(text, HasSubstr("operations   as many as are answered"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("0/s")));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("at most 0 ")));
}

// The plan of small_plan() with this in place of its arrivals.
std::string plan_with_traffic(const std::string& traffic, const std::string& more) {
  std::string text = small_plan(more);
  const std::string arrivals = "arrivals = { process = \"even\", rate = \"100/s\" }";
  return text.replace(text.find(arrivals), arrivals.size(), traffic);
}

TEST(Estimate, OfUsersIsWhatTheirIterationsAllow) {
  const Estimate result = estimate_of(plan_with_traffic("users = 50\niterations = 700"));
  EXPECT_EQ(result.users, 50U);
  EXPECT_DOUBLE_EQ(result.operations, 700);
  ASSERT_EQ(result.scenarios.size(), 1U);
  EXPECT_EQ(result.scenarios[0].load_model, model::LoadModel::kClosed);
  EXPECT_EQ(result.scenarios[0].operations, 700.0);
  EXPECT_THAT(to_text(result, roomy_host()),
              HasSubstr("scenario     buy: closed, at most 50 users at a time, at most 700 "
                        "operations\n"));
}

TEST(Estimate, SaysThatTheAnswersDecideWhatUsersDo) {
  const Estimate result = estimate_of(plan_with_traffic("users = { to = 200, over = \"10s\" }"));
  EXPECT_EQ(result.scenarios.at(0).operations, std::nullopt);
  EXPECT_EQ(result.scenarios.at(0).users, 200U);
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("200 users share 64 connections"),
                                        HasSubstr("`iterations` bounds it")));
  EXPECT_THAT(to_text(result, roomy_host()),
              HasSubstr("as many as are answered: every scenario is closed"));
}

TEST(Estimate, DividesSharedArrivalsByWeight) {
  std::string text = plan_with_traffic("weight = 3",
                                       "[[scenario]]\nname = \"browse\"\nweight = 1\n"
                                       "[[scenario.step]]\nname = \"a\"\nrequest = \"GET /a\"\n"
                                       "[[scenario.step]]\nname = \"b\"\nrequest = \"GET /b\"\n");
  text.replace(text.find("duration = \"30s\""), 16,
               "duration = \"30s\"\narrivals = { process = \"even\", rate = \"100/s\" }");
  const Estimate result = estimate_of(text);
  ASSERT_EQ(result.scenarios.size(), 2U);
  EXPECT_EQ(result.scenarios[0].load_model, model::LoadModel::kOpen);
  EXPECT_EQ(result.scenarios[0].operations, 2250.0);
  EXPECT_EQ(result.scenarios[1].load_model, model::LoadModel::kPartlyOpen);
  EXPECT_EQ(result.scenarios[1].iterations, 750.0);
  EXPECT_EQ(result.scenarios[1].operations, 1500.0);
  EXPECT_DOUBLE_EQ(result.peak_operations.per_second, 75 + 2 * 25);
}

TEST(HostLimits, AreReadFromThisHost) {
  const HostLimits host = read_host_limits();
  EXPECT_GT(host.descriptors, 0u);
  EXPECT_GT(host.ephemeral_ports, 0u);
  EXPECT_GT(host.memory.bytes, 0u);
  EXPECT_GT(host.cores, 0u);
}

}  // namespace
}  // namespace squall::plan::test
