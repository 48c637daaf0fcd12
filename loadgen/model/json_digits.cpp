#include "loadgen/model/json_digits.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace squall::model {
namespace {

// Fills in a document.
template <class Json>
class DocumentReader final : public nlohmann::json_sax<Json> {
  using Integer = typename Json::number_integer_t;
  using Unsigned = typename Json::number_unsigned_t;
  using Float = typename Json::number_float_t;
  using Text = typename Json::string_t;
  using Binary = typename Json::binary_t;

 public:
  explicit DocumentReader(Json& document) : document_(document) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(Integer value) override { return put(value); }
  bool number_unsigned(Unsigned value) override { return put(value); }
  bool number_float(Float /*value*/, const Text& text) override { return put(text); }
  bool string(Text& value) override { return put(std::move(value)); }
  bool binary(Binary& /*value*/) override { return false; }  // JSON has none
  bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
  bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(Text& name) override {
    name_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*why*/) override {
    return false;
  }

 private:
  // Where it stands. Of members with one name the last counts.
  Json& place(Json value) {
    if (open_.empty()) {
      return document_ = std::move(value);
    }
    Json& inside = *open_.back();
    if (inside.is_array()) {
      inside.push_back(std::move(value));
      return inside.back();
    }
    return inside[name_] = std::move(value);
  }
  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    open_.push_back(&place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Json& document_;
  std::vector<Json*> open_;  // nothing is added to one while those behind it are open
  std::string name_;
};

}  // namespace

template <class Json>
std::optional<Json> json_with_digits(std::string_view text) {
  std::optional<Json> document(std::in_place);
  DocumentReader<Json> reader(*document);
  return Json::sax_parse(text, &reader) ? std::move(document) : std::nullopt;
}

template std::optional<nlohmann::json> json_with_digits(std::string_view text);
template std::optional<nlohmann::ordered_json> json_with_digits(std::string_view text);

}  // namespace squall::model
