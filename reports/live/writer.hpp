// Where a live view's text goes. A view never fails because nobody listens.
#pragma once

#include <functional>
#include <string_view>

namespace squall::reports {

// Takes the whole text; false when the other end is gone for good, then it is not called again.
using Writer = std::function<bool(std::string_view text)>;

// Writes to a descriptor; neither SIGPIPE nor EPIPE gets out. Borrows `fd`; it must stay open.
[[nodiscard]] Writer descriptor_writer(int fd);

// Whether a write of a few kilobytes to `fd` would block now (a stopped terminal, a full pipe).
[[nodiscard]] bool would_block(int fd);

}  // namespace squall::reports
