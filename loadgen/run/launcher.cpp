#include "loadgen/run/launcher.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <tuple>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/run/shard_text.hpp"

namespace squall::run {
namespace {

constexpr const char* kByHand = "; say which shard this is with --shard i/n";
constexpr std::size_t kMostLaunchBytes = 48;  // a run id has 64, and a start may come behind it

struct Number {
  std::string name;
  std::uint64_t value = 0;
};

// Nothing when the variable is not there.
Result<std::optional<Number>> number(const Environment& environment, const char* name) {
  const auto text = environment(name);
  if (!text) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is \"{}\" and not a number{}", name, printable(*text), kByHand));
  }
  return Number{name, value};
}

Result<model::Shard> checked(const Number& index, const Number& count) {
  if (count.value == 0 || count.value > kMostShards || index.value >= count.value) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} is {} and {} {}: it counts from 0, and a run has 1 to {} shards{}",
                    index.name, index.value, count.name, count.value, kMostShards, kByHand));
  }
  return model::Shard{.index = static_cast<unsigned>(index.value),
                      .count = static_cast<unsigned>(count.value)};
}

using Found = Result<std::optional<LaunchedShard>>;

// A rank in `index` of `count`. Nothing when neither is there.
Found ranked(const Environment& environment, const char* launcher, const char* index_name,
             const char* count_name, const char* when_uncounted) {
  const auto index = number(environment, index_name);
  const auto count = number(environment, count_name);
  if (!index || !count) {
    return fail(!index ? index.error() : count.error());
  }
  if (!*index) {
    return std::nullopt;
  }
  if (!*count) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is there but {} is not: {}{}", index_name, count_name,
                            when_uncounted, kByHand));
  }
  const auto shard = checked(**index, **count);
  if (!shard) {
    return fail(shard.error());
  }
  return LaunchedShard{.shard = *shard,
                       .source = fmt::format("{} ({} {} of {} {})", launcher, index_name,
                                             (*index)->value, count_name, (*count)->value),
                       .launch = std::nullopt};
}

// Tasks of an array: ids begin and step as --array says.
Found array_task(const Environment& environment) {
  std::vector<Number> numbers;
  for (const char* name : {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN",
                           "SLURM_ARRAY_TASK_STEP"}) {
    const auto one = number(environment, name);
    if (!one) {
      return fail(one.error());
    }
    if (!*one && numbers.empty()) {
      return std::nullopt;
    }
    if (!*one) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("SLURM_ARRAY_TASK_ID is there but {} is not{}", name, kByHand));
    }
    numbers.push_back(**one);
  }
  const auto& [id, count, lowest, step] = std::tie(numbers[0], numbers[1], numbers[2], numbers[3]);
  if (step.value == 0 || id.value < lowest.value || (id.value - lowest.value) % step.value != 0) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("SLURM_ARRAY_TASK_ID {} does not lie on the steps of {} from {}{}",
                            id.value, step.value, lowest.value, kByHand));
  }
  const auto shard =
      checked({id.name, (id.value - lowest.value) / step.value}, {count.name, count.value});
  if (!shard) {
    return fail(with_context(shard.error(), "an array must have evenly spaced ids"));
  }
  return LaunchedShard{.shard = *shard,
                       .source = fmt::format("Slurm (SLURM_ARRAY_TASK_ID {} of {} from {})",
                                             id.value, count.value, lowest.value),
                       .launch = std::nullopt};
}

Found slurm(const Environment& environment) {
  auto array = array_task(environment);
  if (!array) {
    return array;
  }
  // A batch script has SLURM_PROCID too, but is no task of a step: srun starts those.
  const bool in_step = environment("SLURM_STEP_NUM_TASKS").has_value();
  if (!in_step && *array) {
    return array;
  }
  auto task = ranked(environment, "Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS",
                     "a batch script is one process, srun starts the shards");
  if (!task || !*task || !*array) {
    return task;
  }
  const model::Shard& outer = (*array)->shard;
  const model::Shard& inner = (*task)->shard;
  const auto shard =
      checked({"the shard", std::uint64_t{outer.index} * inner.count + inner.index},
              {"of all tasks of the array", std::uint64_t{outer.count} * inner.count});
  if (!shard) {
    return fail(shard.error());
  }
  return LaunchedShard{
      .shard = *shard, .source = (*array)->source + ", " + (*task)->source, .launch = std::nullopt};
}

std::string describe(const LaunchedShard& one) {
  return fmt::format("{} says {}", one.source, to_string(one.shard));
}

// Letters, digits, '-', '_' and '.' alone, as in a run id.
std::string plain(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '_' || c == '.');
      },
      '-');
  return text.substr(0, kMostLaunchBytes);
}

}  // namespace

std::optional<std::string> launch_of(const Environment& environment) {
  if (environment("OMPI_COMM_WORLD_RANK")) {
    for (const char* name : {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"}) {
      if (const auto job = environment(name)) {
        return plain("mpi-" + *job);
      }
    }
    return std::nullopt;
  }
  const auto array = environment("SLURM_ARRAY_JOB_ID");
  const auto job = array ? array : environment("SLURM_JOB_ID");
  if (!job) {
    return std::nullopt;
  }
  // Steps of one job are launches of their own, and so is a job that is run again.
  std::string launch = "slurm-" + *job;
  if (const auto step = environment("SLURM_STEP_ID")) {
    launch += "." + *step;
  }
  if (const auto again = environment("SLURM_RESTART_COUNT")) {
    launch += "r" + *again;
  }
  return plain(launch);
}

Result<LaunchedShard> launched_shard(const Environment& environment) {
  const bool by_mpirun = environment("OMPI_COMM_WORLD_RANK").has_value();
  const Found looked[] = {
      ranked(environment, "Kubernetes", "JOB_COMPLETION_INDEX", "SQUALL_SHARDS",
             "a pod does not know how many there are, so set it to the Job's `completions`"),
      by_mpirun ? Found(std::nullopt) : slurm(environment),
      ranked(environment, "Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
             "mpirun sets both"),
      ranked(environment, "PMI", "PMI_RANK", "PMI_SIZE", "a launcher sets both")};
  std::vector<LaunchedShard> found;
  for (const Found& one : looked) {
    if (!one) {
      return fail(one.error());
    }
    if (*one) {
      found.push_back(**one);
    }
  }
  if (found.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("no launcher says which shard this is: there is neither "
                            "JOB_COMPLETION_INDEX (Kubernetes) nor SLURM_PROCID or "
                            "SLURM_ARRAY_TASK_ID (Slurm), OMPI_COMM_WORLD_RANK (Open MPI) or "
                            "PMI_RANK{}",
                            kByHand));
  }
  for (const LaunchedShard& other : found) {
    if (other.shard != found.front().shard) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("launchers contradict each other: {}, but {}{}",
                              describe(found.front()), describe(other), kByHand));
    }
  }
  found.front().launch = launch_of(environment);
  return found.front();
}

}  // namespace squall::run
