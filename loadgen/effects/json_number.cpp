#include "loadgen/effects/json_number.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "loadgen/base/text.hpp"
#include "loadgen/effects/decimal.hpp"
#include "loadgen/effects/json_pointer.hpp"

namespace squall::effects {
namespace {

using nlohmann::json;

// Hears a document and keeps what is written at one place of it. The library's own values hold
// numbers as doubles; only here are their digits to be had.
class NumberAt final : public nlohmann::json_sax<json> {
 public:
  explicit NumberAt(std::string_view pointer) {
    const auto tokens = split(pointer, '/');
    for (std::size_t i = 1; i < tokens.size(); ++i) {
      wanted_.push_back(unescaped_token(tokens[i]));
    }
  }

  // The digits, or the text of a string; nothing when something else stands there, or nothing.
  [[nodiscard]] const std::optional<std::string>& found() const { return found_; }

  bool null() override { return value(std::nullopt); }
  bool boolean(bool /*value*/) override { return value(std::nullopt); }
  bool number_integer(number_integer_t number) override { return value(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
  bool number_float(number_float_t /*number*/, const string_t& digits) override {
    return value(digits);
  }
  bool string(string_t& text) override { return value(text); }
  bool binary(binary_t& /*bytes*/) override { return value(std::nullopt); }
  bool start_object(std::size_t /*members*/) override { return open(Level{}); }
  bool key(string_t& name) override {
    levels_.back().token = name;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*items*/) override { return open(Level{.is_array = true}); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  struct Level {
    std::string token = {};  // of an object: the name that is being read
    bool is_array = false;
    std::size_t index = 0;  // of an array: the item that is being read
    [[nodiscard]] bool at(const std::string& wanted) const {
      return is_array ? std::to_string(index) == wanted : token == wanted;
    }
  };

  [[nodiscard]] bool is_wanted() const {
    if (levels_.size() != wanted_.size()) {
      return false;
    }
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      if (!levels_[i].at(wanted_[i])) {
        return false;
      }
    }
    return true;
  }

  bool value(std::optional<std::string> text) {
    if (is_wanted()) {
      found_ = std::move(text);
    }
    return next();
  }

  bool open(Level level) {
    if (is_wanted()) {
      found_.reset();
    }
    levels_.push_back(std::move(level));
    return true;
  }

  bool close() {
    levels_.pop_back();
    return next();
  }

  bool next() {
    if (!levels_.empty() && levels_.back().is_array) {
      ++levels_.back().index;
    }
    return true;
  }

  std::vector<std::string> wanted_;
  std::vector<Level> levels_;
  std::optional<std::string> found_;
};

}  // namespace

Result<std::string> decimal_at(std::string_view text, std::string_view pointer) {
  const Result<json> document = parse_json(text);  // bounds the nesting, too
  if (!document) {
    return fail(document.error());
  }
  NumberAt reader(pointer);
  json::sax_parse(text, &reader);
  if (reader.found() && is_decimal(*reader.found())) {
    return *reader.found();
  }
  const json* value = find_json(*document, pointer);
  return fail(ErrorCode::kMalformed,
              value == nullptr
                  ? "there is nothing at \"" + std::string(pointer) + "\": " + shown(*document)
                  : shown(*value) + " is no decimal number");
}

}  // namespace squall::effects
