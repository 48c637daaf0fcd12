// What an operation's calls to its dependencies looked like, by what proxies in HTTP mode saw.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "loadgen/model/proxy_exchange.hpp"
#include "loadgen/verify/trial.hpp"

namespace squall::verify {

// Calls that change something: other methods than GET, HEAD and OPTIONS. A value.
class DependencyCalls {
 public:
  void add(const model::TakenExchanges& taken);
  [[nodiscard]] bool is_empty() const { return calls_.empty(); }
  // Whether each route has been called as often as in `other`, at least.
  [[nodiscard]] bool covers(const DependencyCalls& other) const;

  // Holds these calls, of an operation that was tried several times, against those of one that was
  // not disturbed: what is more than there tells the trial. Other keys than there could be, or
  // work that was done again without a key, are more effects at the dependency.
  void judge_against(const DependencyCalls& undisturbed, Trial& trial) const;

 private:
  struct Calls {
    std::uint64_t made = 0;
    std::uint64_t without_key = 0;       // of `made`
    std::uint64_t done_without_key = 0;  // of those that the dependency has done to the end
    std::set<std::uint64_t> keys;        // hashes
  };
  using Route = std::tuple<std::string, std::string, std::string>;  // proxy, method, path

  std::map<Route, Calls> calls_;
};

}  // namespace squall::verify
