#include "faults/process/clock_reach.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <fmt/core.h>

#include "faults/process/clock_block.hpp"
#include "faults/process/process_tree.hpp"
#include "faults/process/program_search.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#endif

// Nothing when it does not lie in the file.
std::optional<std::string_view> part(std::string_view bytes, std::uint64_t from,
                                     std::uint64_t size) {
  if (from > bytes.size() || size > bytes.size() - from) {
    return std::nullopt;
  }
  return bytes.substr(from, size);
}

template <class Value>
std::optional<Value> value_at(std::string_view bytes, std::uint64_t from) {
  const auto found = part(bytes, from, sizeof(Value));
  if (!found) {
    return std::nullopt;
  }
  Value value;
  std::memcpy(&value, found->data(), sizeof value);
  return value;
}

// Whether the notes have one that the Go linker writes into each program.
bool has_go_note(std::string_view notes) {
  constexpr std::string_view kGo("Go\0\0", 4);
  constexpr std::uint64_t kAlignment = 4;
  const auto padded = [](std::uint64_t size) {
    return (size + kAlignment - 1) / kAlignment * kAlignment;
  };
  std::uint64_t from = 0;
  while (const auto note = value_at<Elf64_Nhdr>(notes, from)) {
    from += sizeof *note;
    if (part(notes, from, note->n_namesz) == kGo) {
      return true;
    }
    from += padded(note->n_namesz) + padded(note->n_descsz);
  }
  return false;
}

void add_segment(std::string_view bytes, const Elf64_Phdr& segment, ElfFacts& facts) {
  const auto content = part(bytes, segment.p_offset, segment.p_filesz);
  if (!content) {
    return;
  }
  if (segment.p_type == PT_INTERP) {
    facts.loader = std::string(content->substr(0, content->find('\0')));
  } else if (segment.p_type == PT_NOTE) {
    facts.made_by_go = facts.made_by_go || has_go_note(*content);
  }
}

// A file, mapped to be read. Empty when it cannot be.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status {};
    if (file >= 0 && ::fstat(file, &status) == 0 && status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      address_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    }
    if (file >= 0) {
      ::close(file);
    }
  }
  ~MappedFile() {
    if (address_ != MAP_FAILED) {
      ::munmap(address_, size_);
    }
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::string_view bytes() const {
    return address_ == MAP_FAILED ? std::string_view()
                                  : std::string_view(static_cast<const char*>(address_), size_);
  }

 private:
  void* address_ = MAP_FAILED;
  std::size_t size_ = 0;
};

// The words of a "#!" line: the interpreter and at most one argument, which may have blanks.
struct Interpreter {
  std::string program;
  std::string argument;
};

std::optional<Interpreter> interpreter_of(std::string_view bytes) {
  constexpr std::size_t kLongestLine = 255;
  if (!bytes.starts_with("#!")) {
    return std::nullopt;
  }
  const std::string_view line = trim(bytes.substr(2, std::min(bytes.find('\n'), kLongestLine) - 2));
  const std::size_t blank = line.find_first_of(" \t");
  Interpreter interpreter{.program = std::string(line.substr(0, blank)), .argument = {}};
  if (blank != std::string_view::npos) {
    interpreter.argument = std::string(trim(line.substr(blank)));
  }
  return interpreter;
}

// "env NAME …" and "env -S NAME …" run NAME.
std::optional<std::string> named_by_env(const Interpreter& interpreter) {
  if (std::filesystem::path(interpreter.program).filename() != "env") {
    return std::nullopt;
  }
  for (const std::string_view word : split(interpreter.argument, ' ')) {
    if (!word.empty() && word.front() != '-' && word.find('=') == std::string_view::npos) {
      return std::string(word);
    }
  }
  return std::nullopt;
}

bool raises_rights(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0) {
    return true;
  }
  return ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
}

// Why the loader would not put the shim into this program, or it would be of no use there.
std::string problem_of(const std::string& path, std::string_view bytes) {
  const auto elf = read_elf(bytes);
  const std::string shown = printable(path);
  if (!elf) {
    return fmt::format("{} is {}", shown, elf.error().message);
  }
  if (!elf->fits_this_host) {
    return fmt::format("{} is a program of another architecture than squall's", shown);
  }
  if (elf->made_by_go) {
    return fmt::format("{} is a Go program, which asks the kernel and no library for the time",
                       shown);
  }
  if (elf->loader.empty()) {
    return fmt::format("{} is statically linked, so no library can be put in front of its own",
                       shown);
  }
  if (elf->loader.find("/ld-linux") == std::string::npos) {
    return fmt::format("{} is made for another C library than squall's (its loader is {})", shown,
                       printable(elf->loader));
  }
  if (raises_rights(path)) {
    return fmt::format(
        "{} runs with raised rights (setuid or capabilities), so the loader takes "
        "no library from the environment",
        shown);
  }
  return {};
}

std::string executable_of(pid_t pid) {
  std::error_code problem;
  const auto path = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", problem);
  return problem ? std::string() : path.string();
}

enum class Mapped { kYes, kNo, kGone };

Mapped maps_shim(pid_t pid) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  bool any = false;
  for (std::string line; std::getline(maps, line);) {
    any = true;
    if (line.find(kClockShimName) != std::string::npos) {
      return Mapped::kYes;
    }
  }
  return any || is_alive(pid) ? Mapped::kNo : Mapped::kGone;
}

}  // namespace

Result<ElfFacts> read_elf(std::string_view bytes) {
  const auto header = value_at<Elf64_Ehdr>(bytes, 0);
  if (!bytes.starts_with(std::string_view(ELFMAG, SELFMAG)) || !header) {
    return fail(ErrorCode::kMalformed, "no program in the ELF format");
  }
  ElfFacts facts;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  constexpr unsigned char kOrder = ELFDATA2LSB;
#else
  constexpr unsigned char kOrder = ELFDATA2MSB;
#endif
  facts.fits_this_host = header->e_ident[EI_CLASS] == ELFCLASS64 &&
                         header->e_ident[EI_DATA] == kOrder && header->e_machine == kMachine;
  if (!facts.fits_this_host || header->e_phentsize != sizeof(Elf64_Phdr)) {
    return facts;
  }
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    if (header->e_phoff > bytes.size()) {
      break;
    }
    if (const auto segment =
            value_at<Elf64_Phdr>(bytes, header->e_phoff + i * sizeof(Elf64_Phdr))) {
      add_segment(bytes, *segment, facts);
    }
  }
  return facts;
}

ClockReach clock_reach(const std::string& path) {
  ClockReach reach{.program = path, .problem = {}};
  constexpr int kNesting = 5;  // as deep as the kernel follows scripts
  for (int depth = 0; depth < kNesting; ++depth) {
    const MappedFile file(reach.program);
    const auto interpreter = interpreter_of(file.bytes());
    if (!interpreter) {
      reach.problem = problem_of(reach.program, file.bytes());
      return reach;
    }
    reach.program = interpreter->program;
    if (const auto name = named_by_env(*interpreter)) {
      const auto found = find_program(*name, {});
      if (!found) {
        reach.problem = found.error().message;
        return reach;
      }
      reach.program = *found;
    }
  }
  reach.problem = fmt::format("{} is a script of a script of a script", printable(path));
  return reach;
}

ClockMeasurement measure_clock(pid_t root) {
  const std::set<pid_t> pids = ProcessTable::read().tree_of(root);
  ClockMeasurement measurement;
  for (const pid_t pid : pids) {
    const Mapped mapped = is_alive(pid) ? maps_shim(pid) : Mapped::kGone;
    if (mapped != Mapped::kGone) {
      (mapped == Mapped::kYes ? measurement.with : measurement.without)
          .push_back({.pid = pid, .program = executable_of(pid)});
    }
  }
  return measurement;
}

}  // namespace squall::faults
