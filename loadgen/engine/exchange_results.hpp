// What every engine does to an exchange that it is lent.
#pragma once

#include <string_view>

#include "loadgen/engine/exchange.hpp"

namespace squall::engine {

// Forgets the results of an earlier use and stamps it as taken up; buffers keep their capacity.
void clear_results(Exchange& exchange, TimePoint taken_up);

// Puts the reason of the end before what was remarked on the way.
void add_detail(Exchange& exchange, std::string_view text);

// Appends bytes of a request or an answer to `raw` until that holds 1 MiB.
void keep_raw(std::string& raw, std::string_view bytes);

}  // namespace squall::engine
