// Writing and reading JSON from one description of a type's fields, so that the two cannot drift
// apart:
//
//   template <class Archive>
//   void describe(Archive& archive, Ref<Archive, RunEvent> event) {
//     archive.field("at_ns", event.at);
//     archive.field("text", event.text);
//   }
//
// Both archives have the same functions; the reader's take references that it fills. For
// run_record_json.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "loadgen/base/error.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::model {

template <class Archive, class T>
using Ref = std::conditional_t<Archive::kReads, T&, const T&>;

// What of a record is written.
enum class JsonStyle : std::uint8_t {
  kFull,     // every field, and figures for people beside what programs need
  kCompact,  // fields that are zero or empty are left out, and what is only for people
};

// Which list of the record an index points into; written as that entry's name where it has one of
// its own, else as the number.
enum class JsonTable : std::uint8_t { kSteps, kFaults };
inline constexpr std::size_t kJsonTableCount = 2;

// The names of such a list. A value.
class JsonNames {
 public:
  JsonNames() = default;
  explicit JsonNames(std::vector<std::string> names);

  // Nothing when there is no such entry or another one has the same name.
  [[nodiscard]] std::optional<std::string> name_of(std::uint16_t index) const;
  [[nodiscard]] std::optional<std::uint16_t> index_of(std::string_view name) const;

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::uint16_t, std::less<>> indices_;  // of names that stand once
};

enum class JsonUnit : std::uint8_t { kMicroseconds, kNanoseconds };

// Builds one JSON object. Never fails: numbers that JSON does not have become null; bytes that are
// not UTF-8 become U+FFFD when the text is made. One thread.
class JsonWriter {
 public:
  static constexpr bool kReads = false;
  // The same for a writer and all objects inside it.
  struct Context {
    JsonStyle style = JsonStyle::kFull;
    std::array<JsonNames, kJsonTableCount> names;  // by JsonTable
  };

  // Borrows `context`, which outlives this.
  explicit JsonWriter(Context& context);
  ~JsonWriter();
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  // Left out in the compact style when zero or empty; so the struct's own default must be zero or
  // empty, else `always`.
  void field(std::string_view key, std::uint64_t value);
  void field(std::string_view key, std::uint32_t value) { field(key, std::uint64_t{value}); }
  void field(std::string_view key, std::int64_t value);
  void field(std::string_view key, int value) { field(key, std::int64_t{value}); }
  void field(std::string_view key, bool value);
  void field(std::string_view key, double value);
  void field(std::string_view key, const std::string& value);
  void field(std::string_view key, const std::vector<std::string>& value);
  void field(std::string_view key, Duration value) { field(key, std::int64_t{value.count()}); }
  // Written in both styles.
  void always(std::string_view key, std::uint32_t value);
  void always(std::string_view key, bool value);
  void always(std::string_view key, const std::string& value);
  // Left out in both styles when zero or empty.
  void sparse(std::string_view key, std::uint64_t value);
  void sparse(std::string_view key, std::uint32_t value) { sparse(key, std::uint64_t{value}); }
  void sparse(std::string_view key, const std::string& value);
  // Left out in both styles when false; records of older versions lack it.
  void mark(std::string_view key, bool value);
  // -1 stands for "none": null.
  void maybe(std::string_view key, std::int64_t value);
  void reference(std::string_view key, JsonTable table, std::uint16_t index);
  void references(std::string_view key, JsonTable table, const std::vector<std::uint16_t>& indices);
  void histogram(std::string_view key, const stats::Histogram& histogram, JsonUnit unit);
  void numbers(std::string_view key, const std::vector<std::uint64_t>& values);
  // Only in the full style; readers ignore it.
  void for_people(std::string_view key, const std::string& value);

  template <class Describe>
  void object(std::string_view key, Describe describe) {
    JsonWriter inner(*context_);
    describe(inner);
    put_object(key, inner);
  }
  // A part that many records do not have, and those of older versions cannot: written, in both
  // styles, only when it is there.
  template <class Describe>
  void optional_object(std::string_view key, bool present, Describe describe) {
    if (present) {
      object(key, describe);
    }
  }
  template <class Item, class Describe>
  void optional_list(std::string_view key, const std::vector<Item>& items, Describe describe) {
    if (!items.empty()) {
      list(key, items, describe);
    }
  }
  template <class Map, class Describe>
  void optional_map(std::string_view key, const Map& entries, Describe describe) {
    if (!entries.empty()) {
      map(key, entries, describe);
    }
  }
  // describe(archive, item) for each item.
  template <class Item, class Describe>
  void list(std::string_view key, const std::vector<Item>& items, Describe describe) {
    List list(*this, key);
    for (const Item& item : items) {
      JsonWriter inner(*context_);
      describe(inner, item);
      list.add(inner);
    }
  }
  // describe(archive, key, value) for each entry of a map.
  template <class Map, class Describe>
  void map(std::string_view key, const Map& entries, Describe describe) {
    List list(*this, key);
    for (const auto& [entry_key, value] : entries) {
      JsonWriter inner(*context_);
      describe(inner, entry_key, value);
      list.add(inner);
    }
  }

  [[nodiscard]] Context& context() { return *context_; }
  [[nodiscard]] bool compact() const { return context_->style == JsonStyle::kCompact; }
  // The object as text: one line in the compact style, else broken into lines of about 120 columns.
  [[nodiscard]] std::string text() const;

 private:
  // A list that is being written; it gets its place under `key` at once.
  class List {
   public:
    List(JsonWriter& owner, std::string_view key);
    void add(JsonWriter& inner);

   private:
    JsonWriter& owner_;
    std::string_view key_;
  };

  void put_object(std::string_view key, JsonWriter& inner);

  Context* context_;
  std::unique_ptr<nlohmann::ordered_json> value_;
};

// Reads one JSON object that may be hostile. The first problem is kept, with a JSON pointer to its
// place, and ends all further reading: later calls leave their arguments alone. Never throws. One
// thread.
class JsonReader {
 public:
  static constexpr bool kReads = true;
  struct Context {
    JsonStyle style = JsonStyle::kFull;  // kCompact: fields may be missing, and keep their defaults
    std::array<JsonNames, kJsonTableCount> names;  // by JsonTable
    std::optional<Error> error;
    std::size_t histogram_bytes = 0;  // of all histograms read so far; bounded
  };

  // Borrows both; they outlive this.
  JsonReader(Context& context, const nlohmann::json& value)
      : JsonReader(context, &value, nullptr) {}

  void field(std::string_view key, std::uint64_t& value);
  void field(std::string_view key, std::uint32_t& value);
  void field(std::string_view key, std::int64_t& value);
  void field(std::string_view key, int& value);
  void field(std::string_view key, bool& value);
  void field(std::string_view key, double& value);
  void field(std::string_view key, std::string& value);
  void field(std::string_view key, std::vector<std::string>& value);
  void field(std::string_view key, Duration& value);
  void always(std::string_view key, std::uint32_t& value);
  void always(std::string_view key, bool& value);
  void always(std::string_view key, std::string& value);
  void sparse(std::string_view key, std::uint64_t& value);
  void sparse(std::string_view key, std::uint32_t& value);
  void sparse(std::string_view key, std::string& value);
  void mark(std::string_view key, bool& value);
  void maybe(std::string_view key, std::int64_t& value);
  void reference(std::string_view key, JsonTable table, std::uint16_t& index);
  void references(std::string_view key, JsonTable table, std::vector<std::uint16_t>& indices);
  // Fails, too, when the histogram's layout is not that of `histogram`.
  void histogram(std::string_view key, stats::Histogram& histogram, JsonUnit unit);
  void numbers(std::string_view key, std::vector<std::uint64_t>& values);
  void for_people(std::string_view /*key*/, const std::string& /*value*/) {}

  template <class Describe>
  void object(std::string_view key, Describe describe) {
    if (const nlohmann::json* value = find(key, Kind::kObject)) {
      JsonReader inner(*context_, value, this, key);
      describe(inner);
    }
  }
  // What is not there leaves its argument alone. `present` is the writer's.
  template <class Describe>
  void optional_object(std::string_view key, bool /*present*/, Describe describe) {
    if (const nlohmann::json* value = find(key, Kind::kObject, Missing::kAlways)) {
      JsonReader inner(*context_, value, this, key);
      describe(inner);
    }
  }
  template <class Item, class Describe>
  void optional_list(std::string_view key, std::vector<Item>& items, Describe describe) {
    if (find(key, Kind::kArray, Missing::kAlways) != nullptr) {
      list(key, items, describe);
    }
  }
  template <class Map, class Describe>
  void optional_map(std::string_view key, Map& entries, Describe describe) {
    if (find(key, Kind::kArray, Missing::kAlways) != nullptr) {
      map(key, entries, describe);
    }
  }
  template <class Item, class Describe>
  void list(std::string_view key, std::vector<Item>& items, Describe describe) {
    each(key, [&](JsonReader& inner) { describe(inner, items.emplace_back()); });
  }
  // Equal keys are a failure.
  template <class Map, class Describe>
  void map(std::string_view key, Map& entries, Describe describe) {
    each(key, [&](JsonReader& inner) {
      typename Map::key_type entry_key;
      typename Map::mapped_type value;
      describe(inner, entry_key, value);
      if (inner.ok() && !entries.emplace(std::move(entry_key), std::move(value)).second) {
        inner.refuse("", "the same entry twice");
      }
    });
  }

  [[nodiscard]] Context& context() { return *context_; }
  [[nodiscard]] bool compact() const { return context_->style == JsonStyle::kCompact; }
  [[nodiscard]] bool ok() const { return !context_->error; }
  // Records a problem with the value under `key`; with this object itself when `key` is empty.
  void refuse(std::string_view key, std::string_view problem);

 private:
  enum class Kind : std::uint8_t { kAny, kObject, kArray, kString, kBool };

  JsonReader(Context& context, const nlohmann::json* value, const JsonReader* parent,
             std::string_view key = {}, std::size_t index = 0)
      : context_(&context), value_(value), parent_(parent), key_(key), index_(index) {}

  template <class Visit>
  void each(std::string_view key, Visit visit) {
    const nlohmann::json* array = find(key, Kind::kArray);
    for (std::size_t i = 0; array != nullptr && ok() && i < size_of(*array); ++i) {
      JsonReader inner(*context_, &item_of(*array, i), this, key, i + 1);
      if (inner.require_object()) {
        visit(inner);
      }
    }
  }
  // The value under `key`; null with a problem recorded when it is missing or of another kind, null
  // without one when it may be missing.
  enum class Missing : std::uint8_t { kByStyle, kNever, kAlways };
  [[nodiscard]] const nlohmann::json* find(std::string_view key, Kind kind,
                                           Missing missing = Missing::kByStyle);
  [[nodiscard]] std::optional<std::uint64_t> unsigned_at(std::string_view key, std::uint64_t most,
                                                         Missing missing);
  [[nodiscard]] std::optional<std::int64_t> signed_at(std::string_view key);
  [[nodiscard]] std::optional<std::uint16_t> index_from(const nlohmann::json& value,
                                                        JsonTable table) const;
  [[nodiscard]] bool require_object();
  [[nodiscard]] std::string pointer() const;
  [[nodiscard]] static std::size_t size_of(const nlohmann::json& array);
  [[nodiscard]] static const nlohmann::json& item_of(const nlohmann::json& array,
                                                     std::size_t index);

  Context* context_;
  const nlohmann::json* value_;
  const JsonReader* parent_;
  std::string_view key_;
  std::size_t index_;  // from 1 inside a list, else 0
};

}  // namespace squall::model
