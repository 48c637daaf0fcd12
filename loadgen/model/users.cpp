#include "loadgen/model/users.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"

namespace squall::model {

std::string_view to_string(LoadModel how) {
  switch (how) {
    case LoadModel::kOpen:
      return "open";
    case LoadModel::kPartlyOpen:
      return "partly open";
    case LoadModel::kClosed:
      return "closed";
  }
  return {};
}

std::uint32_t Users::most() const {
  std::uint32_t most = 0;
  for (const UserStage& stage : stages) {
    most = std::max({most, stage.from, stage.to});
  }
  return most;
}

std::optional<Duration> Users::next_active(std::uint32_t user, Duration from) const {
  const std::uint32_t needed = user + 1;
  if (from < Duration::zero()) {
    if (stages.front().from >= needed) {
      return from;
    }
    from = Duration::zero();
  }
  Duration start{};
  for (const UserStage& stage : stages) {
    const Duration end = start + stage.over;
    if (stage.over > Duration::zero() && from < end) {
      const double slope =
          (static_cast<double>(stage.to) - stage.from) / static_cast<double>(stage.over.count());
      const Duration at = std::max(from, start);
      const double users = stage.from + slope * static_cast<double>((at - start).count());
      if (users >= needed) {
        return at;
      }
      if (stage.to >= needed) {
        const double rise = (static_cast<double>(needed) - stage.from) / slope;
        return std::max(at, std::min(end, start + Duration(std::llround(rise))));
      }
    }
    start = end;
  }
  return stages.back().to >= needed ? std::optional(std::max(from, start)) : std::nullopt;
}

std::string describe_stages(const std::vector<UserStage>& stages) {
  const UserStage& first = stages.front();
  if (stages.size() > 1) {
    return fmt::format("{} stages of up to {} users", stages.size(),
                       Users{.stages = stages, .think = {}, .text = {}}.most());
  }
  if (first.over == Duration::zero()) {
    return fmt::format("{} user{}", first.to, first.to == 1 ? "" : "s");
  }
  return fmt::format("{} to {} users over {}", first.from, first.to, format_duration(first.over));
}

}  // namespace squall::model
