#include "loadgen/app/help_text.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace squall::app {
namespace {

// "{a,b}" as "a|b".
std::string alternatives(std::string braced) {
  std::string words = braced.substr(1, braced.find('}') - 1);
  std::replace(words.begin(), words.end(), ',', '|');
  return words;
}

// "UINT in [1 - 1024]" as "1..1024".
std::string bounds(const std::string& range) {
  const std::size_t open = range.find('[');
  const std::size_t dash = range.find(" - ", open);
  const std::size_t close = range.find(']', open);
  return range.substr(open + 1, dash - open - 1) + ".." + range.substr(dash + 3, close - dash - 3);
}

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string label = value_label(*option);
    std::string text = label.empty() ? "" : " " + label;
    if (!option->get_default_str().empty() && option->get_type_size() != 0) {
      text += "=" + option->get_default_str();
    }
    if (option->get_expected_max() == CLI::detail::expected_max_vector_size) {
      text += " ...";
    }
    if (option->get_required() && !option->get_positional()) {
      text += " (required)";
    }
    return text;
  }
};

}  // namespace

std::string value_label(const CLI::Option& option) {
  if (option.get_type_size() == 0) {
    return {};
  }
  // The type's name, then ":" and what its checks say of themselves.
  const std::string type = option.get_type_name();
  const std::size_t colon = type.find(':');
  const std::string check = colon == std::string::npos ? "" : type.substr(colon + 1);
  if (check.starts_with('{')) {
    return alternatives(check);
  }
  if (check.find(" in [") != std::string::npos) {
    return bounds(check);
  }
  const std::string name = type.substr(0, colon);
  if (name == "TEXT" && option.get_positional()) {
    return {};  // its own name says more
  }
  return name == "UINT" ? "N" : name;
}

std::shared_ptr<CLI::FormatterBase> help_formatter() {
  return std::make_shared<HelpFormatter>();
}

}  // namespace squall::app
