#include "faults/process/clock_reach.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "faults/process/child_process.hpp"
#include "faults/process/service_clock.hpp"
#include "tests/paths.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace squall::faults {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kPrograms = SQUALL_BIN_DIR;

// A program's file with one segment of each of these.
std::string elf_file(Elf64_Half machine, std::string_view loader, std::string_view note_name) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = machine;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 2;
  const Elf64_Nhdr note{
      .n_namesz = static_cast<Elf64_Word>(note_name.size()), .n_descsz = 0, .n_type = 4};
  std::array<Elf64_Phdr, 2> segments{};
  segments[0].p_type = loader.empty() ? PT_LOAD : PT_INTERP;
  segments[0].p_offset = sizeof header + sizeof segments;
  segments[0].p_filesz = loader.size();
  segments[1].p_type = PT_NOTE;
  segments[1].p_offset = segments[0].p_offset + loader.size();
  segments[1].p_filesz = sizeof note + note_name.size();
  std::string file(reinterpret_cast<const char*>(&header), sizeof header);
  file.append(reinterpret_cast<const char*>(segments.data()), sizeof segments);
  file.append(loader);
  file.append(reinterpret_cast<const char*>(&note), sizeof note);
  file.append(note_name);
  return file;
}

#if defined(__x86_64__)
constexpr Elf64_Half kHere = EM_X86_64;
#else
constexpr Elf64_Half kHere = EM_AARCH64;
#endif
constexpr std::string_view kLoader("/lib64/ld-linux-x86-64.so.2\0", 28);
constexpr std::string_view kGnu("GNU\0", 4);
constexpr std::string_view kGo("Go\0\0", 4);

TEST(ClockReach, AnOrdinaryProgramIsReached) {
  const ClockReach reach = clock_reach(kPrograms + "/squall_clock_probe");
  EXPECT_THAT(reach.problem, IsEmpty());
}

TEST(ClockReach, AStaticProgramIsNot) {
  EXPECT_THAT(clock_reach(kPrograms + "/squall_static_probe").problem,
              HasSubstr("squall_static_probe is statically linked"));
}

TEST(ClockReach, AScriptIsItsInterpreter) {
  const test::TestDirectory directory;
  const std::string shell = directory.write("shell", "#!/bin/sh -e\necho\n");
  EXPECT_EQ(clock_reach(shell).program, "/bin/sh");
  EXPECT_THAT(clock_reach(shell).problem, IsEmpty());
  const std::string by_env = directory.write("env", "#! /usr/bin/env -S sh -e\n");
  EXPECT_TRUE(clock_reach(by_env).program.ends_with("/sh")) << clock_reach(by_env).program;
  const std::string odd = directory.write("static", "#!" + kPrograms + "/squall_static_probe\n");
  EXPECT_THAT(clock_reach(odd).problem, HasSubstr("statically linked"));
  const std::string missing = directory.write("missing", "#!/usr/bin/env no-such-program-here\n");
  EXPECT_THAT(clock_reach(missing).problem, HasSubstr("no program no-such-program-here"));
}

TEST(ClockReach, AScriptOfItselfEnds) {
  const test::TestDirectory directory;
  const std::string path = directory / "loop";
  static_cast<void>(directory.write("loop", "#!" + path + "\n"));
  EXPECT_THAT(clock_reach(path).problem, HasSubstr("script of a script"));
}

TEST(ClockReach, ProgramsWithRaisedRightsAreNotReached) {
  const test::TestDirectory directory;
  const std::string raised = directory / "raised";
  std::filesystem::copy_file(kPrograms + "/squall_clock_probe", raised);
  ASSERT_EQ(::chmod(raised.c_str(), 04755), 0);
  EXPECT_THAT(clock_reach(raised).problem, HasSubstr("raised rights"));
}

TEST(ClockReach, WhatIsNoProgramSaysSo) {
  const test::TestDirectory directory;
  EXPECT_THAT(clock_reach(directory.write("text", "hello")).problem, HasSubstr("ELF"));
  EXPECT_THAT(clock_reach(directory / "none").problem, HasSubstr("ELF"));
}

TEST(ClockReach, GoProgramsAreToldByTheirNote) {
  const test::TestDirectory directory;
  const std::string go = directory.write("go", elf_file(kHere, kLoader, kGo));
  EXPECT_THAT(clock_reach(go).problem, HasSubstr("is a Go program"));
  const std::string c = directory.write("c", elf_file(kHere, kLoader, kGnu));
  EXPECT_THAT(clock_reach(c).problem, IsEmpty());
}

TEST(ClockReach, OtherLoadersAndProcessorsAreNotReached) {
  const test::TestDirectory directory;
  const std::string musl =
      directory.write("musl", elf_file(kHere, "/lib/ld-musl-x86_64.so.1", kGnu));
  EXPECT_THAT(clock_reach(musl).problem, HasSubstr("another C library"));
  const std::string other = directory.write("other", elf_file(EM_SPARCV9, kLoader, kGnu));
  EXPECT_THAT(clock_reach(other).problem, HasSubstr("another architecture"));
}

TEST(ReadElf, FilesCutShortAreNoReasonToReadBeyondTheirEnd) {
  const std::string whole = elf_file(kHere, kLoader, kGo);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto facts = read_elf(std::string_view(whole).substr(0, size));
    EXPECT_EQ(facts.has_value(), size >= sizeof(Elf64_Ehdr)) << size;
    EXPECT_FALSE(facts && facts->made_by_go) << size;
  }
  EXPECT_TRUE(read_elf(whole)->made_by_go);
}

TEST(MeasureClock, TellsWhichProcessesHaveTheShim) {
  const test::TestDirectory directory;
  const auto shim = find_clock_shim(kPrograms);
  ASSERT_TRUE(shim);
  const auto clock = ServiceClock::create(directory.path(), "probe", *shim);
  ASSERT_TRUE(clock);
  // A shell that is reached starts a program that is not.
  const auto pid =
      start_child({.argv = {"/bin/sh", "-c", kPrograms + "/squall_static_probe & wait"},
                   .environment = clock->environment(),
                   .log = directory / "log"});
  ASSERT_TRUE(pid);
  ClockMeasurement measured;
  EXPECT_TRUE(test::eventually([&] {
    measured = measure_clock(*pid);
    return measured.without.size() == 1 &&
           measured.without.front().program.ends_with("/squall_static_probe");
  }));
  ASSERT_EQ(measured.with.size(), 1U);
  EXPECT_EQ(measured.with.front().pid, *pid);
  for (const MeasuredProcess& process : measured.without) {
    ::kill(process.pid, SIGKILL);
  }
  EXPECT_TRUE(test::eventually([&] { return measure_clock(*pid).with.empty(); }));
}

}  // namespace
}  // namespace squall::faults
