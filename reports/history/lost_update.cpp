// Lost updates: what each acknowledged operation put into a shared list, log or text is there in
// the end.
#include <algorithm>
#include <functional>
#include <unordered_map>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "reports/history/checker.hpp"

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;
using model::Verdict;

struct Counts {
  bool any_shown = false;  // else nothing in a read may be a plan that looks at the wrong place
  std::uint64_t acked = 0;
  std::uint64_t lost = 0;
  std::uint64_t twice = 0;
  std::uint64_t phantom = 0;
  std::uint64_t unread = 0;  // acknowledged, and no read was invoked after that
  std::uint64_t keys_read = 0;
};

std::string token_of(const HistoryOperation& one) {
  if (const auto* text = std::get_if<std::string>(&one.value)) {
    return *text;
  }
  const auto* number = std::get_if<std::int64_t>(&one.value);
  return number == nullptr ? std::string() : std::to_string(*number);
}

struct Token {
  const HistoryOperation* put = nullptr;  // the surest
  std::uint64_t puts = 0;                 // operations that may have put it there
  std::uint64_t shown = 0;
};
using Tokens = std::unordered_map<std::string_view, Token>;

void count_whole(std::string_view value, Tokens& tokens) {
  if (const auto found = tokens.find(value); found != tokens.end()) {
    ++found->second.shown;
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether a number stands there by itself: the 1 of "12" is none. Other tokens may touch.
bool stands_alone(std::string_view text, std::size_t at, std::string_view token) {
  const std::size_t end = at + token.size();
  return !std::all_of(token.begin(), token.end(), is_digit) ||
         ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end])));
}

// The lengths of all tokens, the longest first. They come from one template, so there are few.
std::vector<std::size_t> lengths_of(const Tokens& tokens) {
  std::vector<std::size_t> lengths;
  lengths.reserve(tokens.size());
  for (const auto& [token, state] : tokens) {
    lengths.push_back(token.size());
  }
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  return lengths;
}

// From left to right, at each place the longest token that stands there: "note-1" is not in
// "note-10".
void count_inside(std::string_view text, Tokens& tokens) {
  const std::vector<std::size_t> lengths = lengths_of(tokens);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t taken = 1;
    for (const std::size_t length : lengths) {
      const auto found = length > 0 && length <= text.size() - at
                             ? tokens.find(text.substr(at, length))
                             : tokens.end();
      if (found != tokens.end() && stands_alone(text, at, found->first)) {
        ++found->second.shown;
        taken = length;
        break;
      }
    }
    at += taken;
  }
}

// Whether what the read saw can hold tokens.
bool count_shown(const HistoryOperation& read, Tokens& tokens) {
  if (const auto* list = std::get_if<model::HistoryList>(&read.value)) {
    for (const model::HistoryScalar& one : *list) {
      if (const auto* text = std::get_if<std::string>(&one)) {
        count_whole(*text, tokens);
      } else if (const auto* number = std::get_if<std::int64_t>(&one)) {
        count_whole(std::to_string(*number), tokens);
      }
    }
    return true;
  }
  if (const auto* text = std::get_if<std::string>(&read.value)) {
    count_inside(*text, tokens);
    return true;
  }
  if (const auto* number = std::get_if<std::int64_t>(&read.value)) {
    count_whole(std::to_string(*number), tokens);
    return true;
  }
  return std::holds_alternative<std::monostate>(read.value);
}

bool shows_something(const HistoryOperation& one) {
  return is_ok_read(one) && !std::holds_alternative<std::monostate>(one.value);
}

class LogOfKey {
 public:
  LogOfKey(const KeyHistory& history, const model::HistoryCheckPlan& plan, Counts& counts,
           HistoryJudgement& judgement)
      : plan_(plan), counts_(counts), judgement_(judgement), key_(history.key) {
    for (const HistoryOperation* one : history.operations) {
      if (is_ok_read(*one)) {
        last_ = one;  // in order of invoke
      } else if (one->op == HistoryOp::kAppend || one->op == HistoryOp::kWrite) {
        puts_.push_back(one);
      }
    }
    for (const HistoryOperation* one : puts_) {
      texts_.push_back(token_of(*one));
    }
  }

  void judge() {
    Tokens tokens;
    for (std::size_t i = 0; i < puts_.size(); ++i) {
      Token& token = tokens[texts_[i]];
      token.puts += puts_[i]->outcome == HistoryOutcome::kFail ? 0U : 1U;
      // Several operations may have one token, with HistoryRepeats::kAgain always: the surest
      // counts.
      if (token.put == nullptr || puts_[i]->outcome < token.put->outcome) {
        token.put = puts_[i];
      }
    }
    const bool readable = last_ != nullptr && counts_.any_shown && count_shown(*last_, tokens);
    counts_.keys_read += readable ? 1U : 0U;
    for (std::size_t i = 0; i < puts_.size(); ++i) {
      const Token& token = tokens[texts_[i]];
      if (token.put == puts_[i]) {
        judge_token(token, readable);
      }
    }
  }

 private:
  void judge_token(const Token& token, bool readable) {
    const bool acked = is_ok(*token.put);
    counts_.acked += acked ? 1U : 0U;
    if (!readable || (acked && token.put->complete >= last_->invoke && token.shown == 0)) {
      counts_.unread += acked ? 1U : 0U;
      return;
    }
    if (acked && token.shown == 0) {
      ++counts_.lost;
      show("lost", token);
    }
    if (token.shown > std::max<std::uint64_t>(token.puts, 1) &&
        plan_.repeats == model::HistoryRepeats::kOnce) {
      ++counts_.twice;
      show("there more often than it was put", token);
    }
    if (token.shown > 0 && token.put->outcome == HistoryOutcome::kFail) {
      ++counts_.phantom;
      show("refused, and there all the same", token);
    }
  }

  void show(std::string_view what, const Token& token) {
    add_witness(judgement_, fmt::format("{}, key {}", what, printable(key_)));
    add_witness(judgement_, "  " + model::witness_line(*token.put));
    add_witness(judgement_, "  " + model::witness_line(*last_));
  }

  const model::HistoryCheckPlan& plan_;
  Counts& counts_;
  HistoryJudgement& judgement_;
  std::string_view key_;
  std::vector<const HistoryOperation*> puts_;
  std::vector<std::string> texts_;  // parallel to puts_
  const HistoryOperation* last_ = nullptr;
};

}  // namespace

HistoryJudgement check_lost_update(std::span<const HistoryOperation> operations,
                                   const model::HistoryCheckPlan& plan) {
  HistoryJudgement judgement;
  Counts counts;
  counts.any_shown = std::any_of(operations.begin(), operations.end(), shows_something);
  for (const KeyHistory& history : split_by_key(operations)) {
    LogOfKey(history, plan, counts, judgement).judge();
  }
  judgement.violations = counts.lost + counts.twice + counts.phantom;
  judgement.counts = {{"acked", counts.acked},     {"lost", counts.lost},
                      {"twice", counts.twice},     {"phantom", counts.phantom},
                      {"not read", counts.unread}, {"keys read", counts.keys_read}};
  judgement.summary = fmt::format(
      "of {} that were acknowledged {} lost, {} twice; {} there although refused; {} not read "
      "back",
      count_of(counts.acked, "update"), counts.lost, counts.twice, counts.phantom, counts.unread);
  if (judgement.violations > 0) {
    judgement.verdict = Verdict::kFail;
  } else if (counts.unread >= counts.acked) {
    judgement.verdict = Verdict::kInconclusive;
  }
  return judgement;
}

}  // namespace squall::reports
