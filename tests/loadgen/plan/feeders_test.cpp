// [[feeder]] in plans: every source of rows, and what follows from unique ones.
#include <gtest/gtest.h>

#include <filesystem>

#include "loadgen/plan/loader.hpp"
#include "tests/loadgen/plan/rows_text.hpp"
#include "tests/support/all_registries.hpp"
#include "tests/support/files.hpp"

namespace squall::plan {
namespace {

class Feeders : public testing::Test {
 protected:
  // A plan in the folder of the test, with that feeder and that path of its only request.
  Loaded load(const std::string& feeder, const std::string& path = "/{{data.value}}") {
    const std::string text =
        "format = 1\nname = 'feed'\nseed = 4\n[[target]]\nname = 't'\n"
        "urls = ['http://127.0.0.1:1']\n[load]\nduration = '10s'\n"
        "[[feeder]]\nname = 'data'\n" +
        feeder +
        "\n[[scenario]]\nname = 's'\narrivals = { process = 'constant', rate "
        "= '10/s' }\n[[scenario.step]]\nname = 'get'\nrequest = 'GET " +
        path + "'\n";
    LoadOptions options;
    options.environment = [](const std::string& name) {
      return name == "SECRET" ? std::optional<std::string>("s3cret") : std::nullopt;
    };
    options.entropy = [] { return std::uint64_t{1}; };
    options.folder = folder_.path();
    return plan::load(text, "elsewhere/plan.toml", squall::test::all_registries().for_plans(),
                      options);
  }
  std::string rows(const std::string& feeder, const std::string& path = "/") {
    const Loaded loaded = load(feeder, path);
    return loaded.plan == nullptr
               ? loaded.diagnostics.to_text()
               : rows_text(Result<expr::FeederRows>(loaded.plan->feeders.all().front()->rows()));
  }
  void write(const std::string& name, const std::string& content) {
    static_cast<void>(folder_.write(name, content));
  }

  squall::test::TestDirectory folder_;
};

TEST_F(Feeders, TakeRowsFromEverySource) {
  write("u.csv", "id,mail\n1,a@b\n2,\"c,d\"\n");
  write("u.json", R"([{"id":1,"mail":"a@b"},{"id":2}])");
  write("u.ndjson", "{\"id\":1}\n{\"id\":2}\n");
  EXPECT_EQ(rows("file = 'u.csv'"), "id|mail/1|a@b/2|c,d");
  EXPECT_EQ(rows("file = 'u.json'"), "id|mail/1|a@b/2|");
  EXPECT_EQ(rows("file = 'u.ndjson'"), "id/1/2");
  EXPECT_EQ(rows("values = ['a', 2, true, '${env:SECRET}']"), "value/a/2/true/s3cret");
  EXPECT_EQ(rows("values = [{ a = 'x' }, { b = 1.5 }]"), "a|b/x|/|1.5");
  EXPECT_EQ(rows("sequence = { from = 5, to = -4, step = -3 }"), "value/5/2/-1/-4");
  EXPECT_EQ(rows("sequence = { to = 3 }"), "value/1/2/3");
}

TEST_F(Feeders, TakeAFileForEachRow) {
  const std::filesystem::path bodies = folder_.path() + "/bodies";
  std::filesystem::create_directories(bodies / "below");
  write("bodies/b.json", "{\"b\":1}");
  write("bodies/a.json", "two\nlines");
  write("bodies/.hidden", "x");
  EXPECT_EQ(rows("directory = 'bodies'"), "file|content/a.json|two\nlines/b.json|{\"b\":1}");
}

TEST_F(Feeders, SayWhatIsWrongInTheFile) {
  write("u.csv", "id,mail\n1\n");
  EXPECT_EQ(rows("file = 'u.csv'"),
            folder_.path() + "/u.csv:2:1: this row has 1 cell, the header 2\n");
  write("none.csv", "id\n");
  EXPECT_NE(rows("file = 'none.csv'").find("feeder \"data\" has no rows"), std::string::npos);
  write("u.txt", "id\n1\n");
  EXPECT_NE(rows("file = 'u.txt'").find("does not say what it is"), std::string::npos);
  EXPECT_NE(rows("directory = 'absent'").find("cannot read"), std::string::npos);
  EXPECT_NE(rows("values = [1, {}]").find("all tables, or all plain values"), std::string::npos);
  EXPECT_NE(rows("values = [[1]]").find("a text, a number"), std::string::npos);
  EXPECT_NE(rows("values = 5").find("a list was expected"), std::string::npos);
  EXPECT_NE(rows("sequence = { to = 5, step = 0 }").find("must not be zero"), std::string::npos);
}

TEST_F(Feeders, OfferTheWholeRangeOfIntegers) {
  const Loaded loaded = load(
      "sequence = { from = -9223372036854775808, to = 9223372036854775807 }\norder = 'random'");
  ASSERT_NE(loaded.plan, nullptr) << loaded.diagnostics.to_text();
  EXPECT_EQ(loaded.plan->feeders.all().front()->rows().size(), ~std::uint64_t{0});
}

TEST_F(Feeders, UniqueOnesLimitTheArrivalsOfTheirScenario) {
  // 100 arrivals, and one row for the preflight.
  const Loaded enough = load("sequence = { to = 101 }\norder = 'unique'");
  ASSERT_NE(enough.plan, nullptr) << enough.diagnostics.to_text();
  EXPECT_EQ(enough.plan->scenarios[0].arrivals_with_rows, 100U);
  EXPECT_EQ(enough.plan->scenarios[0].shortest_feeder, "data");
  const Loaded short_of_one = load("sequence = { to = 100 }\norder = 'unique'");
  EXPECT_EQ(short_of_one.plan, nullptr);
  const Loaded inside =
      load("sequence = { to = 100 }\norder = 'unique'", "/{{\"{{data.value}}\" | sha256}}");
  EXPECT_EQ(inside.plan, nullptr);
  const Loaded unused = load("sequence = { to = 3 }\norder = 'unique'", "/");
  ASSERT_NE(unused.plan, nullptr) << unused.diagnostics.to_text();
  EXPECT_EQ(unused.plan->scenarios[0].arrivals_with_rows, ~std::uint64_t{0});
  const Loaded again = load("sequence = { to = 3 }\norder = 'shuffled'");
  ASSERT_NE(again.plan, nullptr) << again.diagnostics.to_text();
}

}  // namespace
}  // namespace squall::plan
