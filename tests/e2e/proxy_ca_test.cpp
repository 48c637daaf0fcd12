// squall proxy ca: made once, shown afterwards.
#include <gmock/gmock.h>

#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ProxyCa, IsMadeOnceAndShownAfterwards) {
  const TestDirectory directory;
  const std::vector<std::string> command = {"proxy", "ca", "--directory", directory / "ca"};
  const ProcessResult made = squall(directory, command);
  EXPECT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.output, AllOf(HasSubstr("(made now)"), HasSubstr(directory / "ca/ca.pem"),
                                 HasSubstr("--cacert"), HasSubstr("expires")));
  const std::string certificate = read_file(directory / "ca/ca.pem");
  const ProcessResult again = squall(directory, command);
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.output, HasSubstr("(was there, unchanged)"));
  EXPECT_EQ(read_file(directory / "ca/ca.pem"), certificate);
  EXPECT_THAT(certificate, HasSubstr("BEGIN CERTIFICATE"));
}

TEST(ProxyCa, LeavesHalfOfOneAloneAndSaysWhatIsMissing) {
  const TestDirectory directory;
  static_cast<void>(directory.write("ca.pem", "something of somebody"));
  const ProcessResult refused = squall(directory, {"proxy", "ca", "--directory", directory.path()});
  EXPECT_EQ(refused.exit_code, 2) << refused.output;
  EXPECT_THAT(refused.errors, HasSubstr("ca-key.pem"));
  EXPECT_EQ(read_file(directory / "ca.pem"), "something of somebody");
}

}  // namespace
}  // namespace squall::test
