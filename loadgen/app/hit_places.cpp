#include "loadgen/app/hit_places.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "loadgen/base/text.hpp"

namespace squall::app {
namespace {

using expr::Array;
using expr::Entry;
using expr::Table;
using expr::Value;

void place(Value& value, const SourceRef& where) {
  value.where = where;
  if (auto* array = std::get_if<Array>(&value.data)) {
    for (Value& element : *array) {
      place(element, where);
    }
  } else if (auto* table = std::get_if<Table>(&value.data)) {
    for (Entry& entry : *table) {
      entry.key_where = where;
      place(entry.value, where);
    }
  }
}

void place_key(Value& table, std::string_view key, const SourceRef& where) {
  if (Value* value = table.find(key)) {
    place(*value, where);
  }
}

SourceRef option(std::string_view name) {
  return {std::string(name), 1, 1};
}

Array* list(Value& table, std::string_view key) {
  Value* value = table.find(key);
  return value != nullptr ? std::get_if<Array>(&value->data) : nullptr;
}

using Options = std::pair<std::string_view, std::string_view>;  // key, option

// The same keys for one scenario and for [load].
void place_source(Value& table, const HitOptions& options) {
  place_key(table, "arrivals", option("--rate"));
  place_key(table, "users", option(options.users ? "--users" : "--connections"));
  place_key(table, "think", option("--think"));
  place_key(table, "iterations", option("--requests"));
  if (Value* arrivals = options.ramp.empty() ? nullptr : table.find("arrivals")) {
    place_key(*arrivals, "over", option("--ramp"));
  }
}

void place_load(Value& load, const HitOptions& options) {
  constexpr std::array<Options, 3> kOptions{
      {{"warmup", "--warmup"}, {"duration", "--for"}, {"connections", "--connections"}}};
  for (const auto& [key, name] : kOptions) {
    place_key(load, key, option(name));
  }
  place_source(load, options);
}

// The argument of --header that this field was made of; null when none was (a list of targets, a
// credential that was hidden, several that were joined).
void place_header(Entry& field, const HitOptions& options) {
  const std::string* wanted = field.value.as_string();
  for (std::size_t i = 0; i < options.headers.size(); ++i) {
    const std::string_view typed = options.headers[i];
    const std::size_t colon = typed.find(':');
    const std::string_view value = trim(typed.substr(colon + 1));
    if (wanted != nullptr && value == *wanted &&
        equals_ignoring_case(trim(typed.substr(0, colon)), field.key)) {
      const auto ordinal = static_cast<unsigned>(i + 1);
      field.key_where = {"--header", ordinal, 1};
      place(field.value,
            {"--header", ordinal, static_cast<unsigned>(value.data() - typed.data()) + 1});
      return;
    }
  }
}

void place_step(Value& step, std::size_t position, const HitOptions& options) {
  const bool listed = position >= options.urls.size();
  const SourceRef address =
      listed ? option("--targets") : SourceRef{"URL", static_cast<unsigned>(position + 1), 1};
  place(step, address);
  if (Value* headers = step.find("headers")) {
    for (Entry& field : std::get<Table>(headers->data)) {
      place_header(field, options);
    }
  }
  const bool json = !options.json.empty();
  const std::string& typed = json ? options.json : options.data;
  if (!typed.empty() && !listed) {
    const SourceRef where =
        typed.starts_with('@') ? option(typed.substr(1)) : option(json ? "--json" : "--data");
    place_key(step, "body", where);
    place_key(step, "body_file", where);
  }
}

void place_tls(Value& tls, const HitOptions& options) {
  place(tls, option("--insecure"));
  place_key(tls, "ca", option("--cacert"));
  place_key(tls, "certificate", option("--cert"));
  place_key(tls, "key", option(options.key_file.empty() ? "--cert" : "--key"));
}

void place_faults(Array& faults) {
  constexpr std::array<Options, 3> kOptions{
      {{"drop", "--drop"}, {"duplicate", "--duplicate"}, {"latency", "--latency"}}};
  for (Value& fault : faults) {
    const Value* kind = fault.find("kind");
    for (const auto& [word, name] : kOptions) {
      if (kind != nullptr && kind->as_string() != nullptr && *kind->as_string() == word) {
        place(fault, option(name));
      }
    }
  }
}

}  // namespace

void set_places(Value& document, const HitOptions& options) {
  place(document, option("squall hit"));
  if (Array* targets = list(document, "target")) {
    for (Value& target : *targets) {
      place_key(target, "urls", option("URL"));
      place_key(target, "timeout", option("--timeout"));
      place_key(target, "http", option("--http2"));
      if (Value* tls = target.find("tls")) {
        place_tls(*tls, options);
      }
    }
  }
  if (Value* load = document.find("load")) {
    place_load(*load, options);
  }
  if (Array* scenarios = list(document, "scenario")) {
    for (std::size_t i = 0; i < scenarios->size(); ++i) {
      place_source((*scenarios)[i], options);
      if (Array* steps = list((*scenarios)[i], "step")) {
        place_step(steps->front(), i, options);
      }
    }
  }
  if (Array* faults = list(document, "fault")) {
    place_faults(*faults);
  }
  Value* checks = document.find("checks");
  if (Array* require = checks != nullptr ? list(*checks, "require") : nullptr) {
    for (std::size_t i = 0; i < require->size(); ++i) {
      place((*require)[i], {"--require", static_cast<unsigned>(i + 1), 1});
    }
  }
}

}  // namespace squall::app
