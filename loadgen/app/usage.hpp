// What is wrong with a command line, in a sentence that names the word.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace squall::app {

// The words of the command line in the order in which they were typed, without the program's name:
// "help run" is "run --help", "help" is "--help".
[[nodiscard]] std::vector<std::string> command_line(int argc, char** argv);

// Of a tree that failed to parse a command line: "squall run: there is no option --bogus; did you
// mean …?", and where to read more. One or two lines, safe to print.
[[nodiscard]] std::string usage_problem(const CLI::App& tree, const CLI::ParseError& error);

}  // namespace squall::app
