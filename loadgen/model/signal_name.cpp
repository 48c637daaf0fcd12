#include "loadgen/model/signal_name.hpp"

#include <csignal>
#include <cstring>

namespace squall::model {

std::optional<int> signal_named(std::string_view name) {
  constexpr std::string_view kPrefix = "SIG";
  if (name.starts_with(kPrefix)) {
    name.remove_prefix(kPrefix.size());
  }
  for (int signal = 1; signal < NSIG; ++signal) {
    const char* known = ::sigabbrev_np(signal);
    if (known != nullptr && name == known) {
      return signal;
    }
  }
  return std::nullopt;
}

std::string signal_name(int signal) {
  const char* known = ::sigabbrev_np(signal);
  return known != nullptr ? std::string("SIG") + known : std::to_string(signal);
}

}  // namespace squall::model
