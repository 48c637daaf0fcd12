// What the command line and a launcher say of a shard and its start: a shard, an instant, or an
// environment of NAME=VALUE lines.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "loadgen/base/text.hpp"
#include "loadgen/run/launcher.hpp"
#include "loadgen/run/shard_text.hpp"
#include "loadgen/run/start_instant.hpp"

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void look_at_shard(const std::string& text) {
  const auto shard = squall::run::parse_shard(text);
  require(shard ? shard->index < shard->count &&
                      squall::run::parse_shard(squall::run::to_string(*shard)) == *shard
                : !shard.error().message.empty());
}

void look_at_start(const std::string& text) {
  const squall::WallTime now{std::chrono::seconds(1'700'000'000)};
  const auto start = squall::run::parse_start(text, now);
  require(start ? *start > now && *start - now <= squall::run::kLongestWait
                : !start.error().message.empty());
}

void look_at_launcher(const std::string& text) {
  std::map<std::string, std::string> variables;
  for (const std::string_view line : squall::split(text, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      variables[std::string(line.substr(0, equals))] = line.substr(equals + 1);
    }
  }
  const auto launched =
      squall::run::launched_shard([&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      });
  require(launched ? launched->shard.index < launched->shard.count && !launched->source.empty()
                   : !launched.error().message.empty());
  if (launched && launched->launch) {
    require(!launched->launch->empty() && launched->launch->size() <= 64);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  look_at_shard(text);
  look_at_start(text);
  look_at_launcher(text);
  return 0;
}
