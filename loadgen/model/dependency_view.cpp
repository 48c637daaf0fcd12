#include "loadgen/model/dependency_view.hpp"

#include <algorithm>

namespace squall::model {

const DependencyProxy* DependencyView::find(std::string_view name) const {
  const auto found = std::find_if(proxies.begin(), proxies.end(),
                                  [&](const DependencyProxy& one) { return one.name == name; });
  return found == proxies.end() ? nullptr : &*found;
}

}  // namespace squall::model
