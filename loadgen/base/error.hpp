// What went wrong, for people: a code to branch on, a message to read, a position where there is
// one.
#pragma once

#include <compare>
#include <optional>
#include <string>

namespace squall {

// A place in a file that a person wrote. Lines and columns count from 1; columns count bytes. A
// place inside an expression that is no file has a column alone (line 0).
struct SourceRef {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;

  auto operator<=>(const SourceRef&) const = default;
};

// "file:line:col", the form editors jump to; "column 7" without a line.
[[nodiscard]] std::string to_string(const SourceRef& where);

enum class ErrorCode {
  kInvalidArgument,  // the caller's input is wrong: usage, plan, expression
  kNotFound,         // a file, program, name that should be there is not
  kUnavailable,      // the other side cannot be reached or does not answer
  kMalformed,        // bytes from outside do not follow their format
  kExhausted,        // descriptors, ports, memory, disk
  kIo,               // the operating system refused a read or write
  kInternal,         // squall's own fault
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;                  // one sentence without a full stop, lower case
  std::optional<SourceRef> where = {};  // for input that people wrote
};

// "file:line:col: message" or just the message.
[[nodiscard]] std::string to_string(const Error& error);

// The same error with "context: " put before the message.
[[nodiscard]] Error with_context(Error error, std::string_view context);

}  // namespace squall
