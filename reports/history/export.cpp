#include "reports/history/export.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/core.h>

#include "reports/history/fold.hpp"

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;
using model::HistoryScalar;
using model::HistoryValue;

enum class Notation : std::uint8_t { kEdn, kJson };
enum class Shape : std::uint8_t { kFlat, kTransactions };

// After folding an operation may begin before the process of its last attempt did.
void assign_processes(std::vector<HistoryOperation>& operations) {
  struct Process {
    std::uint64_t number = 0;
    Duration complete{};
  };
  std::unordered_map<std::uint64_t, Process> clients;
  std::uint64_t next = 0;
  for (HistoryOperation& one : operations) {
    const auto known = clients.find(one.client);
    const bool goes_on = known != clients.end() && one.invoke > known->second.complete;
    one.process = goes_on ? known->second.number : next++;
    const bool retired = one.outcome == HistoryOutcome::kInfo;
    clients[one.client] = {one.process, retired ? Duration::max() : one.complete};
  }
}

struct Event {
  Duration at{};
  bool completes = false;  // of equal instants, what begins comes first: then the two overlap
  const HistoryOperation* operation = nullptr;
};

std::vector<Event> events_of(const std::vector<HistoryOperation>& operations) {
  std::vector<Event> events;
  events.reserve(operations.size() * 2);
  for (const HistoryOperation& one : operations) {
    events.push_back({one.invoke, false, &one});
    events.push_back({one.complete, true, &one});
  }
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::pair(a.at, a.completes) < std::pair(b.at, b.completes);
  });
  return events;
}

// Writes one event after the other. A value.
class Writer {
 public:
  Writer(Notation notation, bool appends, Shape shape)
      : json_(notation == Notation::kJson), appends_(appends), shape_(shape) {}

  [[nodiscard]] std::string line(const Event& event, std::size_t index, std::string_view step) {
    const HistoryOperation& one = *event.operation;
    const bool txn = is_txn(one);
    std::string text = "{";
    field(text, "index", std::to_string(index));
    field(text, "type", word(event.completes ? to_string(one.outcome) : "invoke"));
    field(text, "process", std::to_string(one.process));
    field(text, "f", word(txn ? "txn" : to_string(one.op)));
    if (!txn) {
      field(text, "key", scalar(model::history_scalar(one.key)));
    }
    // A read says what it saw only when it has.
    const bool known = one.op != HistoryOp::kRead || (event.completes && is_ok(one));
    const std::string shown = known ? value(one.value) : nothing();
    field(text, "value", txn ? micro_operation(one, shown) : shown);
    field(text, "time", std::to_string(event.at.count()));
    field(text, "step", string(step));
    return text + "}";
  }

 private:
  static bool is_ok(const HistoryOperation& one) { return one.outcome == HistoryOutcome::kOk; }

  [[nodiscard]] bool is_txn(const HistoryOperation& one) const {
    switch (one.op) {
      case HistoryOp::kAppend:
        return true;
      case HistoryOp::kRead:
        return appends_ || shape_ == Shape::kTransactions;
      case HistoryOp::kWrite:
        return shape_ == Shape::kTransactions;
      case HistoryOp::kCas:
      case HistoryOp::kAdd:
      case HistoryOp::kTransfer:
        return false;
    }
    return false;
  }

  void field(std::string& text, std::string_view name, const std::string& what) const {
    const bool first = text.size() == 1;
    text += json_ ? fmt::format("{}\"{}\":{}", first ? "" : ",", name, what)
                  : fmt::format("{}:{} {}", first ? "" : ", ", name, what);
  }
  [[nodiscard]] std::string word(std::string_view name) const {
    return json_ ? fmt::format("\"{}\"", name) : fmt::format(":{}", name);
  }
  [[nodiscard]] std::string nothing() const { return json_ ? "null" : "nil"; }
  // EDN reads the escapes that JSON writes.
  [[nodiscard]] static std::string string(std::string_view text) {
    return model::to_json(HistoryValue(std::string(text)));
  }
  [[nodiscard]] std::string scalar(const HistoryScalar& one) const {
    return std::holds_alternative<std::monostate>(one) ? nothing()
                                                       : model::to_json(model::history_value(one));
  }

  [[nodiscard]] std::string value(const HistoryValue& one) const {
    if (json_) {
      return model::to_json(one);
    }
    if (const auto* list = std::get_if<model::HistoryList>(&one)) {
      std::string text = "[";
      for (const HistoryScalar& element : *list) {
        text += (text.size() == 1 ? "" : " ") + scalar(element);
      }
      return text + "]";
    }
    if (const auto* map = std::get_if<model::HistoryMap>(&one)) {
      std::string text = "{";
      for (const auto& [name, part] : *map) {
        text += fmt::format("{}{} {}", text.size() == 1 ? "" : ", ",
                            scalar(model::history_scalar(name)), scalar(part));
      }
      return text + "}";
    }
    return std::holds_alternative<std::monostate>(one) ? nothing() : model::to_json(one);
  }

  [[nodiscard]] std::string micro_operation(const HistoryOperation& one,
                                            const std::string& shown) const {
    const std::string_view name = one.op == HistoryOp::kRead    ? "r"
                                  : one.op == HistoryOp::kWrite ? "w"
                                                                : "append";
    return json_ ? fmt::format("[[{},{},{}]]", word(name), scalar(model::history_scalar(one.key)),
                               shown)
                 : fmt::format("[[{} {} {}]]", word(name), scalar(model::history_scalar(one.key)),
                               shown);
  }

  bool json_;
  bool appends_;
  Shape shape_;
};

std::string rendered(const std::vector<HistoryOperation>& attempts,
                     const std::vector<std::string>& steps, Notation notation, Shape shape) {
  std::vector<HistoryOperation> operations = fold_attempts(attempts, model::HistoryRepeats::kOnce);
  assign_processes(operations);
  const bool appends =
      std::any_of(operations.begin(), operations.end(),
                  [](const HistoryOperation& one) { return one.op == HistoryOp::kAppend; });
  Writer writer(notation, appends, shape);
  const bool json = notation == Notation::kJson;
  std::string text = json ? "[" : "";
  std::size_t index = 0;
  for (const Event& event : events_of(operations)) {
    const std::uint16_t step = event.operation->step;
    text += json && index > 0 ? ",\n" : "";
    text += writer.line(event, index++, step < steps.size() ? steps[step] : std::string());
    text += json ? "" : "\n";
  }
  return json ? text + "]\n" : text;
}

constexpr std::array kExports{
    HistoryExport{"edn", "the history as Jepsen's operation maps, one a line",
                  [](const auto& attempts, const auto& steps) {
                    return rendered(attempts, steps, Notation::kEdn, Shape::kFlat);
                  }},
    HistoryExport{"edn-txn", "the same with reads and writes as transactions, for Elle",
                  [](const auto& attempts, const auto& steps) {
                    return rendered(attempts, steps, Notation::kEdn, Shape::kTransactions);
                  }},
    HistoryExport{"history-json", "the history as one JSON array of such maps",
                  [](const auto& attempts, const auto& steps) {
                    return rendered(attempts, steps, Notation::kJson, Shape::kFlat);
                  }}};

}  // namespace

std::span<const HistoryExport> history_exports() {
  return kExports;
}

}  // namespace squall::reports
