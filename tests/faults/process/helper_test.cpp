#include "tests/faults/process/helper.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fmt/core.h>

#include "faults/process/guardian.hpp"
#include "faults/process/services.hpp"
#include "tests/support/files.hpp"

namespace squall::faults::testing {
namespace {

void append_own_pid(const std::string& file) {
  const std::string line = std::to_string(::getpid()) + "\n";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(fd);
  if (!written) {
    ::_exit(1);
  }
}

[[noreturn]] void hang() {
  while (true) {
    ::pause();
  }
}

[[noreturn]] void play_brood(const std::string& file) {
  ::signal(SIGTERM, SIG_IGN);
  append_own_pid(file);
  if (::fork() == 0) {
    append_own_pid(file);
    hang();
  }
  if (::fork() == 0) {
    ::setsid();
    if (::fork() == 0) {
      append_own_pid(file);
      hang();
    }
    ::_exit(0);
  }
  hang();
}

int play_server(const std::string& port, const std::string& code) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 16) != 0) {
    return 3;
  }
  const std::string answer =
      fmt::format("HTTP/1.1 {} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", code);
  while (true) {
    const int connection = ::accept(listener, nullptr, nullptr);
    std::array<char, 4096> request{};
    if (::recv(connection, request.data(), request.size(), 0) > 0) {
      ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    ::close(connection);
  }
}

int play_squall(const std::string& directory) {
  Services services({directory, {}, {}, {}});
  std::vector<model::Service> plan(2);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    plan[i].name = "brood" + std::to_string(i);
    plan[i].command = helper_command({"brood", directory + "/pids"});
  }
  if (!services.add_undo({.command = {"sh", "-c", "echo undone > " + directory + "/undone"},
                          .environment = {},
                          .timeout = std::chrono::seconds(5),
                          .exit_code = 0,
                          .log_name = "undo"}) ||
      !services.start_all(plan)) {
    return 1;
  }
  fmt::print("up\n");
  std::fflush(stdout);
  hang();
}

std::string stat_after_name(pid_t pid) {
  const std::string stat = test::read_file(fmt::format("/proc/{}/stat", pid));
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos ? "- 0" : stat.substr(name_end + 2);
}

}  // namespace

std::optional<int> run_as_helper(int argc, char** argv) {
  if (argc < 4 || std::string(argv[1]) != kHelperArgument) {
    return std::nullopt;
  }
  const std::string role = argv[2];
  if (role == "brood") {
    play_brood(argv[3]);
  }
  if (role == "serve" && argc == 5) {
    return play_server(argv[3], argv[4]);
  }
  return role == "squall" ? play_squall(argv[3]) : 2;
}

std::vector<std::string> helper_command(std::vector<std::string> role) {
  std::vector<std::string> command = {std::filesystem::read_symlink("/proc/self/exe").string(),
                                      kHelperArgument};
  command.insert(command.end(), role.begin(), role.end());
  return command;
}

std::vector<pid_t> pids_in(const std::string& file) {
  std::ifstream in(file);
  std::vector<pid_t> pids;
  for (pid_t pid = 0; in >> pid;) {
    pids.push_back(pid);
  }
  return pids;
}

pid_t parent_of(pid_t pid) {
  return std::stoi(stat_after_name(pid).substr(2));
}

char state_of(pid_t pid) {
  return stat_after_name(pid)[0];
}

}  // namespace squall::faults::testing

int main(int argc, char** argv) {
  if (const std::optional<int> code = squall::faults::run_as_guardian(argc, argv)) {
    return *code;
  }
  if (const std::optional<int> code = squall::faults::testing::run_as_helper(argc, argv)) {
    return *code;
  }
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
