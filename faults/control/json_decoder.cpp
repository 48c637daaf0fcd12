#include "faults/control/json_decoder.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace squall::faults {
namespace {

constexpr std::size_t kDeepest = 64;

// Builds the value from the parser's events. A member that is null is never put into its table.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return in_table() ? skip_member() : add(expr::Table{}); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(std::int64_t{value}); }
  bool number_unsigned(number_unsigned_t value) override {
    return value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
               ? add(static_cast<std::int64_t>(value))
               : add(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }  // no JSON has it

  bool start_object(std::size_t /*elements*/) override { return open(expr::Table{}); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*elements*/) override { return open(expr::Array{}); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string& /*last_token*/,
                   const nlohmann::json::exception& error) override {
    problem_ = describe(position, error);
    return false;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] expr::Value take() { return std::move(*done_); }

 private:
  struct Open {
    expr::Value value;
    std::string key;  // under which it will stand, when it stands in a table
  };

  static std::string describe(std::size_t position, const nlohmann::json::exception& error) {
    const std::string_view text = error.what();
    if (text.find("unexpected end of input") != std::string_view::npos) {
      return "unexpected EOF";
    }
    return fmt::format("no JSON at byte {}", position);
  }

  [[nodiscard]] bool in_table() const {
    return !open_.empty() && open_.back().value.as_table() != nullptr;
  }

  bool skip_member() {
    key_.clear();
    return true;
  }

  bool open(expr::Value value) {
    if (open_.size() == kDeepest) {
      problem_ = fmt::format("values more than {} levels deep", kDeepest);
      return false;
    }
    open_.push_back({std::move(value), std::exchange(key_, {})});
    return true;
  }
  template <class T>
  bool open(T container) {
    return open(expr::Value{std::move(container), {}});
  }

  bool close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    key_ = std::move(closed.key);
    return put(std::move(closed.value));
  }

  template <class T>
  bool add(T value) {
    return put(expr::Value{std::move(value), {}});
  }

  bool put(expr::Value value) {
    if (open_.empty()) {
      done_ = std::move(value);
      return true;
    }
    expr::Value& parent = open_.back().value;
    if (auto* array = std::get_if<expr::Array>(&parent.data)) {
      array->push_back(std::move(value));
      return true;
    }
    if (expr::Value* before = parent.find(key_)) {
      *before = std::move(value);
      key_.clear();
    } else {
      std::get<expr::Table>(parent.data).push_back({std::exchange(key_, {}), {}, std::move(value)});
    }
    return true;
  }

  std::vector<Open> open_;
  std::string key_;
  std::optional<expr::Value> done_;
  std::string problem_;
};

}  // namespace

Result<expr::Value> decode_json(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return fail(ErrorCode::kMalformed, "EOF");
  }
  Builder builder;
  constexpr bool kWholeText = false;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder,
                                 nlohmann::json::input_format_t::json, kWholeText)) {
    return fail(ErrorCode::kMalformed, builder.problem().empty() ? "no JSON" : builder.problem());
  }
  return builder.take();
}

}  // namespace squall::faults
