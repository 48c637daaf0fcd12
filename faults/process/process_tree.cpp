#include "faults/process/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::faults {
namespace {

struct ProcessStat {
  char state = '?';
  pid_t parent = 0;
};

bool is_dead_state(char state) {
  return state == 'Z' || state == 'X' || state == 'x';
}

std::optional<ProcessStat> read_stat(const std::string& pid_text) {
  const int fd = ::open(("/proc/" + pid_text + "/stat").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return std::nullopt;
  }
  std::array<char, 512> buffer{};
  const ssize_t length = ::read(fd, buffer.data(), buffer.size());
  ::close(fd);
  if (length <= 0) {
    return std::nullopt;
  }
  // "pid (name) state parent …": a name may hold blanks and parentheses, so the last ')' ends it.
  const std::string_view text(buffer.data(), static_cast<std::size_t>(length));
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 4 >= text.size()) {
    return std::nullopt;
  }
  ProcessStat stat;
  stat.state = text[name_end + 2];
  const char* from = text.data() + name_end + 4;
  if (std::from_chars(from, text.data() + text.size(), stat.parent).ec != std::errc()) {
    return std::nullopt;
  }
  return stat;
}

}  // namespace

std::set<pid_t> descendants_of(pid_t root) {
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), &::closedir);
  if (!proc) {
    return {};
  }
  std::map<pid_t, std::vector<pid_t>> children;
  // A DIR is used by one thread, which is what readdir asks for; readdir_r is deprecated.
  while (const dirent* entry = ::readdir(proc.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string name = entry->d_name;
    pid_t pid = 0;
    const char* end = name.data() + name.size();
    const auto [parsed_to, problem] = std::from_chars(name.data(), end, pid);
    if (problem != std::errc() || parsed_to != end) {
      continue;
    }
    const std::optional<ProcessStat> stat = read_stat(name);
    if (stat && !is_dead_state(stat->state)) {
      children[stat->parent].push_back(pid);
    }
  }
  std::set<pid_t> found;
  std::vector<pid_t> open = {root};
  while (!open.empty()) {
    const pid_t parent = open.back();
    open.pop_back();
    for (const pid_t child : children[parent]) {
      if (found.insert(child).second) {
        open.push_back(child);
      }
    }
  }
  return found;
}

bool is_alive(pid_t pid) {
  const std::optional<ProcessStat> stat = read_stat(std::to_string(pid));
  return stat && !is_dead_state(stat->state);
}

}  // namespace squall::faults
