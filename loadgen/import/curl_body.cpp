#include "loadgen/import/curl_body.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/hash.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/import/outside_url.hpp"

namespace squall::import {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kJson = "application/json";

void note_file(std::string_view option, std::string_view name, CurlBody& body) {
  body.notes.push_back(fmt::format("LEFT OUT: {} sends the file {}; name it in {}", option,
                                   printable(name),
                                   option == "-F" ? "`multipart`" : "`body_file`"));
}

// "content", "=content", "name=content", "@file" or "name@file".
std::optional<std::string> urlencoded_piece(std::string_view text, CurlBody& body) {
  const std::size_t mark = text.find_first_of("=@");
  if (mark == std::string_view::npos) {
    return encoded_around_variables(text);
  }
  if (text[mark] == '@') {
    note_file("--data-urlencode", text.substr(mark + 1), body);
    return std::nullopt;
  }
  return (mark == 0 ? std::string() : fmt::format("{}=", text.substr(0, mark))) +
         encoded_around_variables(text.substr(mark + 1));
}

std::optional<std::string> data_piece(const CurlData& data, CurlBody& body) {
  if (data.how == CurlMeaning::kDataUrlencode) {
    return urlencoded_piece(data.text, body);
  }
  if (data.text.starts_with('@') && data.how != CurlMeaning::kDataRaw) {
    note_file(data.how == CurlMeaning::kJson ? "--json" : "-d",
              std::string_view(data.text).substr(1), body);
    return std::nullopt;
  }
  return data.text;
}

void add_data(const CurlRequest& request, CurlBody& body) {
  std::string text;
  bool json = false;
  for (const CurlData& data : request.data) {
    json = json || data.how == CurlMeaning::kJson;
    const auto piece = data_piece(data, body);
    if (piece) {
      text += (text.empty() || data.how == CurlMeaning::kJson ? "" : "&") + *piece;
    }
  }
  if (request.data_in_query) {
    body.query = text;
    return;
  }
  body.text = text;
  body.content_type = json ? kJson : kForm;
}

// The part of -F "name=value;type=…": only what is text.
void add_form_part(const CurlData& data, std::string_view boundary, CurlBody& body) {
  const std::string_view text = data.text;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    body.notes.push_back(
        fmt::format("LEFT OUT: the form part \"{}\", which has no '='", printable(text)));
    return;
  }
  const std::string_view name = text.substr(0, equals);
  std::string_view value = text.substr(equals + 1);
  std::string type;
  if (data.how == CurlMeaning::kForm) {
    if (value.starts_with('@') || value.starts_with('<')) {
      note_file("-F", value.substr(1), body);
      return;
    }
    constexpr std::string_view kType = ";type=";
    if (const std::size_t at = value.rfind(kType); at != std::string_view::npos) {
      type = fmt::format("Content-Type: {}\r\n", value.substr(at + kType.size()));
      value = value.substr(0, at);
    }
  }
  *body.text += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n{}\r\n{}\r\n",
                            boundary, name, type, value);
}

void add_form(const CurlRequest& request, CurlBody& body) {
  // A boundary that the parts do not hold; the same command gives the same plan.
  std::uint64_t seed = 0;
  std::string all;
  for (const CurlData& data : request.form) {
    all += data.text;
  }
  std::string boundary;
  do {
    boundary = fmt::format("squall-{:016x}", hash_bytes(all, ++seed));
  } while (all.find(boundary) != std::string::npos);
  body.text = "";
  body.content_type = "multipart/form-data; boundary=" + boundary;
  for (const CurlData& data : request.form) {
    add_form_part(data, boundary, body);
  }
  *body.text += fmt::format("--{}--\r\n", boundary);
}

}  // namespace

std::string encoded_around_variables(std::string_view text) {
  std::string encoded;
  bool in_variable = false;
  for (const std::string_view part : split(text, kVariableMark)) {
    encoded +=
        in_variable ? kVariableMark + std::string(part) + kVariableMark : percent_encoded(part);
    in_variable = !in_variable;
  }
  return encoded;
}

CurlBody curl_body(const CurlRequest& request) {
  CurlBody body;
  if (!request.form.empty()) {
    add_form(request, body);
  } else if (!request.data.empty()) {
    add_data(request, body);
  }
  if (request.upload) {
    note_file("-T", *request.upload, body);
  }
  return body;
}

}  // namespace squall::import
