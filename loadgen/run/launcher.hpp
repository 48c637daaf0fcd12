// Which shard this process is, as whatever started it says in the environment.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/model/shard.hpp"

namespace squall::run {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct LaunchedShard {
  model::Shard shard;
  std::string source;  // "Slurm (SLURM_PROCID 1 of SLURM_STEP_NUM_TASKS 8)", for people
  // Names the launch: the same for all its processes, another one for the next launch. Fit to be a
  // run id; nothing where the launcher has no such name.
  std::optional<std::string> launch;
};

// Looks for
//   Kubernetes  JOB_COMPLETION_INDEX of an indexed Job, and SQUALL_SHARDS for how many there are
//   Slurm       SLURM_PROCID of SLURM_STEP_NUM_TASKS under srun; SLURM_ARRAY_TASK_ID among
//               SLURM_ARRAY_TASK_COUNT of a job array; both: each array task has as many shards as
//               srun started
//   Open MPI    OMPI_COMM_WORLD_RANK of OMPI_COMM_WORLD_SIZE
//   PMI         PMI_RANK of PMI_SIZE (MPICH, and srun --mpi=pmi2)
// Of several that agree the first in this order counts, and Open MPI's before Slurm's: mpirun
// within a job starts the processes itself. kInvalidArgument, with what was found, when there is
// none, when they contradict each other and when one is incomplete.
[[nodiscard]] Result<LaunchedShard> launched_shard(const Environment& environment);

// The launch as the launcher names it, also when the shard was given by hand; nothing when it has
// no name.
[[nodiscard]] std::optional<std::string> launch_of(const Environment& environment);

}  // namespace squall::run
