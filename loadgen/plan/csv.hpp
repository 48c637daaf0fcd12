// CSV files as rows of a feeder.
//
// A parser of our own: of Debian's C and C++ libraries libcsv says neither where a file is wrong
// nor how (and has been left alone since 2013), and libfccp wants the columns at compile time and
// takes no line end inside quotes.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/feeder.hpp"

namespace squall::plan {

// RFC 4180: a header line, cells between commas, quotes around what holds a comma, a quote (twice)
// or a line end; lines end with LF or CRLF. A byte order mark and empty lines are skipped. Fails
// with kMalformed at the line and column of `file` on an empty or repeated column name, a quote
// inside or text behind a quoted cell, a quote that is not closed, and a row with more or fewer
// cells than the header; with kExhausted on more than `max_rows` rows. Pure; any thread.
[[nodiscard]] Result<expr::FeederRows> parse_csv(std::string_view text, const std::string& file,
                                                 std::size_t max_rows);

}  // namespace squall::plan
