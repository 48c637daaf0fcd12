#include "loadgen/verify/minimiser.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

namespace squall::verify {
namespace {

using Positions = std::vector<std::size_t>;

// `of` in `count` runs of about the same length. REQUIRES: count <= of.size().
std::vector<Positions> parts(const Positions& of, std::size_t count) {
  std::vector<Positions> result;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = [&](std::size_t part) {
      return of.begin() + static_cast<std::ptrdiff_t>(part * of.size() / count);
    };
    result.emplace_back(at(i), at(i + 1));
  }
  return result;
}

Positions without(const Positions& all, const Positions& part) {
  Positions rest;
  std::set_difference(all.begin(), all.end(), part.begin(), part.end(), std::back_inserter(rest));
  return rest;
}

class Search {
 public:
  Search(std::size_t elements, unsigned most_tries, const StillBreaks& still_breaks)
      : kept_(elements), most_tries_(most_tries), still_breaks_(still_breaks) {
    std::iota(kept_.begin(), kept_.end(), std::size_t{0});
  }

  Minimised take() {
    std::size_t granularity = std::min<std::size_t>(2, kept_.size());
    while (kept_.size() > 1 && !spent()) {
      if (reduce(granularity)) {
        continue;
      }
      if (granularity == kept_.size()) {
        return {std::move(kept_), tries_, !spent()};
      }
      granularity = std::min(granularity * 2, kept_.size());
    }
    const bool is_minimal = kept_.size() <= 1;
    return {std::move(kept_), tries_, is_minimal};
  }

 private:
  [[nodiscard]] bool spent() const { return refused_; }

  // Whether something was left out; then the granularity is that of the next turn.
  bool reduce(std::size_t& granularity) {
    const std::vector<Positions> split = parts(kept_, granularity);
    for (const Positions& part : split) {
      if (part.size() < kept_.size() && breaks(part)) {
        kept_ = part;
        granularity = std::min<std::size_t>(2, kept_.size());
        return true;
      }
    }
    for (const Positions& part : split) {
      Positions rest = without(kept_, part);
      if (!rest.empty() && breaks(rest)) {
        kept_ = std::move(rest);
        granularity = std::min(std::max<std::size_t>(granularity - 1, 2), kept_.size());
        return true;
      }
    }
    return false;
  }

  bool breaks(const Positions& positions) {
    if (const auto known = known_.find(positions); known != known_.end()) {
      return known->second;
    }
    if (tries_ == most_tries_) {
      refused_ = true;
      return false;
    }
    ++tries_;
    return known_[positions] = still_breaks_(positions);
  }

  Positions kept_;
  unsigned most_tries_;
  unsigned tries_ = 0;
  bool refused_ = false;  // a question stayed open
  const StillBreaks& still_breaks_;
  std::map<Positions, bool> known_;
};

}  // namespace

Minimised minimise(std::size_t elements, unsigned most_tries, const StillBreaks& still_breaks) {
  return Search(elements, most_tries, still_breaks).take();
}

bool breaks_often_enough(unsigned wanted, unsigned tries, const std::function<bool()>& once) {
  unsigned broken = 0;
  for (unsigned done = 0; broken < wanted && wanted - broken <= tries - done; ++done) {
    broken += once() ? 1U : 0U;
  }
  return broken >= wanted;
}

}  // namespace squall::verify
