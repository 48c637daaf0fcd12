#include "loadgen/verify/case.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace squall::verify {
namespace {

constexpr std::size_t kKeyLength = 36;  // of what make_key makes: a UUID

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_key(std::string_view text) {
  if (text.size() != kKeyLength) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) {
      return false;
    }
  }
  return true;
}

// Calls `found(position)` for each key in the text, from left to right.
template <class Found>
void for_each_key(std::string_view text, Found found) {
  for (std::size_t at = 0; at + kKeyLength <= text.size();) {
    if (is_key(text.substr(at, kKeyLength))) {
      found(at);
      at += kKeyLength;
    } else {
      ++at;
    }
  }
}

void collect_own(const Shot& shot, Case& one) {
  const auto keep = [&](std::string_view text) {
    for_each_key(text, [&](std::size_t at) { one.own.emplace(text.substr(at, kKeyLength)); });
  };
  const Operation& operation = shot.operation;
  for (const std::string& text :
       {operation.key, operation.token, operation.value, operation.event}) {
    keep(text);
  }
  for (const std::string& line : shot.edit.raw_keys) {
    keep(line);
  }
}

bool together(const std::vector<CaseShot>& play) {
  return std::any_of(play.begin(), play.end(),
                     [](const CaseShot& one) { return one.shot.barrier.has_value(); });
}

bool holds(const std::vector<CasePart>& parts, std::span<const std::size_t> kept,
           CasePart::What what, std::size_t play, std::size_t shot) {
  return std::any_of(kept.begin(), kept.end(), [&](std::size_t position) {
    const CasePart& part = parts[position];
    return part.what == what && part.play == play && part.shot == shot;
  });
}

}  // namespace

std::size_t Case::shots() const {
  std::size_t count = 0;
  for (const auto& play : plays) {
    count += play.size();
  }
  return count;
}

Case case_told_by(const Trial& trial, const Telltale& telltale) {
  Case one;
  one.sign = telltale.sign;
  for (const std::size_t position : {telltale.first, telltale.second}) {
    const Sent& sent = trial.sent().at(position);
    one.plays.push_back(
        {{.shot = sent.shot, .request = sent.answer.request, .id = sent.answer.id}});
    collect_own(sent.shot, one);
  }
  return one;
}

std::optional<Case> case_of(const Trial& trial) {
  if (!trial.acts().empty() || trial.has_deeds() || trial.sent().empty()) {
    return std::nullopt;
  }
  Case one;
  for (const Sent& sent : trial.sent()) {
    one.plays.resize(std::max(one.plays.size(), sent.play + 1));
    one.plays[sent.play].push_back(
        {.shot = sent.shot, .request = sent.answer.request, .id = sent.answer.id});
    collect_own(sent.shot, one);
  }
  std::erase_if(one.plays, [](const auto& play) { return play.empty(); });
  for (const Expectation& expectation : trial.expectations()) {
    one.bounds.push_back({expectation.token, expectation.most, expectation.usual});
  }
  return one;
}

std::vector<CasePart> parts_of(const Case& one) {
  using What = CasePart::What;
  std::vector<CasePart> parts;
  std::vector<CasePart> manners;
  for (std::size_t play = 0; play < one.plays.size(); ++play) {
    for (std::size_t i = 0; i < one.plays[play].size(); ++i) {
      const Shot& shot = one.plays[play][i].shot;
      parts.push_back({What::kShot, play, i});
      const auto add = [&](What what, bool has) {
        if (has) {
          manners.push_back({what, play, i});
        }
      };
      add(What::kCut, shot.cut.has_value());
      add(What::kDelay, shot.after > Duration::zero());
      add(What::kReplica, shot.replica != 0);
      add(What::kConnection, shot.fresh_connection);
    }
    if (together(one.plays[play])) {
      manners.push_back({What::kBarrier, play, 0});
    }
  }
  parts.insert(parts.end(), manners.begin(), manners.end());
  return parts;
}

Case with_parts(const Case& one, const std::vector<CasePart>& parts,
                std::span<const std::size_t> kept) {
  using What = CasePart::What;
  Case result{.plays = {}, .bounds = one.bounds, .own = one.own};
  for (std::size_t play = 0; play < one.plays.size(); ++play) {
    std::vector<CaseShot> shots;
    const bool barrier = holds(parts, kept, What::kBarrier, play, 0);
    for (std::size_t i = 0; i < one.plays[play].size(); ++i) {
      if (!holds(parts, kept, What::kShot, play, i)) {
        continue;
      }
      CaseShot shot = one.plays[play][i];
      if (!barrier) {
        shot.shot.barrier.reset();
      }
      if (!holds(parts, kept, What::kCut, play, i)) {
        shot.shot.cut.reset();
      }
      if (!holds(parts, kept, What::kDelay, play, i)) {
        shot.shot.after = Duration::zero();
      }
      if (!holds(parts, kept, What::kReplica, play, i)) {
        shot.shot.replica = 0;
      }
      shot.shot.fresh_connection = holds(parts, kept, What::kConnection, play, i);
      shots.push_back(std::move(shot));
    }
    if (!shots.empty()) {
      result.plays.push_back(std::move(shots));
    }
  }
  return result;
}

std::string describe(const Case& one) {
  std::string text;
  for (const auto& play : one.plays) {
    const auto cuts = std::count_if(play.begin(), play.end(),
                                    [](const CaseShot& shot) { return shot.shot.cut.has_value(); });
    const bool delayed = std::any_of(play.begin(), play.end(), [](const CaseShot& shot) {
      return shot.shot.after > Duration::zero();
    });
    text += text.empty() ? "" : ", then ";
    text += fmt::format("{} request{}", play.size(), play.size() == 1 ? "" : "s");
    text += play.size() == 1 ? ""
            : together(play) ? " at the same instant"
            : delayed        ? " that overlap"
                             : " together";
    text += cuts > 0 ? fmt::format(" ({} cut)", cuts) : "";
  }
  return text;
}

const std::string& Refreshed::value(const std::string& recorded) {
  const auto [entry, added] = values_.try_emplace(recorded);
  if (added) {
    entry->second = new_value_();
  }
  return entry->second;
}

std::string Refreshed::text(std::string_view recorded) {
  std::string result(recorded);
  for_each_key(recorded, [&](std::size_t at) {
    const std::string key(recorded.substr(at, kKeyLength));
    if (const auto id = ids_.find(key); id != ids_.end() && id->second.size() == kKeyLength) {
      result.replace(at, kKeyLength, id->second);
    } else if (case_.own.contains(key)) {
      const std::string& fresh = value(key);
      // REQUIRES of for_each_key's positions: they are those of the record.
      if (fresh.size() == kKeyLength) {
        result.replace(at, kKeyLength, fresh);
      }
    }
  });
  return result;
}

Shot Refreshed::shot(const CaseShot& recorded) {
  Shot shot = recorded.shot;
  shot.operation.key = text(shot.operation.key);
  shot.operation.token = text(shot.operation.token);
  shot.operation.value = text(shot.operation.value);
  shot.operation.event = text(shot.operation.event);
  if (const auto id = ids_.find(shot.operation.id); id != ids_.end()) {
    shot.operation.id = id->second;
  }
  for (std::string& line : shot.edit.raw_keys) {
    line = text(line);
  }
  if (shot.edit.body) {
    shot.edit.body = text(*shot.edit.body);
  }
  for (auto& [name, value] : shot.edit.headers) {
    value = text(value);
  }
  return shot;
}

void Refreshed::learn_id(const CaseShot& recorded, const Answer& answer) {
  if (recorded.id && answer.id) {
    ids_.try_emplace(*recorded.id, *answer.id);
  }
}

}  // namespace squall::verify
