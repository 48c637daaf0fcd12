#include "faults/process/guardian_protocol.hpp"

#include <array>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

using Json = nlohmann::json;

// In the order of the enumerators.
constexpr std::array<std::string_view, 10> kCommandNames = {
    "start",    "signal",      "stop",           "run", "cancel", "add_undo",
    "run_undo", "forget_undo", "make_directory", "end"};
constexpr std::array<std::string_view, 8> kReportNames = {
    "started", "not_started", "exited", "stopped", "ran", "undone", "made", "ended"};

template <class Kind, std::size_t Count>
std::optional<Kind> kind_named(const std::array<std::string_view, Count>& names,
                               std::string_view name) {
  for (std::size_t i = 0; i < Count; ++i) {
    if (names[i] == name) {
      return static_cast<Kind>(i);
    }
  }
  return std::nullopt;
}

bool holds_nul(const GuardianCommand& command) {
  const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  for (const std::string& word : command.argv) {
    if (has_nul(word)) {
      return true;
    }
  }
  for (const auto& [name, value] : command.environment) {
    if (has_nul(name) || has_nul(value)) {
      return true;
    }
  }
  return has_nul(command.log) || has_nul(command.directory) || has_nul(command.user);
}

Json json_of(const model::ResourceLimits& limits) {
  Json json = Json::object();
  const auto put = [&](const char* key, const auto& value) {
    if (value) {
      json[key] = *value;
    }
  };
  put("open_files", limits.open_files);
  put("processes", limits.processes);
  put("nice", limits.nice);
  if (limits.memory) {
    json["memory_bytes"] = limits.memory->bytes;
  }
  if (limits.cpu_time) {
    json["cpu_time_ns"] = limits.cpu_time->count();
  }
  return json;
}

model::ResourceLimits limits_of(const Json& json) {
  model::ResourceLimits limits;
  const auto number = [&](const char* key) -> std::optional<std::uint64_t> {
    return json.contains(key) ? std::optional(json.at(key).get<std::uint64_t>()) : std::nullopt;
  };
  limits.open_files = number("open_files");
  limits.processes = number("processes");
  if (const auto bytes = number("memory_bytes")) {
    limits.memory = ByteCount{*bytes};
  }
  if (json.contains("cpu_time_ns")) {
    limits.cpu_time = Duration(json.at("cpu_time_ns").get<std::int64_t>());
  }
  if (json.contains("nice")) {
    limits.nice = json.at("nice").get<int>();
  }
  return limits;
}

tl::unexpected<Error> malformed(std::string_view line) {
  return fail(ErrorCode::kMalformed, fmt::format("not a guardian message: {}", printable(line)));
}

}  // namespace

ChildSpec GuardianCommand::program() const {
  return {argv, environment, log, directory, user, limits};
}

Result<std::string> encode(const GuardianCommand& command) {
  if (holds_nul(command)) {
    return fail(ErrorCode::kInvalidArgument, "a command or its environment holds a NUL byte");
  }
  const Json json = {{"do", kCommandNames[static_cast<std::size_t>(command.kind)]},
                     {"id", command.id},
                     {"argv", command.argv},
                     {"environment", command.environment},
                     {"log", command.log},
                     {"signal", command.signal},
                     {"directory", command.directory},
                     {"user", command.user},
                     {"limits", json_of(command.limits)},
                     {"limit_ns", command.limit.count()}};
  try {
    return json.dump();
  } catch (const Json::type_error&) {
    return fail(ErrorCode::kInvalidArgument, "a command or its environment is not valid UTF-8");
  }
}

std::string encode(const GuardianReport& report) {
  const Json json = {{"saw", kReportNames[static_cast<std::size_t>(report.kind)]},
                     {"id", report.id},
                     {"pid", report.pid},
                     {"wait_status", report.wait_status},
                     {"at_ns", report.at.time_since_epoch().count()},
                     {"problem", report.problem}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<GuardianCommand> decode_command(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    const auto kind =
        kind_named<GuardianCommand::Kind>(kCommandNames, json.at("do").get<std::string>());
    if (!kind) {
      return malformed(line);
    }
    return GuardianCommand{*kind,
                           json.at("id").get<std::uint64_t>(),
                           json.at("argv").get<std::vector<std::string>>(),
                           json.at("environment").get<decltype(GuardianCommand::environment)>(),
                           json.at("log").get<std::string>(),
                           json.at("signal").get<int>(),
                           json.at("directory").get<std::string>(),
                           json.at("user").get<std::string>(),
                           limits_of(json.at("limits")),
                           Duration(json.at("limit_ns").get<std::int64_t>())};
  } catch (const Json::exception&) {
    return malformed(line);
  }
}

Result<GuardianReport> decode_report(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    const auto kind =
        kind_named<GuardianReport::Kind>(kReportNames, json.at("saw").get<std::string>());
    if (!kind) {
      return malformed(line);
    }
    return GuardianReport{*kind,
                          json.at("id").get<std::uint64_t>(),
                          json.at("pid").get<pid_t>(),
                          json.at("wait_status").get<int>(),
                          TimePoint(Duration(json.at("at_ns").get<std::int64_t>())),
                          json.at("problem").get<std::string>()};
  } catch (const Json::exception&) {
    return malformed(line);
  }
}

}  // namespace squall::faults
