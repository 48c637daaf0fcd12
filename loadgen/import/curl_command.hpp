// One curl command, its options understood.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/import/curl_options.hpp"
#include "loadgen/import/shell_words.hpp"

namespace squall::import {

// A piece of a body: of -d and its relatives.
struct CurlData {
  CurlMeaning how = CurlMeaning::kData;
  std::string text;
  SourceRef where;
};

// An option about the connection, which a target has. Its value may be a credential.
struct CurlConnectionOption {
  CurlMeaning meaning = CurlMeaning::kNote;
  std::string_view name;  // without the dashes; static
};

// What stands between two --next. Texts may hold variables (kVariableMark).
struct CurlRequest {
  std::vector<ShellWord> urls = {};
  std::optional<std::string> method = {};
  std::vector<std::string> headers = {};  // as given: "Name: value", "Name:", "Name;"
  std::vector<CurlData> data = {};
  std::vector<CurlData> form = {};
  std::vector<std::string> url_queries = {};
  std::optional<std::string> request_target = {};
  std::optional<std::string> user = {};
  std::optional<std::string> bearer = {};
  std::vector<std::string> cookies = {};
  std::optional<std::string> user_agent = {};
  std::optional<std::string> referer = {};
  std::optional<std::string> range = {};
  std::optional<std::string> max_time = {};
  std::optional<std::string> connect_timeout = {};
  std::optional<std::string> upload = {};
  bool data_in_query = false;  // -G
  bool head = false;
  bool compressed = false;
  bool no_globbing = false;  // -g
  std::vector<CurlConnectionOption> connection = {};
  std::vector<std::string> notes = {};  // options that have no place in a plan, by name
};

// The requests of a command; the first word is not looked at. kInvalidArgument with line and column
// for an option that is not curl's (with the nearest that is) and for one without its value.
[[nodiscard]] Result<std::vector<CurlRequest>> read_curl_command(const ShellCommand& command);

}  // namespace squall::import
