#include "loadgen/expr/template.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "loadgen/base/encoding.hpp"
#include "loadgen/base/hash.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/expr/generated_bytes.hpp"
#include "loadgen/expr/json_text.hpp"
#include "loadgen/expr/template_filter.hpp"
#include "loadgen/expr/template_function.hpp"

namespace squall::expr {
namespace {

template <class Integer>
void append_number(Integer number, std::string& out) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

bool ends_a_header(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
}

bool fits_a_path(char c) {
  return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '#' &&
         c != '"' && c != '<' && c != '>' && c != '\\';
}

void append_for_path(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (fits_a_path(c)) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

// HTML, "multipart/form-data": these three, and nothing else.
void append_for_quotes(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '"') {
      out += "%22";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else {
      out += c;
    }
  }
}

void append_encoded(std::string_view text, Encoding encoding, std::string& out) {
  switch (encoding) {
    case Encoding::kRaw:
      out.append(text);
      return;
    case Encoding::kJsonText:
      append_json_text(text, out);
      return;
    case Encoding::kJsonValue:
      out += '"';
      append_json_text(text, out);
      out += '"';
      return;
    case Encoding::kHeader:
      std::replace_copy_if(text.begin(), text.end(), std::back_inserter(out), ends_a_header, ' ');
      return;
    case Encoding::kPath:
      append_for_path(text, out);
      return;
    case Encoding::kForm:
      append_percent_encoded(text, out);
      return;
    case Encoding::kQuoted:
      append_for_quotes(text, out);
      return;
  }
}

// Content of a part of a body; the plan's word for it is `generate`.
class GeneratedContent final : public TemplateCall {
 public:
  explicit GeneratedContent(std::uint64_t bytes) : bytes_(bytes) {}

  void append(const RenderContext& context, std::uint64_t place, std::string& out) const override {
    const GeneratedRange range{out.size(), bytes_, hash_combine(context.chance, place)};
    if (context.generated != nullptr) {
      context.generated->push_back(range);
      return;
    }
    out.resize(out.size() + bytes_);
    write_generated(range.stream, 0, std::span(out).subspan(range.at));
  }
  [[nodiscard]] std::uint64_t generated_bytes() const override { return bytes_; }

 private:
  std::uint64_t bytes_;
};

}  // namespace

Template Template::generated(std::uint64_t bytes) {
  Template content;
  Piece& piece = content.pieces_.emplace_back();
  piece.token = Token::kCall;
  piece.uses = bit(Token::kDraw);
  piece.call = std::make_shared<const GeneratedContent>(bytes);
  piece.name = fmt::format("generate {}", bytes);
  return content;
}

std::uint64_t Template::generated_bytes() const {
  std::uint64_t bytes = 0;
  for (const Piece& piece : pieces_) {
    bytes += piece.call != nullptr ? piece.call->generated_bytes() : 0;
  }
  return bytes;
}

void encode_tail(std::string& text, std::size_t from, Encoding encoding) {
  if (encoding == Encoding::kRaw) {
    return;
  }
  constexpr std::size_t kLongestEscape = 6;
  rewrite_tail(text, from, kLongestEscape, [&](std::string_view value, std::string& out) {
    append_encoded(value, encoding, out);
  });
}

void Template::render(const RenderContext& context, std::uint64_t place, std::string& out) const {
  out.append(first_);
  for (const Piece& piece : pieces_) {
    if (piece.filters.empty()) {
      append_value(context, place, piece, piece.encoding, out);
    } else {
      const std::size_t from = out.size();
      append_value(context, place, piece, Encoding::kRaw, out);
      for (const TemplateFilter* filter : piece.filters) {
        filter->apply(out, from);
      }
      encode_tail(out, from, piece.encoding);
    }
    out.append(piece.literal);
  }
}

void Template::append_value(const RenderContext& context, std::uint64_t place, const Piece& piece,
                            Encoding encoding, std::string& out) {
  switch (piece.token) {
    case Token::kKey:
      append_encoded(context.key, encoding, out);
      return;
    case Token::kSequence:
      append_number(context.sequence, out);
      return;
    case Token::kIndex:
      append_number(context.index, out);
      return;
    case Token::kCaller:
      append_encoded(context.caller, encoding, out);
      return;
    case Token::kRun:
      append_encoded(context.run_id, encoding, out);
      return;
    case Token::kNow: {
      // Of what a time can look like, only JSON's quotes are a matter of encoding.
      const bool quoted = encoding == Encoding::kJsonValue;
      out.append(quoted ? 1 : 0, '"');
      append_now(context.now + piece.offset, piece, out);
      out.append(quoted ? 1 : 0, '"');
      return;
    }
    case Token::kExtracted:
      append_encoded(piece.slot < context.extracted.size()
                         ? std::string_view(context.extracted[piece.slot])
                         : std::string_view(),
                     encoding, out);
      return;
    case Token::kBody:
      if (context.body.text != nullptr) {
        const std::size_t from = out.size();
        // The body may be the beginning of `out` itself, which append() knows how to handle.
        out.append(*context.body.text, 0, context.body.bytes);
        encode_tail(out, from, encoding);
      }
      return;
    case Token::kCall: {
      const std::size_t from = out.size();
      piece.call->append(context, hash_combine(place, piece.place), out);
      encode_tail(out, from, encoding);
      return;
    }
    case Token::kColumn:
    case Token::kDraw:
      return;  // never the token of a piece
  }
}

void Template::append_now(WallTime now, const Piece& piece, std::string& out) {
  const auto since_epoch = now.time_since_epoch();
  switch (piece.format) {
    case TimeFormat::kUnixSeconds:
      append_number(std::chrono::floor<std::chrono::seconds>(since_epoch).count(), out);
      return;
    case TimeFormat::kUnixMilliseconds:
      append_number(std::chrono::floor<std::chrono::milliseconds>(since_epoch).count(), out);
      return;
    case TimeFormat::kIso8601:
      append_iso8601(now, out);
      return;
    case TimeFormat::kHttpDate:
      append_http_date(now, out);
      return;
    case TimeFormat::kCustom:
      append_strftime(now, piece.time_format, out);
      return;
  }
}

bool Template::is_volatile() const {
  return uses(Token::kNow) || uses(Token::kExtracted);
}

bool Template::uses(Token token) const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [&](const Piece& piece) { return (piece.uses & bit(token)) != 0; });
}

std::vector<std::shared_ptr<const Feeder>> Template::unique_feeders() const {
  std::vector<std::shared_ptr<const Feeder>> all;
  for (const Piece& piece : pieces_) {
    all.insert(all.end(), piece.feeders.begin(), piece.feeders.end());
  }
  return all;
}

void Template::set_place(std::string_view place) {
  for (Piece& piece : pieces_) {
    piece.place = hash_combine(hash_bytes(place), piece.place);
  }
}

void Template::set_encoding(Encoding encoding) {
  for (Piece& piece : pieces_) {
    // Numbers are raw too, and every encoding leaves them as they are.
    if (piece.encoding == Encoding::kRaw) {
      piece.encoding = encoding;
    }
  }
}

void Template::encode(Encoding encoding) {
  encode_tail(first_, 0, encoding);
  for (Piece& piece : pieces_) {
    encode_tail(piece.literal, 0, encoding);
  }
  set_encoding(encoding);
}

std::size_t Template::literal_bytes() const {
  std::size_t size = first_.size();
  for (const Piece& piece : pieces_) {
    size += piece.literal.size();
  }
  return size;
}

void Template::append(const Template& next) {
  // A copy first: `next` may be this template.
  std::vector<Piece> pieces = next.pieces_;
  append_literal(std::string(next.first_));
  pieces_.insert(pieces_.end(), std::make_move_iterator(pieces.begin()),
                 std::make_move_iterator(pieces.end()));
}

void Template::append_literal(std::string_view text) {
  (pieces_.empty() ? first_ : pieces_.back().literal).append(text);
}

std::string Template::source() const {
  std::string text = first_;
  for (const Piece& piece : pieces_) {
    text += fmt::format("{{{{{}}}}}{}", piece.name, piece.literal);
  }
  return text;
}

}  // namespace squall::expr
