#include "loadgen/net/http_header.hpp"

#include <algorithm>
#include <array>

#include "loadgen/base/text.hpp"

namespace squall::net {
namespace {

bool is_token_byte(char byte) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  const bool digit = byte >= '0' && byte <= '9';
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  return digit || letter || kPunctuation.find(byte) != std::string_view::npos;
}

struct Phrase {
  int status;
  std::string_view text;
};

constexpr auto kPhrases = std::to_array<Phrase>({
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {425, "Too Early"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
});

}  // namespace

std::string_view find_header(const HeaderFields& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [name](const auto& field) {
    return equals_ignoring_case(field.first, name);
  });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_byte);
}

bool is_header_field(std::string_view name, std::string_view value) {
  return is_header_name(name) && std::none_of(value.begin(), value.end(), [](char byte) {
           constexpr unsigned char kDelete = 127;
           const auto code = static_cast<unsigned char>(byte);
           return (code < ' ' && byte != '\t') || code == kDelete;
         });
}

std::string_view reason_phrase(int status) {
  const auto* const found =
      std::find_if(kPhrases.begin(), kPhrases.end(),
                   [status](const Phrase& each) { return each.status == status; });
  return found == kPhrases.end() ? "Status" : found->text;
}

}  // namespace squall::net
