#include "loadgen/import/plan_writer.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/toml_writer.hpp"

namespace squall::import {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kMaxComment = 2000;  // bytes of one comment; outside text may be long
constexpr std::string_view kStepIndent = "  ";
constexpr std::string_view kChildIndent = "    ";

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void indent(std::string_view indent) { indent_ = indent; }
  void blank() { out_ += '\n'; }
  void line(std::string_view text) { out_.append(indent_).append(text) += '\n'; }

  // Broken between words.
  void comment(std::string_view text) {
    const std::string safe = printable(text, kMaxComment);
    std::string_view rest = safe;
    do {
      const std::size_t room = kWidth - indent_.size() - 2;
      std::size_t end = rest.size();
      if (end > room) {
        end = rest.rfind(' ', room);
        end = end == std::string_view::npos ? std::min(rest.find(' '), rest.size()) : end;
      }
      line(end == 0 ? "#" : fmt::format("# {}", rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    } while (!rest.empty());
  }
  void comments(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      comment(text);
    }
  }

  void setting(const DraftSetting& setting) {
    std::string text = expr::toml_key(setting.key) + " = ";
    const std::string* word = setting.value.as_string();
    text += word != nullptr ? toml_text(*word) : expr::inline_toml(setting.value);
    if (!setting.comment.empty()) {
      const bool fits = text.size() + setting.comment.size() + 5 + indent_.size() <= kWidth;
      if (fits) {
        text += "   # " + printable(setting.comment, kMaxComment);
      } else {
        comment(setting.comment);
      }
    }
    line(text);
  }
  void settings(const std::vector<DraftSetting>& all) {
    for (const DraftSetting& one : all) {
      setting(one);
    }
  }
  void setting(std::string_view key, std::string_view value) {
    line(fmt::format("{} = {}", key, toml_text(value)));
  }

  // A list on one line, or a line for each item.
  void list(std::string_view key, const std::vector<std::string>& items) {
    std::string inline_text;
    for (const std::string& item : items) {
      inline_text += (inline_text.empty() ? "" : ", ") + toml_text(item);
    }
    const std::string whole = fmt::format("{} = [{}]", key, inline_text);
    if (whole.size() + indent_.size() <= kWidth) {
      line(whole);
      return;
    }
    line(fmt::format("{} = [", key));
    for (const std::string& item : items) {
      line(fmt::format("  {},", toml_text(item)));
    }
    line("]");
  }

 private:
  std::string& out_;
  std::string_view indent_;
};

std::string inline_headers(const std::vector<DraftHeader>& headers) {
  std::string text = "headers = {";
  for (const DraftHeader& header : headers) {
    text += fmt::format("{} {} = {}", &header == &headers.front() ? "" : ",",
                        expr::toml_key(header.name), toml_text(header.value.source()));
  }
  return text + " }";
}

// Many headers get a table of their own, behind the other keys of theirs.
bool headers_fit(const std::vector<DraftHeader>& headers) {
  return inline_headers(headers).size() + kChildIndent.size() <= kWidth;
}

void write_header_table(Writer& out, std::string_view table,
                        const std::vector<DraftHeader>& headers) {
  out.line(fmt::format("[{}]", table));
  for (const DraftHeader& header : headers) {
    out.setting(expr::toml_key(header.name), header.value.source());
  }
}

void write_target(Writer& out, const DraftTarget& target) {
  out.blank();
  out.comments(target.comments);
  out.line("[[target]]");
  out.setting("name", target.name);
  out.list("urls", {target.url});
  out.settings(target.settings);
  if (target.headers.empty()) {
    return;
  }
  if (headers_fit(target.headers)) {
    out.line(inline_headers(target.headers));
  } else {
    write_header_table(out, "target.headers", target.headers);
  }
}

void write_body(Writer& out, const DraftBody& body) {
  if (const auto* text = std::get_if<PlanText>(&body)) {
    out.setting("body", text->source());
  } else if (const auto* json = std::get_if<expr::Value>(&body)) {
    out.line("json = " + expr::inline_toml(*json));
  }
}

void write_step(Writer& out, const DraftStep& step) {
  const std::string table = step.group == 0 ? "scenario.step" : "scenario.step.step";
  out.blank();
  out.comments(step.comments);
  out.line(fmt::format("[[{}]]", table));
  out.setting("name", step.name);
  out.setting("request", step.method + " " + step.path.source());
  if (!step.target.empty()) {
    out.setting("target", step.target);
  }
  if (step.think > Duration::zero()) {
    out.setting("think", format_duration(step.think));
  }
  const bool fit = headers_fit(step.headers);
  if (!step.headers.empty() && fit) {
    out.line(inline_headers(step.headers));
  }
  write_body(out, step.body);
  if (!step.expect.empty()) {
    out.list("expect", step.expect);
  }
  out.settings(step.settings);
  if (!fit) {
    write_header_table(out, table + ".headers", step.headers);
  }
}

void write_group(Writer& out, const DraftGroup& group) {
  out.blank();
  out.comments(group.comments);
  out.line("[[scenario.step]]");
  out.line("parallel = true");
  if (group.at_once > 0) {
    out.line(fmt::format("at_once = {}", group.at_once));
  }
}

void write_scenario(Writer& out, const DraftScenario& scenario) {
  out.blank();
  out.comments(scenario.comments);
  out.line("[[scenario]]");
  out.setting("name", scenario.name);
  if (!scenario.arrivals.empty()) {
    out.line("arrivals = " + expr::inline_toml({scenario.arrivals, {}}));
  }
  out.settings(scenario.settings);
  std::size_t group = 0;
  for (const DraftStep& step : scenario.steps) {
    out.indent(kStepIndent);
    if (step.group != group && step.group != 0) {
      write_group(out, scenario.groups[step.group - 1]);
    }
    group = step.group;
    out.indent(group == 0 ? kStepIndent : kChildIndent);
    write_step(out, step);
  }
  out.indent({});
}

bool uses_dollar(const std::vector<DraftHeader>& headers) {
  return std::any_of(headers.begin(), headers.end(),
                     [](const DraftHeader& header) { return header.value.uses_dollar(); });
}

bool uses_dollar(const DraftStep& step) {
  const auto* body = std::get_if<PlanText>(&step.body);
  return step.path.uses_dollar() || uses_dollar(step.headers) ||
         (body != nullptr && body->uses_dollar());
}

bool uses_dollar(const PlanDraft& draft) {
  for (const DraftScenario& scenario : draft.scenarios) {
    for (const DraftStep& step : scenario.steps) {
      if (uses_dollar(step)) {
        return true;
      }
    }
  }
  return std::any_of(draft.targets.begin(), draft.targets.end(),
                     [](const DraftTarget& target) { return uses_dollar(target.headers); });
}

void write_secrets(Writer& out, const std::vector<DraftSecret>& secrets) {
  if (secrets.empty()) {
    return;
  }
  out.line("#");
  out.comment("Set before a run; squall prints their values nowhere:");
  for (const DraftSecret& secret : secrets) {
    out.line(fmt::format("#   export {}='…'   # {}", secret.variable,
                         printable(secret.meaning, kMaxComment)));
  }
}

void write_vars(Writer& out, const PlanDraft& draft) {
  const bool dollar = uses_dollar(draft);
  if (draft.vars.empty() && !dollar) {
    return;
  }
  out.blank();
  out.line("[vars]");
  out.settings(draft.vars);
  if (dollar) {
    out.setting(
        {"dollar", toml_value("$"), "so that text which looks like a secret is sent as it is"});
  }
}

}  // namespace

std::string toml_text(std::string_view text) {
  if (expr::suits_toml_block(text)) {
    return fmt::format("'''\n{}'''", text);
  }
  // A literal string reads better than a row of \" and \\, and has no escapes at all.
  const bool needs_escapes = text.find_first_of("\"\\") != std::string_view::npos;
  const bool suits_literal = std::none_of(text.begin(), text.end(), [](char c) {
    return c == '\'' || (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
  });
  return needs_escapes && suits_literal ? fmt::format("'{}'", text)
                                        : expr::inline_toml(toml_value(text));
}

std::string write_plan(const PlanDraft& draft) {
  std::string text;
  Writer out(text);
  out.comments(draft.heading);
  write_secrets(out, draft.secrets);
  out.line("format = 1");
  out.setting("name", draft.name);
  write_vars(out, draft);
  for (const DraftTarget& target : draft.targets) {
    write_target(out, target);
  }
  out.blank();
  out.line("[load]");
  out.settings(draft.load);
  for (const DraftTable& table : draft.tables) {
    out.blank();
    out.comments(table.comments);
    out.line(table.header);
    out.settings(table.settings);
  }
  for (const DraftScenario& scenario : draft.scenarios) {
    write_scenario(out, scenario);
  }
  if (!draft.require.empty()) {
    out.blank();
    out.line("[checks]");
    out.list("require", draft.require);
  }
  return text;
}

std::string commented_chaos(std::string_view step) {
  return fmt::format(R"(
# What goes wrong on purpose: take the marks away from what you want to try. `squall list faults` names
# all kinds, faults/README.md says what each does on the wire.
#
# [[fault]]                  # the request arrives whole, its answer never does
# name = "lost-ack"
# kind = "drop"
# at = "after_send"
# on = ["{0}"]
# share = "5%"
#
# [[fault]]                  # the same request twice at one moment
# name = "twins"
# kind = "duplicate"
# on = ["{0}"]
# share = "10%"
# copies = 2
# spacing = "together"
#
# A step that changes something asks for exactly one effect under a key that travels with the request:
#   headers = {{ Idempotency-Key = "{{{{key}}}}" }}
#   effect = "{{{{key}}}}"
# and an oracle counts how many there really are:
#
# [[effects.oracle]]
# kind = "http"
# request = "GET /ledger?run={{{{run}}}}"      # an endpoint that lists what happened
# items = "/effects"
# key = "/token"
#
# Then these belong into `require` of [checks]: "duplicate_effects == 0", "lost_effects == 0".
)",
                     step);
}

}  // namespace squall::import
