// What Beast's parser errors mean, as literals: a message() of its own would allocate on the data
// plane.
#pragma once

#include <string_view>

namespace boost::system {
class error_code;
}

namespace squall::net {

// A short phrase in lower case that lives for ever: "bad status", "bad chunk", …; "bad message" for
// what is not HTTP's.
[[nodiscard]] std::string_view http_problem(const boost::system::error_code& error);

}  // namespace squall::net
