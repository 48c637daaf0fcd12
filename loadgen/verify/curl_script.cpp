#include "loadgen/verify/curl_script.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/effects/counts_by_hand.hpp"
#include "loadgen/effects/curl_line_route.hpp"
#include "loadgen/effects/http_count.hpp"
#include "loadgen/verify/telltale_script.hpp"

namespace squall::verify {
namespace {

constexpr std::size_t kLongestBody = 16UL * 1024;
constexpr std::string_view kTokenMark = "squallTokenHere";  // what {{key}} stands for in oracles

tl::unexpected<Error> inexpressible(std::string why) {
  return fail(ErrorCode::kInvalidArgument, std::move(why));
}

// A request taken apart as curl wants it.
struct Request {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  // without those that curl makes
  std::string body;
};

Result<Request> parse_request(const std::string& bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) {
    return inexpressible("a request that was not made");
  }
  Request request;
  request.body = bytes.substr(end + 4);
  std::string_view head = std::string_view(bytes).substr(0, end);
  for (bool first = true; !head.empty(); first = false) {
    const std::size_t length = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, length);
    head.remove_prefix(std::min(length + 2, head.size()));
    if (first) {
      const std::size_t blank = line.find(' ');
      request.method = line.substr(0, blank);
      request.path = line.substr(blank + 1, line.rfind(' ') - blank - 1);
      continue;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    value.remove_prefix(value.starts_with(' ') ? 1 : 0);
    if (!value.empty() && trim(value).empty()) {
      return inexpressible("a header of blanks alone");
    }
    const bool of_curl = equals_ignoring_case(name, "Host") ||
                         equals_ignoring_case(name, "Content-Length") ||
                         equals_ignoring_case(name, "Connection");
    if (!of_curl) {
      request.headers.emplace_back(name, value);
    }
  }
  if (request.body.size() > kLongestBody || request.body.find('\0') != std::string::npos) {
    return inexpressible("a body that does not fit into a shell word");
  }
  return request;
}

class Writer {
 public:
  Writer(const Case& one, const ScriptInputs& inputs)
      : case_(one),
        inputs_(inputs),
        secrets_(effects::secret_names(inputs.plan, inputs.environment)) {
    name_own_values();
  }

  Result<std::string> write() {
    for (const auto& play : case_.plays) {
      if (auto written = add_play(play); !written) {
        return fail(written.error());
      }
    }
    auto counting = case_.sign ? comparing_functions() : counting_functions();
    if (!counting) {
      return fail(counting.error());
    }
    return heading() + preparations() + *counting + loop();
  }

 private:
  void name_values(std::string_view prefix, std::string Operation::*member) {
    unsigned count = 0;
    for (const auto& play : case_.plays) {
      for (const CaseShot& shot : play) {
        const std::string& value = shot.shot.operation.*member;
        if (case_.own.contains(value) && !named_.contains(value)) {
          named_[value] = fmt::format("{}_{}", prefix, ++count);
        }
      }
    }
  }

  void name_own_values() {
    name_values("key", &Operation::key);
    name_values("token", &Operation::token);
    unsigned others = 0;
    for (const std::string& value : case_.own) {
      if (!named_.contains(value)) {
        named_[value] = fmt::format("value_{}", ++others);
      }
    }
    for (const auto& [value, name] : named_) {
      fresh_.push_back(name);
    }
    std::sort(fresh_.begin(), fresh_.end());
  }

  // A shell word in which what is fresh, what was learnt and what is secret are variables.
  std::string quote(std::string_view text) {
    effects::SecretNames names = secrets_;
    names.insert(names.end(), named_.begin(), named_.end());
    names.emplace_back(kTokenMark, "token");
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
    for (const auto& [value, name] : secrets_) {
      if (text.find(value) == std::string_view::npos) {
        continue;
      }
      if (name.empty()) {
        hidden_ = true;
      } else {
        used_secrets_.insert(name);
      }
    }
    return effects::quote_hiding_secrets(text, names);
  }

  // An address on a target is wherever that is; the rest as it is.
  std::string quote_address(std::string_view text) {
    for (const model::Target& target : inputs_.plan.targets) {
      for (std::size_t i = 0; i < target.replicas.size(); ++i) {
        const std::string base = base_of(target.replicas[i]);
        if (text.starts_with(base + "/")) {
          return fmt::format("\"${}\"{}", place(target, i), quote(text.substr(base.size())));
        }
      }
    }
    return quote(text);
  }

  static std::string base_of(const model::Endpoint& replica) {
    return fmt::format("{}://{}", replica.scheme, replica.authority());
  }

  // The variable that holds where that replica is.
  std::string place(const model::Target& target, std::size_t number) {
    const std::string base = base_of(target.replicas.at(number));
    std::string name = "URL_";
    for (const char c : target.name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      const bool is_lower = c >= 'a' && c <= 'z';
      name += !plain ? '_' : is_lower ? static_cast<char>(c - 'a' + 'A') : c;
    }
    name += number == 0 ? "" : fmt::format("_{}", number + 1);
    const auto [entry, added] = places_.try_emplace(name, base);
    clash_ = clash_ || (!added && entry->second != base);
    return name;
  }

  Result<std::string> arguments(const CaseShot& shot) {
    auto parsed = parse_request(shot.request);
    if (!parsed) {
      return fail(parsed.error());
    }
    const Request& request = *parsed;
    const bool has_data = !request.body.empty() || request.method == "POST" ||
                          request.method == "PUT" || request.method == "PATCH";
    std::string text;
    if (request.method == "HEAD") {
      text += " --head";
    } else if (request.method != (has_data ? "POST" : "GET")) {
      text += " -X " + quote(request.method);
    }
    text += effects::route_options(inputs_.plan, inputs_.plan.targets[shot.shot.request->target],
                                   secrets_);
    text += fmt::format(" \"${}\"{}",
                        place(inputs_.plan.targets[shot.shot.request->target], shot.shot.replica),
                        quote(request.path));
    bool typed = false;
    for (const auto& [name, value] : request.headers) {
      typed = typed || equals_ignoring_case(name, "Content-Type");
      text += " -H ";
      text += quote(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
    }
    if (has_data) {
      text += typed ? "" : " -H Content-Type:";
      text += " -H Expect: --data-binary " + quote(request.body);
    }
    return text;
  }

  Result<void> add_play(const std::vector<CaseShot>& play) {
    for (const CaseShot& shot : play) {
      if (shot.shot.cut) {
        return inexpressible("a connection that is cut at an exact place");
      }
      auto made = arguments(shot);
      if (!made) {
        return fail(made.error());
      }
      const auto token = named_.find(shot.shot.operation.token);
      const std::string file =
          fmt::format("\"$work/{}.{}\"", token == named_.end() ? "other" : token->second, ++asked_);
      files_.push_back(file);
      std::string line = fmt::format("ask {}{}", file, *made);
      if (play.size() > 1 && shot.shot.after > Duration::zero()) {
        line = fmt::format("{{ sleep {:.4f}; {}; }}", to_seconds(shot.shot.after), line);
      }
      steps_ += fmt::format("  {}{}\n", line, play.size() > 1 ? " &" : "");
      if (shot.id && !named_.contains(*shot.id) && is_needed_later(*shot.id)) {
        to_learn_.emplace_back(file, *shot.id);
      }
    }
    steps_ += play.size() > 1 ? "  wait\n" : "";
    return learn_ids();
  }

  [[nodiscard]] bool is_needed_later(const std::string& id) const {
    return std::any_of(case_.plays.begin(), case_.plays.end(), [&](const auto& play) {
      return std::any_of(play.begin(), play.end(),
                         [&](const CaseShot& shot) { return shot.shot.operation.id == id; });
    });
  }

  Result<void> learn_ids() {
    for (const auto& [file, id] : std::exchange(to_learn_, {})) {
      const auto query = id_query();
      if (!query) {
        return inexpressible("an id that jq cannot read");
      }
      const std::string name = fmt::format("id_{}", ++ids_);
      steps_ += fmt::format("  {}=$(jq -r {} {} 2>/dev/null)\n", name, *query, file);
      named_[id] = name;
      needs_.insert("jq");
    }
    return {};
  }

  // What jq prints the id of the resource with.
  [[nodiscard]] std::optional<std::string> id_query() const {
    const auto& id = inputs_.plan.idempotency->id;
    if (!id || id->from != expr::Extraction::From::kJson) {
      return std::nullopt;
    }
    return shell_quote(effects::jq_path(id->pointer) + " // empty");
  }

  Result<std::string> comparing_functions() {
    if (*case_.sign != Telltale::Sign::kBothSucceed) {
      needs_.insert("jq");
    }
    return telltale_function(*case_.sign, id_query(), inputs_.volatile_fields);
  }

  Result<std::string> counting_functions() {
    const auto& oracles = inputs_.plan.effects.oracles;
    const auto* oracle =
        oracles.empty() ? nullptr
                        : dynamic_cast<const effects::CountsByHand*>(oracles.front().oracle.get());
    auto by_hand =
        oracle == nullptr
            ? std::nullopt
            : oracle->count_by_hand(kTokenMark, [this](auto text) { return quote_address(text); });
    if (by_hand) {
      needs_.insert(by_hand->programs.begin(), by_hand->programs.end());
      return counted_by(oracles.front(), by_hand->lines);
    }
    const auto query = id_query();
    if (!query) {
      return inexpressible("effects that neither a shell can count nor answers name");
    }
    needs_.insert("jq");
    counts_resources_ = true;
    return uncounted_note() + fmt::format(R"sh(
# How many resources the successes under a token's name ($1) tell of.
effects_of() {{
  for status in "$work/$1".*.status; do
    case $(cat "$status") in 2??) jq -r {} "${{status%.status}}" 2>/dev/null ;; esac
  done | sort -u | grep -c . || true
}}
)sh",
                                          *query);
  }

  // Why the plan's oracle does not count here.
  [[nodiscard]] std::string uncounted_note() const {
    const auto& oracles = inputs_.plan.effects.oracles;
    if (oracles.empty()) {
      return {};
    }
    const model::OracleSpec& oracle = oracles.front();
    const bool listens = oracle.kind != nullptr && oracle.kind->listens;
    return fmt::format("\n# The oracle {} {}; {} counts by it.\n", printable(oracle.name),
                       listens ? "is squall's own sink, which must listen for what the target sends"
                               : "cannot be asked from a shell",
                       fmt::format("`squall replay DIR --property {}`", inputs_.property.number));
  }

  std::string counted_by(const model::OracleSpec& oracle, const std::string& lines) {
    std::string indented;
    for (const std::string_view line :
         split(std::string_view(lines).substr(0, lines.size() - 1), '\n')) {
      indented += fmt::format("  {}\n", line);
    }
    return fmt::format(R"sh(
# Effects of a token, as the oracle {} counts them.
count() {{
  token=$1
{}}}
# Effects of the token $2 when two readings agree, or as soon as there are more than $3.
effects_of() {{
  last=
  reading=0
  while [ "$reading" -lt 60 ]; do
    now=$(count "$2")
    case $now in '' | *[!0-9]*) echo "effects cannot be counted" >&2; exit 2 ;; esac
    if [ "$now" -gt "$3" ] || [ "$now" = "$last" ]; then break; fi
    last=$now
    reading=$((reading + 1))
    sleep {:.3f}
  done
  echo "$now"
}}
)sh",
                       printable(oracle.name), indented,
                       to_seconds(std::max(inputs_.plan.effects.settle, Duration(1'000'000))));
  }

  [[nodiscard]] std::string heading() const {
    const model::PropertyResult& property = inputs_.property;
    std::string text =
        fmt::format("#!/bin/sh\n# {}, found by squall in run {} of {}.\n", finding_id(property),
                    printable(inputs_.plan.run_id), printable(inputs_.plan.name));
    text += fmt::format("# Promise: {}\n", printable(property.promise, 500));
    text += fmt::format("# Found: {}\n# Case: {}.\n#\n", printable(property.summary, 500),
                        describe(case_));
    text +=
        "#   sh FILE [TRIES [SECONDS]]\n"
        "# Each try has fresh keys. Prints \"hit x of N\"; exits 1 when it hit, 0 when it did not, "
        "2 when it\n# could not tell.\n";
    if (!inputs_.plan.services.empty()) {
      text +=
          "# squall started the plan's services for its run: start them, and say below where they "
          "are.\n";
    }
    return text + "set -u\n";
  }

  [[nodiscard]] std::string preparations() const {
    std::string programs = "curl";
    for (const std::string& program : needs_) {
      programs += program == "curl" ? "" : " " + program;
    }
    std::string text = fmt::format("tries=${{1:-{}}}\nseconds=${{2:-0}}\n", kReproducerTries);
    for (const std::string& secret : used_secrets_) {
      text += fmt::format(": \"${{{}:?is not set: the plan takes a secret from it}}\"\n", secret);
    }
    for (const auto& [name, url] : places_) {
      text += fmt::format("{0}=${{{0}:-{1}}}\n", name, shell_quote(url));
    }
    return text + fmt::format(R"sh(for program in {}; do
  command -v "$program" >/dev/null || {{ echo "$program is needed" >&2; exit 2; }}
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

fresh() {{
  cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen
}}
# Sends one request: its answer goes to the file $1, its status to $1.status.
ask() {{
  answer=$1
  shift
  : >"$answer"
  curl -sS -g --path-as-is --max-time {:.0f} -o "$answer" -w '%{{http_code}}' "$@" \
    >"$answer.status" 2>"$answer.error"
}}
)sh",
                              programs, longest_timeout());
  }

  [[nodiscard]] double longest_timeout() const {
    double longest = 1;
    for (const model::Target& target : inputs_.plan.targets) {
      longest = std::max(longest, to_seconds(target.timeout));
    }
    return longest + 0.5;
  }

  [[nodiscard]] std::string loop() const {
    std::string text = R"sh(
hits=0
done=0
began=$(date +%s)
while [ "$done" -lt "$tries" ]; do
  if [ "$seconds" -gt 0 ] && [ $(($(date +%s) - began)) -ge "$seconds" ]; then break; fi
  done=$((done + 1))
  rm -f "$work"/*
)sh";
    for (const std::string& name : fresh_) {
      text += fmt::format("  {}=$(fresh)\n", name);
    }
    text += steps_ + "  hit=\n";
    if (case_.sign) {
      text += fmt::format(
          "  if gives_away {0} {1}; then hit=', HIT: {2}'; fi\n"
          "  echo \"try $done: $(cat {0}.status), then $(cat {1}.status)$hit\"\n",
          files_.at(0), files_.at(1), telltale_words(*case_.sign));
    }
    for (const CaseBound& bound : case_.bounds) {
      const auto name = named_.find(bound.token);
      if (name == named_.end()) {
        continue;
      }
      const std::uint64_t each = counts_resources_ ? 1
                                 : bound.usual     ? bound.usual->effects
                                                   : inputs_.effects_each;
      const std::uint64_t most = bound.most * each;
      text += fmt::format(
          "  effects=$(effects_of {0} \"${0}\" {1}) || exit 2\n"
          "  if [ \"$effects\" -gt {1} ]; then hit=', HIT'; fi\n"
          "  echo \"try $done: $effects effects where at most {1} may be$hit\"\n",
          name->second, most);
    }
    return text + R"sh(  if [ -n "$hit" ]; then hits=$((hits + 1)); fi
done
echo "hit $hits of $done"
[ "$hits" -eq 0 ]
)sh";
  }

 public:
  // Whether something of it must not be shown, or has no place.
  [[nodiscard]] std::string objection() const {
    if (hidden_) {
      return "a secret that no environment variable holds";
    }
    return clash_ ? "two targets whose names differ in signs alone" : "";
  }

 private:
  const Case& case_;
  const ScriptInputs& inputs_;
  effects::SecretNames secrets_;
  std::map<std::string, std::string> named_;  // value of the record to variable
  std::vector<std::string> fresh_;            // variables that are made anew for each try
  std::map<std::string, std::string> places_;
  std::vector<std::pair<std::string, std::string>> to_learn_;  // file, id of the record
  std::vector<std::string> files_;  // of answers, in the order of the requests
  std::set<std::string> used_secrets_;
  std::set<std::string> needs_;
  std::string steps_;
  unsigned asked_ = 0;
  unsigned ids_ = 0;
  bool counts_resources_ = false;  // in place of effects
  bool hidden_ = false;
  bool clash_ = false;
};

}  // namespace

Result<std::string> curl_script(const Case& one, const ScriptInputs& inputs) {
  Writer writer(one, inputs);
  auto text = writer.write();
  if (text && !writer.objection().empty()) {
    return inexpressible(writer.objection());
  }
  return text;
}

}  // namespace squall::verify
