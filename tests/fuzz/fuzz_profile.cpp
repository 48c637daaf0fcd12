// The reader of profiles: whatever comes, there is a profile or a problem with a place; no message
// holds control bytes; and what is written of a profile reads back as an equal one.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/model/profile_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace squall;
  const std::string text(data, data + size);
  Diagnostics problems;
  const auto profile = model::read_profile(text, "profile.toml", problems);
  SQUALL_CHECK(profile.has_value() != problems.has_errors());
  for (const Diagnostic& item : problems.sorted()) {
    SQUALL_CHECK(item.where.line > 0 && !item.message.empty());
    SQUALL_CHECK(item.message.find_first_of(std::string_view("\x00\x1b\n\r\x7f", 5)) ==
                 std::string::npos);
  }
  if (profile) {
    const std::string written = model::to_toml(*profile);
    Diagnostics again;
    const auto read = model::read_profile(written, "written.toml", again);
    SQUALL_CHECK(read.has_value());
    SQUALL_CHECK(*read == *profile);
    SQUALL_CHECK(model::to_toml(*read) == written);
  }
  return 0;
}
