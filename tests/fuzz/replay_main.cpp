// Runs a fuzz target over files without a fuzzer engine: each file whole, cut short, and with
// changes drawn from a fixed seed. A crash names the file and the variant, which the same build
// repeats.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

#include "loadgen/base/rng.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kCuts = 32;
constexpr std::size_t kChanges = 96;

// What is being run, for the signal handler: it may neither allocate nor format.
std::array<char, 512> current{};

void set_current(const std::string& file, const char* variant, std::size_t number) {
  std::snprintf(current.data(), current.size(), "\nwhile running %s (%s %zu)\n", file.c_str(),
                variant, number);
}

void report_crash(int signal_number) {
  const ssize_t written = write(STDERR_FILENO, current.data(), std::strlen(current.data()));
  static_cast<void>(written);
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void run(const std::string& input) {
  // A copy of its own size, so that a sanitizer sees reads behind its end.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

// One to four bytes replaced, inserted, removed or repeated.
std::string changed(std::string input, squall::Rng& rng) {
  static constexpr char kBytes[] =
      "\0\x01\n\r \t\"'\\{}[]()<>=!|.,:;/~%$#-+0919aeEnu\x7f\x80\xc3\xff";
  constexpr std::string_view kLikely(kBytes, sizeof(kBytes) - 1);
  for (std::uint64_t left = 1 + rng.next_below(4); left > 0; --left) {
    const std::size_t at = rng.next_below(input.size() + 1);
    const char byte = rng.next_below(3) == 0 ? static_cast<char>(rng.next_below(256))
                                             : kLikely[rng.next_below(kLikely.size())];
    const std::size_t length = std::min<std::size_t>(1 + rng.next_below(8), input.size() - at);
    switch (rng.next_below(4)) {
      case 0:
        input.insert(at, 1, byte);
        break;
      case 1:
        input.erase(at, length);
        break;
      case 2:
        input.insert(at, input.substr(at, length));
        break;
      default:
        if (at < input.size()) {
          input[at] = byte;
        }
    }
  }
  return input;
}

std::size_t run_variants(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string input((std::istreambuf_iterator<char>(stream)),
                          std::istreambuf_iterator<char>());
  set_current(file.string(), "whole", 0);
  run(input);
  const std::size_t cuts = std::min(kCuts, input.size());
  for (std::size_t i = 0; i < cuts; ++i) {
    const std::size_t length = i * input.size() / cuts;
    set_current(file.string(), "cut at", length);
    run(input.substr(0, length));
  }
  for (std::size_t i = 0; i < kChanges; ++i) {
    squall::Rng rng(squall::StreamId(1, file.filename().string(), "change", i));
    set_current(file.string(), "change", i);
    run(changed(input, rng));
  }
  return 1 + cuts + kChanges;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(path)) {
    files.push_back(path);
    return files;
  }
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  for (const int signal_number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(signal_number, report_crash);
  }
  std::size_t file_count = 0;
  std::size_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::exists(argv[i])) {
      std::fprintf(stderr, "%s does not exist\n", argv[i]);
      return 1;
    }
    for (const auto& file : files_of(argv[i])) {
      runs += run_variants(file);
      ++file_count;
    }
  }
  std::printf("%zu files, %zu inputs\n", file_count, runs);
  // A corpus that is gone must not look like one that passed.
  return file_count > 0 ? 0 : 1;
}
