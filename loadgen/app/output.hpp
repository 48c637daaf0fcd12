// What a command says: its result on stdout, everything else on stderr.
#pragma once

#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "loadgen/model/verdict.hpp"

namespace squall::app {

// Writes all of it to a descriptor, waiting for a slow reader; 0, or the errno that ended it.
[[nodiscard]] int write_fully(int descriptor, std::string_view text);

// Writes all of it to stdout. Throws nothing and tells nobody when that fails: what the command
// still has to do (stop services, send a teardown) is worth more. settle_output() tells then.
// Main thread.
void put(std::string_view text);

template <typename... Values>
void print(fmt::format_string<Values...> format, Values&&... values) {
  put(fmt::format(format, std::forward<Values>(values)...));
}

// Writes all of it to stderr, for problems and what is worth knowing. A text that stderr does not
// take is lost: there is nobody left to tell, and what the command does is worth more. Any thread.
void put_aside(std::string_view text);

template <typename... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
  put_aside(fmt::format(format, std::forward<Values>(values)...));
}

// When the command is done: its exit code, or kNotWritten where that goes before it and some of
// put()'s text was not taken. Says so on stderr, unless who read it has simply stopped (EPIPE).
[[nodiscard]] model::ExitCode settle_output(model::ExitCode code);

}  // namespace squall::app
