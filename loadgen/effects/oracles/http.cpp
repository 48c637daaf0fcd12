// Reads effects back from the target: from a list (page by page), or key by key.
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/counts_by_hand.hpp"
#include "loadgen/effects/effect_page.hpp"
#include "loadgen/effects/http_count.hpp"
#include "loadgen/effects/json_pointer.hpp"
#include "loadgen/effects/oracle_request.hpp"
#include "loadgen/effects/reading_doubt.hpp"
#include "loadgen/effects/url.hpp"
#include "loadgen/model/oracle.hpp"

namespace squall::effects {
namespace {

using model::OracleContext;
using model::OracleReading;

constexpr const char* kExample = "GET /ledger?run={{run}}";

struct HttpOracleConfig {
  OracleRequest request;
  bool lists = true;                 // else: asked key by key
  PageLayout layout;                 // of a list
  std::optional<std::string> count;  // of one key's answer
  std::string next_parameter;
  unsigned max_pages = 1000;
  unsigned parallel = 8;
};

class HttpOracle final : public model::Oracle, public TellsDoubt, public CountsByHand {
 public:
  explicit HttpOracle(HttpOracleConfig config) : config_(std::move(config)) {}

  Result<void> start(const OracleContext& context) override {
    return config_.request.start(context);
  }

  Result<OracleReading> read(std::span<const std::string> keys, Duration budget) override {
    const TimePoint deadline = monotonic_now() + budget;
    return config_.lists ? read_list(deadline) : read_keys(keys, deadline);
  }

  [[nodiscard]] bool counts_asked_keys_only() const override { return !config_.lists; }

  [[nodiscard]] ReadingDoubt doubt() const override {
    if (unread_next_.empty()) {
      return {};
    }
    return {
        .incomplete = true,
        .remark = "the list goes on: its answer says " + printable(unread_next_) +
                  ", and no `next` of the oracle reads that, so only the first page was counted"};
  }

  [[nodiscard]] std::optional<ShellCount> count_by_hand(std::string_view token,
                                                        const Quote& quote) const override {
    const Result<net::ClientRequest> request = config_.request.for_key(token);
    // Another TLS peer or another way than a plain URL would be more than a line of curl.
    if (!request || request->tls != TlsSettings() || request->route != HttpRoute()) {
      return std::nullopt;
    }
    return http_count({.method = request->method,
                       .url = request->url,
                       .headers = request->headers,
                       .layout = config_.layout,
                       .count = config_.count,
                       .next_parameter = config_.next_parameter},
                      token, quote);
  }

 private:
  [[nodiscard]] Result<OracleReading> read_list(TimePoint deadline) {
    unread_next_.clear();
    Result<net::ClientRequest> request = config_.request.for_key("");
    if (!request) {
      return fail(request.error());
    }
    OracleReading reading;
    std::set<std::string> seen{request->url};
    const Result<Url> first = parse_url(request->url);
    for (unsigned page = 1; page <= config_.max_pages; ++page) {
      Result<std::optional<Url>> next = read_one_page(*request, *first, deadline, reading);
      if (!next) {
        const std::string where = page == 1 ? "" : "page " + std::to_string(page) + ": ";
        return fail(next.error().code, where + next.error().message);
      }
      if (!*next) {
        return reading;
      }
      request->url = (*next)->text();
      if (!seen.insert(request->url).second) {
        return fail(ErrorCode::kMalformed,
                    "page " + std::to_string(page) +
                        " names a next page that was read already: " + printable(request->url));
      }
    }
    return fail(ErrorCode::kExhausted, "the list has more than " +
                                           std::to_string(config_.max_pages) +
                                           " pages: raise `pages`, or ask for fewer effects");
  }

  // Adds a page to the reading; gives the address of the next one.
  Result<std::optional<Url>> read_one_page(net::ClientRequest& request, const Url& first,
                                           TimePoint deadline, OracleReading& reading) {
    const Result<net::ClientResponse> answer = config_.request.send(request, deadline);
    if (!answer) {
      return fail(answer.error());
    }
    if (!OracleRequest::succeeded(*answer)) {
      return fail(ErrorCode::kUnavailable, OracleRequest::status_text(request, *answer));
    }
    Result<EffectPage> page = read_page(answer->body, config_.layout);
    if (!page) {
      return fail(page.error());
    }
    unread_next_ = page->unread_next;
    for (const auto& [key, effects] : page->counts) {
      std::uint64_t& total = reading.counts[key];
      total = add_counts(total, effects);
    }
    reading.undecided.merge(page->undecided);
    if (reading.undecided_reason.empty()) {
      reading.undecided_reason = page->undecided_reason;
    }
    return next_url(request, first, page->next);
  }

  [[nodiscard]] Result<std::optional<Url>> next_url(const net::ClientRequest& request,
                                                    const Url& first,
                                                    const std::optional<std::string>& next) const {
    if (!next) {
      return std::optional<Url>();
    }
    const bool is_url =
        next->starts_with('/') || next->starts_with('?') || next->find("://") != std::string::npos;
    if (!is_url) {
      return std::optional<Url>(with_query_parameter(first, config_.next_parameter, *next));
    }
    const Result<Url> base = parse_url(request.url);
    const Result<Url> url = base ? resolve(*base, *next) : base;
    if (!url) {
      return fail(url.error());
    }
    if (!url->same_origin(first)) {
      return fail(ErrorCode::kMalformed,
                  "the next page is on another host: " + printable(url->text()));
    }
    return std::optional<Url>(*url);
  }

  [[nodiscard]] Result<std::uint64_t> read_key(const std::string& key, TimePoint deadline) const {
    Result<net::ClientRequest> request = config_.request.for_key(key);
    if (!request) {
      return fail(request.error());
    }
    const Result<net::ClientResponse> answer = config_.request.send(*request, deadline);
    if (!answer) {
      return fail(answer.error());
    }
    if (answer->status == 404) {
      return 0;
    }
    if (!OracleRequest::succeeded(*answer)) {
      return fail(ErrorCode::kUnavailable, OracleRequest::status_text(*request, *answer));
    }
    if (config_.count) {
      return read_count(answer->body, *config_.count);
    }
    const Result<EffectPage> page = read_page(answer->body, config_.layout);
    if (!page) {
      return fail(page.error());
    }
    if (page->next) {
      return fail(ErrorCode::kMalformed, "the list of one key has more than one page");
    }
    const auto found = page->counts.find(key);
    return found == page->counts.end() ? 0 : found->second;
  }

  [[nodiscard]] Result<OracleReading> read_keys(std::span<const std::string> keys,
                                                TimePoint deadline) const {
    std::vector<Result<std::uint64_t>> answers(
        keys.size(), fail(ErrorCode::kUnavailable, "the time for this reading is up"));
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t at = next++; at < keys.size() && monotonic_now() < deadline; at = next++) {
        answers[at] = read_key(keys[at], deadline);
      }
    };
    {
      std::vector<std::jthread> helpers;
      const std::size_t wanted = std::min<std::size_t>(config_.parallel, keys.size());
      try {
        while (helpers.size() + 1 < wanted) {
          helpers.emplace_back(work);
        }
      } catch (
          const std::system_error&) {  // no more threads on this host: fewer are slower, not wrong
      }
      work();
    }
    return collect(keys, answers);
  }

  static OracleReading collect(std::span<const std::string> keys,
                               const std::vector<Result<std::uint64_t>>& answers) {
    OracleReading reading;
    for (std::size_t at = 0; at < keys.size(); ++at) {
      if (answers[at]) {
        reading.counts[keys[at]] = *answers[at];
        continue;
      }
      reading.undecided.insert(keys[at]);
      if (reading.undecided_reason.empty()) {
        reading.undecided_reason = answers[at].error().message;
      }
    }
    return reading;
  }

  HttpOracleConfig config_;
  std::string unread_next_;  // of the last list
};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "effects.oracle (http)",
      .help = "Reads effects back from the target: from a list, or key by key.",
      .keys = {
          request_key(
              "Method and path (of the first target), or a whole URL on an allowed host. With "
              "`{{key}}` in it, it is sent once for each key and 404 means no effect; before the "
              "load for a sample of the run's keys, which must have none yet. Without, it lists "
              "all effects.",
              std::string("\"") + kExample + "\""),
          headers_key(),
          {.name = "items",
           .type = expr::ValueType::kString,
           .help = "JSON pointer to the list of effects; \"\" is the whole answer.",
           .example = "\"/effects\""},
          {.name = "key",
           .type = expr::ValueType::kString,
           .help = "JSON pointer to the key inside an item.",
           .example = "\"/token\""},
          {.name = "count",
           .type = expr::ValueType::kString,
           .help = "JSON pointer to a number of effects: inside an item (without it, each item is "
                   "one effect), or in the answer about one key.",
           .example = "\"/count\""},
          {.name = "next",
           .type = expr::ValueType::kString,
           .help = "JSON pointer to the next page: a URL, a path, or a value for `next_parameter`. "
                   "Absent, null, false or \"\" on the last page.",
           .example = "\"/next\""},
          {.name = "next_parameter",
           .type = expr::ValueType::kString,
           .help = "The query parameter that takes the value of `next` when that is not a URL.",
           .default_value = "cursor"},
          {.name = "pages",
           .type = expr::ValueType::kInteger,
           .help = "Pages that are read at most.",
           .default_value = "1000",
           .example = "1000"},
          {.name = "parallel",
           .type = expr::ValueType::kInteger,
           .help = "Key by key: requests at once.",
           .default_value = "8",
           .example = "8"},
          timeout_key(),
      }};
  return kKeys;
}

std::optional<std::string> pointer(expr::TableReader& reader, std::string_view key) {
  if (!reader.has(key)) {
    return std::nullopt;
  }
  std::string text = reader.string(key);
  if (!is_json_pointer(text)) {
    reader.error(key, "\"" + text + "\" is not a JSON pointer: write \"/" + text + "\"");
  }
  return text;
}

void read_layout(expr::TableReader& reader, HttpOracleConfig& config) {
  const std::optional<std::string> items = pointer(reader, "items");
  const std::optional<std::string> key = pointer(reader, "key");
  const std::optional<std::string> count = pointer(reader, "count");
  config.layout.next = pointer(reader, "next");
  config.layout.items = items.value_or("");
  config.layout.key = key.value_or("");
  const bool has_list = items && key;
  if (has_list) {
    config.layout.count = count;
    return;
  }
  if (items || key) {
    reader.error(items ? "items" : "key",
                 "`items` and `key` go together: the list, and where an item has its key");
    return;
  }
  config.count = count;
  if (config.lists) {
    reader.error("request",
                 "a request without {{key}} lists effects: say where with `items` and `key`");
  } else if (!count) {
    reader.error("request",
                 "say where the answer about one key has its number of effects: `count`, or "
                 "`items` and `key`");
  }
}

std::unique_ptr<model::Oracle> compile(expr::TableReader& reader) {
  HttpOracleConfig config;
  config.request = OracleRequest::read(reader, kExample);
  config.lists = !config.request.asks_for_a_key();
  read_layout(reader, config);
  config.next_parameter = reader.string("next_parameter");
  config.max_pages = static_cast<unsigned>(reader.integer("pages", 1, 1'000'000));
  config.parallel = static_cast<unsigned>(reader.integer("parallel", 1, 64));
  return std::make_unique<HttpOracle>(std::move(config));
}

}  // namespace

void register_oracle_http(OracleRegistry& registry) {
  registry.add({
      .name = "http",
      .summary = "read effects back from the target: a list page by page, or key by key",
      .example = R"([[effects.oracle]]
kind = "http"
request = "GET /ledger?run={{run}}"
items = "/effects"
key = "/token"
)",
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::effects
