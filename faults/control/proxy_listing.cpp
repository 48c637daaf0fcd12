#include "faults/control/proxy_listing.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/core.h>

#include "faults/control/json_writer.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

using Cells = std::vector<std::string>;

// Aligned columns; a cell may have a color of its own.
class Table {
 public:
  Table(Cells head, ListStyle style) : colored_(style == ListStyle::kColored) {
    rows_.push_back(std::move(head));
    colors_.push_back(kBold);
  }
  void add(Cells cells, std::string_view color = {}) {
    rows_.push_back(std::move(cells));
    colors_.push_back(color);
  }
  [[nodiscard]] std::string text() const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const Cells& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], row[i].size());
      }
    }
    std::string out;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      std::string line;
      for (std::size_t i = 0; i < rows_[r].size(); ++i) {
        line += i + 1 == rows_[r].size() ? rows_[r][i]
                                         : fmt::format("{:<{}}  ", rows_[r][i], widths[i]);
      }
      const bool colored = colored_ && !colors_[r].empty();
      out += colored ? std::string(colors_[r]) + line + std::string(kPlain) : line;
      out += '\n';
    }
    return out;
  }

 private:
  bool colored_;
  std::vector<Cells> rows_;
  std::vector<std::string_view> colors_;
};

// A string as it is, anything else as JSON; empty when absent.
std::string text_of(const expr::Value& table, std::string_view name) {
  const expr::Value* const found = table.find(name);
  if (found == nullptr) {
    return {};
  }
  if (const std::string* text = found->as_string()) {
    return printable(*text);
  }
  std::string json;
  append_json(*found, json);
  return json;
}

bool is_enabled(const expr::Value& proxy) {
  const expr::Value* const found = proxy.find("enabled");
  const bool* const enabled = found == nullptr ? nullptr : std::get_if<bool>(&found->data);
  return enabled != nullptr && *enabled;
}

const expr::Array& toxics_of(const expr::Value& proxy) {
  static const expr::Array kNone;
  const expr::Value* const found = proxy.find("toxics");
  return found != nullptr && found->as_array() != nullptr ? *found->as_array() : kNone;
}

std::vector<const expr::Entry*> sorted(const expr::Value* table) {
  std::vector<const expr::Entry*> entries;
  if (table != nullptr && table->as_table() != nullptr) {
    for (const expr::Entry& entry : *table->as_table()) {
      entries.push_back(&entry);
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto* a, const auto* b) { return a->key < b->key; });
  return entries;
}

double toxicity_of(const expr::Value& toxic) {
  const expr::Value* const found = toxic.find("toxicity");
  if (found == nullptr) {
    return 0;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&found->data)) {
    return static_cast<double>(*integer);
  }
  const double* const number = std::get_if<double>(&found->data);
  return number == nullptr ? 0 : *number;
}

std::string tabbed_toxic(const expr::Value& toxic) {
  std::string line =
      fmt::format("{}\ttype={}\tstream={}\ttoxicity={:.2f}\tattributes=[", text_of(toxic, "name"),
                  text_of(toxic, "type"), text_of(toxic, "stream"), toxicity_of(toxic));
  const expr::Value* const attributes = toxic.find("attributes");
  for (const expr::Entry* entry : sorted(attributes)) {
    line += fmt::format("\t{}={}", entry->key, text_of(*attributes, entry->key));
  }
  return line + "\t]\n";
}

std::string attributes_text(const expr::Value& toxic) {
  std::string text;
  const expr::Value* const attributes = toxic.find("attributes");
  for (const expr::Entry* entry : sorted(attributes)) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", entry->key,
                        text_of(*attributes, entry->key));
  }
  return text;
}

}  // namespace

std::string proxy_listing(const expr::Value& proxies, ListStyle style) {
  std::string tabs;
  Table table({"NAME", "LISTEN", "UPSTREAM", "STATE", "TOXICS"}, style);
  const auto entries = sorted(&proxies);
  for (const expr::Entry* entry : entries) {
    const expr::Value& proxy = entry->value;
    const bool enabled = is_enabled(proxy);
    Cells cells{text_of(proxy, "name"), text_of(proxy, "listen"), text_of(proxy, "upstream"),
                enabled ? "enabled" : "disabled", std::to_string(toxics_of(proxy).size())};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      tabs += cells[i] + (i + 1 == cells.size() ? "\n" : "\t");
    }
    table.add(std::move(cells), enabled ? kGreen : kRed);
  }
  if (style == ListStyle::kTabs) {
    return tabs;
  }
  return entries.empty() ? "no proxies; make one with `squall proxy create`\n" : table.text();
}

std::string toxic_listing(const expr::Value& proxy, ListStyle style) {
  const expr::Array& toxics = toxics_of(proxy);
  std::string tabs;
  Table table({"TOXIC", "TYPE", "STREAM", "TOXICITY", "FIRED", "ATTRIBUTES"}, style);
  for (const expr::Value& toxic : toxics) {
    tabs += tabbed_toxic(toxic);
    table.add({text_of(toxic, "name"), text_of(toxic, "type"), text_of(toxic, "stream"),
               fmt::format("{:.2f}", toxicity_of(toxic)), text_of(toxic, "fired"),
               attributes_text(toxic)});
  }
  if (style == ListStyle::kTabs) {
    return tabs;
  }
  const std::string head = fmt::format("{} ({}): {} -> {}\n", text_of(proxy, "name"),
                                       is_enabled(proxy) ? "enabled" : "disabled",
                                       text_of(proxy, "listen"), text_of(proxy, "upstream"));
  return head +
         (toxics.empty() ? "no toxics; add one with `squall proxy toxic add`\n" : table.text());
}

}  // namespace squall::faults
