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
  pid_t session = 0;
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
  // "state parent group session …"
  std::array<pid_t, 3> numbers{};
  const char* from = text.data() + name_end + 4;
  const char* const end = text.data() + text.size();
  for (pid_t& number : numbers) {
    const auto [next, problem] = std::from_chars(from, end, number);
    if (problem != std::errc() || next == end) {
      return std::nullopt;
    }
    from = next + 1;
  }
  stat.parent = numbers[0];
  stat.session = numbers[2];
  return stat;
}

}  // namespace

ProcessTable ProcessTable::read() {
  ProcessTable table;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), &::closedir);
  if (!proc) {
    return table;
  }
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
      table.processes_[pid] = {stat->parent, stat->session};
    }
  }
  return table;
}

std::set<pid_t> ProcessTable::descendants_of(const std::set<pid_t>& roots) const {
  std::map<pid_t, std::vector<pid_t>> children;
  for (const auto& [pid, process] : processes_) {
    children[process.parent].push_back(pid);
  }
  std::set<pid_t> found;
  std::vector<pid_t> open(roots.begin(), roots.end());
  while (!open.empty()) {
    const pid_t parent = open.back();
    open.pop_back();
    for (const pid_t child : children[parent]) {
      if (!roots.contains(child) && found.insert(child).second) {
        open.push_back(child);
      }
    }
  }
  return found;
}

std::set<pid_t> ProcessTable::tree_of(pid_t root, std::set<pid_t> known) const {
  known.insert(root);
  for (const auto& [pid, process] : processes_) {
    if (process.session == root) {
      known.insert(pid);
    }
  }
  known.merge(descendants_of(known));
  return known;
}

std::set<pid_t> descendants_of(pid_t root) {
  return ProcessTable::read().descendants_of({root});
}

bool is_alive(pid_t pid) {
  const std::optional<ProcessStat> stat = read_stat(std::to_string(pid));
  return stat && !is_dead_state(stat->state);
}

}  // namespace squall::faults
