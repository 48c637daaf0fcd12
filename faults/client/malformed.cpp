// Sends a request that is wrong in one way. What was rendered stays as it is for retries and other
// copies.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "loadgen/model/client_fault.hpp"
#include "loadgen/model/wire_composition.hpp"

namespace squall::faults {
namespace {

using model::Malformation;

constexpr std::uint64_t kLargestHeader = 1024UL * 1024;
constexpr std::int64_t kLargestError = 1'000'000'000;

struct MalformedConfig {
  Malformation what = Malformation::kBadRequestLine;
  std::int64_t amount = 0;
  std::string header;
  std::optional<std::string> value;
  bool all_copies = false;
};

class Malformed final : public model::ClientFault {
 public:
  explicit Malformed(MalformedConfig config) : config_(std::move(config)) {}

  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& /*draw*/) const override {
    return model::add_malformed(script,
                                {.what = config_.what,
                                 .amount = config_.amount,
                                 .header = config_.header.empty() ? nullptr : &config_.header,
                                 .value = config_.value ? &*config_.value : nullptr,
                                 .all_copies = config_.all_copies});
  }

 private:
  MalformedConfig config_;
};

constexpr std::array kKinds{Malformation::kBadChunk,        Malformation::kBadRequestLine,
                            Malformation::kDuplicateHeader, Malformation::kInvalidUtf8,
                            Malformation::kOversizeHeader,  Malformation::kTruncatedJson,
                            Malformation::kWrongLength};

const expr::TableSpec& keys() {
  static const expr::TableSpec kKeys{
      .name = "fault (malformed)",
      .help = "Sends a request that is wrong in one way.",
      .keys = {
          {.name = "what",
           .type = expr::ValueType::kString,
           .help =
               "`bad_chunk`: chunked, and the size of the second chunk is no number; "
               "`bad_request_line`: HTTP/x.y; `duplicate_header`: one header twice; "
               "`invalid_utf8`: bytes in the body that are no UTF-8; `oversize_header`: one header "
               "more, a large one; `truncated_json`: half of the body, with the right length; "
               "`wrong_length`: a Content-Length that is not the body's.",
           .required = true,
           .choices = {"bad_chunk", "bad_request_line", "duplicate_header", "invalid_utf8",
                       "oversize_header", "truncated_json", "wrong_length"},
           .example = "\"truncated_json\""},
          {.name = "size",
           .type = expr::ValueType::kBytes,
           .help = "For `oversize_header`: of its value, at most 1MiB. Without it: 64KiB.",
           .example = "\"64KiB\""},
          {.name = "by",
           .type = expr::ValueType::kInteger,
           .help = "For `wrong_length`: added to the right length; above zero the server waits for "
                   "bytes that never come, until the step's timeout. Without it: 1.",
           .example = "-10"},
          {.name = "header",
           .type = expr::ValueType::kString,
           .help = "For `duplicate_header`: which one. Without it: Host.",
           .example = "\"Content-Length\""},
          {.name = "value",
           .type = expr::ValueType::kString,
           .help = "For `duplicate_header`: of the second one. Without it: the same again.",
           .example = "\"0\""},
          {.name = "copies",
           .type = expr::ValueType::kString,
           .help = "When a duplicate fault touches the same attempt: is only the `first` copy "
                   "malformed, or are `all`?",
           .default_value = "first",
           .choices = {"first", "all"}},
      }};
  return kKeys;
}

// RFC 9110, 5.6.2.
bool is_token(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

void refuse(expr::TableReader& reader, std::string_view key, Malformation with) {
  if (reader.has(key)) {
    reader.error(key, "`" + std::string(key) + "` goes with what = \"" +
                          std::string(to_string(with)) + "\" only");
  }
}

void read_size(expr::TableReader& reader, MalformedConfig& config) {
  constexpr std::uint64_t kUsual = 64UL * 1024;
  const std::uint64_t size = reader.has("size") ? reader.bytes("size").bytes : kUsual;
  if (size == 0 || size > kLargestHeader) {
    reader.error("size", "an oversize header has 1 byte to 1MiB, such as \"64KiB\"");
  } else {
    config.amount = static_cast<std::int64_t>(size);
  }
}

void read_by(expr::TableReader& reader, MalformedConfig& config) {
  config.amount = reader.has("by") ? reader.integer("by", -kLargestError, kLargestError) : 1;
  if (config.amount == 0) {
    reader.error("by", "a length that is off by 0 is right: write for example -10");
  }
}

void read_header(expr::TableReader& reader, MalformedConfig& config) {
  config.header = reader.has("header") ? reader.string("header") : "Host";
  if (!is_token(config.header)) {
    reader.error("header", "this cannot be the name of a header: write for example \"Host\"");
    config.header = "Host";
  }
  if (reader.has("value")) {
    config.value = reader.string("value");
    if (config.value->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      reader.error("value", "a header's value has no line breaks");
    }
  }
}

std::unique_ptr<model::ClientFault> compile(expr::TableReader& reader) {
  MalformedConfig config;
  const std::string what = reader.string("what");
  for (const Malformation kind : kKinds) {
    if (to_string(kind) == what) {
      config.what = kind;
    }
  }
  if (config.what == Malformation::kOversizeHeader) {
    read_size(reader, config);
  } else {
    refuse(reader, "size", Malformation::kOversizeHeader);
  }
  if (config.what == Malformation::kWrongLength) {
    read_by(reader, config);
  } else {
    refuse(reader, "by", Malformation::kWrongLength);
  }
  if (config.what == Malformation::kDuplicateHeader) {
    read_header(reader, config);
  } else {
    refuse(reader, "header", Malformation::kDuplicateHeader);
    refuse(reader, "value", Malformation::kDuplicateHeader);
  }
  config.all_copies = reader.string("copies") == "all";
  return std::make_unique<Malformed>(std::move(config));
}

}  // namespace

void register_client_fault_malformed(ClientFaultRegistry& registry) {
  registry.add({
      .name = "malformed",
      .summary = "send a request that is wrong: header, length, chunk, JSON, UTF-8 or first line",
      .production_cause =
          "a client with a bug, an upload that was cut short, a proxy that rewrites headers, a "
          "scanner that looks for request smuggling",
      .example = R"([[fault]]
name = "broken-body"
kind = "malformed"
what = "truncated_json"
on = ["buy.charge"]
share = "5%"
)",
      .traits = {},
      .keys = &keys(),
      .compile = compile,
  });
}

}  // namespace squall::faults
